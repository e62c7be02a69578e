package wechat

// MaxTextBytes is the platform's limit for one text, passive or 客服, in bytes of UTF-8. About 600 汉字 read well.
const MaxTextBytes = 2048

// The values of Reply.Type.
const (
	ReplyText     = "text"
	ReplyImage    = "image"
	ReplyVoice    = "voice"
	ReplyVideo    = "video"
	ReplyMusic    = "music"
	ReplyNews     = "news"
	ReplyTransfer = "transfer_customer_service"
)

// Reply is a passive reply: the body that answers the platform's POST. The zero value answers "success", which
// shows the user nothing and stops the redelivery.
type Reply struct {
	Type         string
	Text         string    // text: at most MaxTextBytes
	MediaID      string    // image, voice, video
	ThumbMediaID string    // music
	Title        string    // video, music
	Description  string    // video, music
	MusicURL     string    // music
	HQMusicURL   string    // music
	Articles     []Article // news: exactly one
	KfAccount    string    // transfer_customer_service: a certain agent, may be empty
}

// Article is one article of a news reply or a news message.
type Article struct {
	Title, Description, PicURL, URL string
}

// TextReply is a text reply. An empty text gives the zero Reply.
func TextReply(s string) Reply {
	if s == "" {
		return Reply{}
	}
	return Reply{Type: ReplyText, Text: s}
}
