package wechat

import (
	"context"
	"fmt"
)

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
	ToUser       string // openid
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

// MessageList is the content of a msgmenu message: items between two lines of text.
type MessageList struct {
	Head, Tail string
	Items      []MenuItem
}

// MenuItem is one entry of a msgmenu message: a tap sends Content back as a text with bizmsgmenuid = ID.
type MenuItem struct {
	ID      int
	Content string
}

// TextMessage is a text for one user.
func TextMessage(openID, text string) Message {
	return Message{ToUser: openID, Type: MessageText, Text: text}
}

// Send sends one 客服 message. It is good within 48 h of a user's message (5 of them) or 1 min of a tap (3): later
// ones fail with ClassWindowClosed. An account without verification fails with ClassNoPermission. When the error is
// Uncertain, the user may have got the message.
func (c *Client) Send(ctx context.Context, m Message) error {
	content, err := m.content()
	if err != nil {
		return err
	}
	body := map[string]any{"touser": m.ToUser, "msgtype": m.Type, m.Type: content}
	if m.AI {
		body["aimsgcontext"] = map[string]int{"is_ai_msg": 1}
	}
	return c.post(ctx, "/cgi-bin/message/custom/send", body, nil)
}

// Typing shows the user that an answer is being written. It needs a contact within the last 30 s.
func (c *Client) Typing(ctx context.Context, openID string) error {
	body := map[string]string{"touser": openID, "command": "Typing"}
	return c.post(ctx, "/cgi-bin/message/custom/typing", body, nil)
}

// content is the object under the message's type.
func (m Message) content() (any, error) {
	if m.ToUser == "" { // some of the platform's calls take that for "everybody"
		return nil, fmt.Errorf("wechat: a message to nobody")
	}
	switch m.Type {
	case MessageText:
		return map[string]string{"content": cleanText(m.Text)}, nil
	case MessageImage, MessageVoice:
		return map[string]string{"media_id": m.MediaID}, nil
	case MessageVideo:
		return map[string]string{"media_id": m.MediaID, "thumb_media_id": m.ThumbMediaID, "title": m.Title, "description": m.Description}, nil
	case MessageMusic:
		return map[string]string{"title": m.Title, "description": m.Description, "musicurl": m.MusicURL,
			"hqmusicurl": m.HQMusicURL, "thumb_media_id": m.ThumbMediaID}, nil
	case MessageNews:
		return m.news()
	case MessageMenu:
		return m.menu()
	case MessageMiniProgram:
		return map[string]string{"title": m.Title, "appid": m.AppID, "pagepath": m.PagePath, "thumb_media_id": m.ThumbMediaID}, nil
	}
	return nil, fmt.Errorf("wechat: there is no message type %q", m.Type)
}

func (m Message) news() (any, error) {
	if len(m.Articles) != 1 {
		return nil, fmt.Errorf("wechat: news has %d articles, it needs exactly one", len(m.Articles))
	}
	a := m.Articles[0]
	article := map[string]string{"title": a.Title, "description": a.Description, "url": a.URL, "picurl": a.PicURL}
	return map[string]any{"articles": []map[string]string{article}}, nil
}

func (m Message) menu() (any, error) {
	if len(m.Menu.Items) == 0 {
		return nil, fmt.Errorf("wechat: a msgmenu without items")
	}
	list := make([]map[string]string, len(m.Menu.Items))
	for i, item := range m.Menu.Items {
		list[i] = map[string]string{"id": fmt.Sprint(item.ID), "content": item.Content}
	}
	return map[string]any{"head_content": m.Menu.Head, "list": list, "tail_content": m.Menu.Tail}, nil
}
