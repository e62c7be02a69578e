package wechat

import (
	"fmt"
	"strconv"
	"strings"
)

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
	Text         string    // text: at most MaxTextBytes; SplitText helps
	MediaID      string    // image, voice, video
	ThumbMediaID string    // music
	Title        string    // video, music
	Description  string    // video, music
	MusicURL     string    // music
	HQMusicURL   string    // music: preferred on WLAN
	Articles     []Article // news: exactly one
	KfAccount    string    // transfer_customer_service: a certain agent, may be empty
}

// Article is the article of a news reply or a news message.
type Article struct {
	Title, Description, PicURL, URL string
}

// TextReply is a text reply. A blank text gives the zero Reply: the platform refuses empty texts.
func TextReply(s string) Reply {
	if strings.TrimSpace(s) == "" {
		return Reply{}
	}
	return Reply{Type: ReplyText, Text: s}
}

func (r Reply) empty() bool {
	return r.Type == "" || r.Type == ReplyText && strings.TrimSpace(r.Text) == ""
}

// check says why the platform would refuse r.
func (r Reply) check() error {
	need := func(ok bool, what string) error {
		if ok {
			return nil
		}
		return refuse(ReasonBadReply, r.Type+" needs "+what)
	}
	switch r.Type {
	case ReplyText:
		if len(r.Text) > MaxTextBytes {
			return &CallbackError{Reason: ReasonBadReply, Err: fmt.Errorf("text of %d bytes, the limit is %d", len(r.Text), MaxTextBytes)}
		}
		return nil
	case ReplyImage, ReplyVoice, ReplyVideo:
		return need(r.MediaID != "", "a MediaID")
	case ReplyMusic:
		return need(r.ThumbMediaID != "", "a ThumbMediaID")
	case ReplyNews:
		return need(len(r.Articles) == 1, "exactly one article")
	case ReplyTransfer:
		return nil
	}
	return refuse(ReasonBadReply, "there is no such reply type")
}

// appendXML appends the XML that answers p at the time now (Unix seconds).
func (r Reply) appendXML(dst []byte, p *Push, now int64) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	x := xmlWriter{append(dst, "<xml>"...)}
	x.text("ToUserName", p.FromUser)
	x.text("FromUserName", p.ToUser)
	x.raw("CreateTime", strconv.FormatInt(now, 10))
	x.text("MsgType", r.Type)
	switch r.Type {
	case ReplyText:
		x.text("Content", r.Text)
	case ReplyImage:
		x.group("Image", func() { x.text("MediaId", r.MediaID) })
	case ReplyVoice:
		x.group("Voice", func() { x.text("MediaId", r.MediaID) })
	case ReplyVideo:
		x.group("Video", func() {
			x.text("MediaId", r.MediaID)
			x.text("Title", r.Title)
			x.text("Description", r.Description)
		})
	case ReplyMusic:
		x.group("Music", func() {
			x.text("Title", r.Title)
			x.text("Description", r.Description)
			x.text("MusicUrl", r.MusicURL)
			x.text("HQMusicUrl", r.HQMusicURL)
			x.text("ThumbMediaId", r.ThumbMediaID)
		})
	case ReplyNews:
		x.news(r.Articles)
	case ReplyTransfer:
		if r.KfAccount != "" {
			x.group("TransInfo", func() { x.text("KfAccount", r.KfAccount) })
		}
	}
	return append(x.out, "</xml>"...), nil
}

// xmlWriter writes elements whose texts are CDATA, as the platform's own samples do.
type xmlWriter struct{ out []byte }

func (x *xmlWriter) open(name string)  { x.out = append(append(append(x.out, '<'), name...), '>') }
func (x *xmlWriter) close(name string) { x.out = append(append(append(x.out, "</"...), name...), '>') }

func (x *xmlWriter) raw(name, value string) {
	x.open(name)
	x.out = append(x.out, value...)
	x.close(name)
}

// text writes a CDATA element. Characters that XML cannot hold are dropped first, then every "]]>" is cut in two
// sections: in the other order a control character between its parts would let a text leave its element.
func (x *xmlWriter) text(name, value string) {
	value = cleanText(value)
	if strings.Contains(value, "]]>") {
		value = strings.ReplaceAll(value, "]]>", "]]]]><![CDATA[>")
	}
	x.open(name)
	x.out = append(x.out, "<![CDATA["...)
	x.out = append(x.out, value...)
	x.out = append(x.out, "]]>"...)
	x.close(name)
}

func (x *xmlWriter) group(name string, inside func()) {
	x.open(name)
	inside()
	x.close(name)
}

func (x *xmlWriter) news(articles []Article) {
	x.raw("ArticleCount", strconv.Itoa(len(articles)))
	x.group("Articles", func() {
		for _, a := range articles {
			x.group("item", func() {
				x.text("Title", a.Title)
				x.text("Description", a.Description)
				x.text("PicUrl", a.PicURL)
				x.text("Url", a.URL)
			})
		}
	})
}
