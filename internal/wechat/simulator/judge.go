package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// verdict is what the platform makes of one answer.
type verdict struct {
	kind   verdictKind
	why    string // noAnswer, abnormal
	bubble Bubble // replied
}

type verdictKind int

const (
	noAnswer verdictKind = iota // deliver again
	silent                      // empty or success
	replied
	abnormal // the fault line, no redelivery
)

// maxReplyText is the limit of a passive text reply, in bytes.
const maxReplyText = 2048

// judge checks an answer as the platform does.
func (p *Platform) judge(openid string, a *Attempt, key string) verdict {
	switch {
	case a.Err != "":
		return verdict{kind: noAnswer, why: a.Err}
	case a.Status >= http.StatusInternalServerError:
		a.Err = "HTTP " + strconv.Itoa(a.Status)
		return verdict{kind: noAnswer, why: a.Err}
	case a.Status != http.StatusOK:
		a.Err = "HTTP " + strconv.Itoa(a.Status)
		return verdict{kind: abnormal, why: a.Err}
	}
	body := strings.TrimSpace(a.Reply)
	if body == "" || body == "success" {
		return verdict{kind: silent}
	}
	bubble, err := p.readReply(openid, body, key)
	if err != nil {
		a.Err = err.Error()
		return verdict{kind: abnormal, why: a.Err}
	}
	return verdict{kind: replied, bubble: bubble}
}

// readReply opens and checks a reply. With a key it must be sealed and signed; Compat alone takes plaintext as well.
func (p *Platform) readReply(openid, body, key string) (Bubble, error) {
	reply, err := parseXML(body)
	if err != nil {
		return Bubble{}, err
	}
	if key != "" {
		sealed := reply.get("Encrypt")
		p.mu.Lock()
		mode := p.mode
		p.mu.Unlock()
		switch {
		case sealed != "":
			if reply, err = p.openReply(reply, sealed, key); err != nil {
				return Bubble{}, err
			}
		case mode != Compat:
			return Bubble{}, fmt.Errorf("a plaintext reply in %s mode", mode)
		}
	} else if reply.child("Encrypt") != nil {
		return Bubble{}, fmt.Errorf("an encrypted reply in plain mode")
	}
	if got := reply.get("ToUserName"); got != openid {
		return Bubble{}, fmt.Errorf("ToUserName is %q and not the sender's openid", got)
	}
	if got := reply.get("FromUserName"); got != p.opt.OriginalID {
		return Bubble{}, fmt.Errorf("FromUserName is %q and not %s", got, p.opt.OriginalID)
	}
	if n, err := strconv.ParseInt(reply.get("CreateTime"), 10, 64); err != nil || n <= 0 {
		return Bubble{}, fmt.Errorf("CreateTime is %q", reply.get("CreateTime"))
	}
	return p.readContent(reply)
}

// openReply checks MsgSignature over TimeStamp, Nonce and Encrypt, and decrypts with the key that sealed the push.
func (p *Platform) openReply(outer *element, sealed, key string) (*element, error) {
	ts, nonce := outer.get("TimeStamp"), outer.get("Nonce")
	if _, err := strconv.ParseInt(ts, 10, 64); err != nil || nonce == "" {
		return nil, fmt.Errorf("an encrypted reply needs TimeStamp and Nonce")
	}
	if outer.get("MsgSignature") != sign(p.opt.Token, ts, nonce, sealed) {
		return nil, fmt.Errorf("MsgSignature of the reply is wrong")
	}
	plain, err := decrypt(sealed, p.opt.AppID, key)
	if err != nil {
		return nil, err
	}
	return parseXML(plain)
}

// readContent turns the checked reply into a bubble.
func (p *Platform) readContent(r *element) (Bubble, error) {
	switch kind := r.get("MsgType"); kind {
	case "text":
		text := r.get("Content")
		if text == "" {
			return Bubble{}, fmt.Errorf("the Content is empty")
		}
		if len(text) > maxReplyText {
			return Bubble{}, fmt.Errorf("the Content has %d bytes, %d are allowed", len(text), maxReplyText)
		}
		return textBubble(text), nil
	case "image", "voice", "video":
		part := map[string]string{"image": "Image", "voice": "Voice", "video": "Video"}[kind]
		return p.mediaBubble(kind, r.get(part, "MediaId"), r.get(part, "Title"), r.get(part, "Description"))
	case "music":
		if thumb := r.get("Music", "ThumbMediaId"); thumb != "" && !p.hasMedia(thumb) {
			return Bubble{}, fmt.Errorf("ThumbMediaId %q is unknown", thumb)
		}
		return Bubble{Type: "music", Title: r.get("Music", "Title"), Text: r.get("Music", "Description"),
			URL: webURL(r.get("Music", "MusicUrl"))}, nil
	case "news":
		return newsReply(r)
	case "transfer_customer_service":
		return Bubble{Type: "transfer", Text: "已转接人工客服"}, nil
	default:
		return Bubble{}, fmt.Errorf("MsgType %q cannot be a reply", kind)
	}
}

// newsReply reads a news reply: one article, and ArticleCount says so.
func newsReply(r *element) (Bubble, error) {
	b := Bubble{Type: "news"}
	if list := r.child("Articles"); list != nil {
		for _, item := range list.Children {
			if item.XMLName.Local != "item" {
				continue
			}
			b.Articles = append(b.Articles, Article{
				Title: item.get("Title"), Description: item.get("Description"),
				PicURL: webURL(item.get("PicUrl")), URL: webURL(item.get("Url")),
			})
		}
	}
	if n, err := strconv.Atoi(r.get("ArticleCount")); err != nil || n != len(b.Articles) {
		return b, fmt.Errorf("ArticleCount is %q for %d articles", r.get("ArticleCount"), len(b.Articles))
	}
	if len(b.Articles) != 1 {
		return b, fmt.Errorf("a news reply has one article, not %d", len(b.Articles))
	}
	b.Text = b.Articles[0].Title
	return b, nil
}

// textBubble is a text with its links found.
func textBubble(text string) Bubble {
	parts := ParseParts(text)
	return Bubble{Type: "text", Text: plainText(parts), Parts: parts}
}

// mediaBubble is a picture, voice or video that the account uploaded before.
func (p *Platform) mediaBubble(kind, mediaID, title, description string) (Bubble, error) {
	if !p.hasMedia(mediaID) {
		return Bubble{}, fmt.Errorf("media id %q is unknown", mediaID)
	}
	names := map[string]string{"image": "[图片]", "voice": "[语音]", "video": "[视频]"}
	return Bubble{Type: kind, Text: strings.TrimSpace(names[kind] + " " + description), Title: title, MediaID: mediaID}, nil
}
