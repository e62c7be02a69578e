package wechat

import "context"

// The values of Message.Type.
const (
	MessageText        = "text"
	MessageImage       = "image"
	MessageVoice       = "voice"
	MessageVideo       = "video"
	MessageMusic       = "music"
	MessageNews        = "news"
	MessageMenu        = "msgmenu"
	MessageMiniProgram = "miniprogrampage"
)

// Message is one 客服 message.
type Message struct {
	ToUser       string
	Type         string
	Text         string      // text
	MediaID      string      // image, voice, video
	ThumbMediaID string      // video, music, miniprogrampage
	Title        string      // video, music, miniprogrampage
	Description  string      // video, music
	MusicURL     string      // music
	HQMusicURL   string      // music
	Articles     []Article   // news: exactly one
	Menu         MessageList // msgmenu
	AppID        string      // miniprogrampage
	PagePath     string      // miniprogrampage
	AI           bool        // marks the content as made by AI (aimsgcontext)
}

// MessageList is the content of a msgmenu message.
type MessageList struct {
	Head, Tail string
	Items      []MenuItem
}

// MenuItem is one entry of a msgmenu message: a tap sends Content back with bizmsgmenuid = ID, which is numeric.
type MenuItem struct{ ID, Content string }

// Send sends one 客服 message.
func (c *Client) Send(ctx context.Context, m Message) error { return errTodo }

// Typing shows the user "typing".
func (c *Client) Typing(ctx context.Context, openID string) error { return errTodo }
