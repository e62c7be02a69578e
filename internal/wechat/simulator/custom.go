package simulator

import (
	"strings"
	"time"
)

// customMessage is the body of custom/send.
type customMessage struct {
	ToUser  string `json:"touser"`
	MsgType string `json:"msgtype"`
	Text    *struct {
		Content string `json:"content"`
	} `json:"text"`
	Image *mediaRef `json:"image"`
	Voice *mediaRef `json:"voice"`
	Video *mediaRef `json:"video"`
	Music *struct {
		Title        string `json:"title"`
		Description  string `json:"description"`
		MusicURL     string `json:"musicurl"`
		ThumbMediaID string `json:"thumb_media_id"`
	} `json:"music"`
	News *struct {
		Articles []struct {
			Title       string `json:"title"`
			Description string `json:"description"`
			URL         string `json:"url"`
			PicURL      string `json:"picurl"`
		} `json:"articles"`
	} `json:"news"`
	MsgMenu *struct {
		Head string     `json:"head_content"`
		List []MenuItem `json:"list"`
		Tail string     `json:"tail_content"`
	} `json:"msgmenu"`
	MiniProgram *struct {
		Title        string `json:"title"`
		AppID        string `json:"appid"`
		PagePath     string `json:"pagepath"`
		ThumbMediaID string `json:"thumb_media_id"`
	} `json:"miniprogrampage"`
	AIContext struct {
		IsAI int `json:"is_ai_msg"`
	} `json:"aimsgcontext"`
}

type mediaRef struct {
	MediaID     string `json:"media_id"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

// customSend: the message must be right, the person reachable and a window open; only then is the quota spent.
func (p *Platform) customSend(c *call) (any, *apiErr) {
	var m customMessage
	if failure := c.decode(&m); failure != nil {
		return nil, failure
	}
	if failure := p.reachable(m.ToUser); failure != nil {
		return nil, failure
	}
	b, failure := p.customBubble(&m)
	if failure != nil {
		return nil, failure
	}
	b.From, b.Via, b.AI = FromAccount, "custom", m.AIContext.IsAI == 1
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[m.ToUser]
	if code := u.spend(c.now); code != 0 {
		return nil, fail(code, "%s", words(code))
	}
	p.show(u, b)
	return nil, nil
}

// reachable: 40003 for an unknown openid, 43019 for a blacklisted one, 43004 without following.
func (p *Platform) reachable(openid string) *apiErr {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[openid]
	switch {
	case u == nil:
		return fail(40003, "invalid openid")
	case u.blocked:
		return fail(43019, "require remove blacklist")
	case !u.following:
		return fail(43004, "require subscribe")
	}
	return nil
}

func tooLong() *apiErr { return fail(45002, "content size out of limit") }

// customBubble checks the content of a customer-service message.
func (p *Platform) customBubble(m *customMessage) (Bubble, *apiErr) {
	invalid := fail(40008, "invalid message type")
	switch {
	case m.MsgType == "text" && m.Text != nil:
		if m.Text.Content == "" {
			return Bubble{}, fail(44004, "empty content")
		}
		if len(m.Text.Content) > maxReplyText {
			return Bubble{}, tooLong()
		}
		return textBubble(m.Text.Content), nil
	case m.MsgType == "image" && m.Image != nil:
		return p.customMedia("image", m.Image)
	case m.MsgType == "voice" && m.Voice != nil:
		return p.customMedia("voice", m.Voice)
	case m.MsgType == "video" && m.Video != nil:
		return p.customMedia("video", m.Video)
	case m.MsgType == "music" && m.Music != nil:
		return Bubble{Type: "music", Title: m.Music.Title, Text: m.Music.Description, URL: webURL(m.Music.MusicURL)}, nil
	case m.MsgType == "news" && m.News != nil:
		return customNews(m)
	case m.MsgType == "msgmenu" && m.MsgMenu != nil:
		return customMenu(m)
	case m.MsgType == "miniprogrampage" && m.MiniProgram != nil:
		return Bubble{Type: "miniprogram", Title: m.MiniProgram.Title, Text: m.MiniProgram.Title}, nil
	case strings.TrimSpace(m.MsgType) == "":
		return Bubble{}, invalid
	}
	return Bubble{}, invalid
}

func (p *Platform) customMedia(kind string, ref *mediaRef) (Bubble, *apiErr) {
	b, err := p.mediaBubble(kind, ref.MediaID, ref.Title, ref.Description)
	if err != nil {
		return b, fail(40007, "invalid media_id")
	}
	return b, nil
}

func customNews(m *customMessage) (Bubble, *apiErr) {
	if len(m.News.Articles) != 1 {
		return Bubble{}, fail(45008, "article size out of limit")
	}
	a := m.News.Articles[0]
	return Bubble{Type: "news", Text: a.Title, Articles: []Article{{a.Title, a.Description, webURL(a.PicURL), webURL(a.URL)}}}, nil
}

func customMenu(m *customMessage) (Bubble, *apiErr) {
	size := len(m.MsgMenu.Head) + len(m.MsgMenu.Tail)
	text := m.MsgMenu.Head
	for _, item := range m.MsgMenu.List {
		if item.ID == "" || item.Content == "" {
			return Bubble{}, fail(47001, "data format error")
		}
		size += len(item.Content)
		text += "\n" + item.Content
	}
	if len(m.MsgMenu.List) == 0 {
		return Bubble{}, fail(44004, "empty content")
	}
	if size > maxReplyText {
		return Bubble{}, tooLong()
	}
	if m.MsgMenu.Tail != "" {
		text += "\n" + m.MsgMenu.Tail
	}
	return Bubble{Type: "msgmenu", Text: text, Parts: ParseParts(m.MsgMenu.Head), Items: m.MsgMenu.List, Tail: ParseParts(m.MsgMenu.Tail)}, nil
}

// Typing rules: contact within 30 s before; one indicator lasts 15 s.
const (
	typingContact = 30 * time.Second
	typingLasts   = 15 * time.Second
)

func (p *Platform) typing(c *call) (any, *apiErr) {
	var m struct {
		ToUser  string `json:"touser"`
		Command string `json:"command"`
	}
	if failure := c.decode(&m); failure != nil {
		return nil, failure
	}
	if failure := p.reachable(m.ToUser); failure != nil {
		return nil, failure
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[m.ToUser]
	switch {
	case m.Command == "CancelTyping":
		u.typingUntil = time.Time{}
		return nil, nil
	case m.Command != "Typing":
		return nil, fail(45072, "command field invalid")
	case c.now.Sub(u.lastContact) > typingContact:
		return nil, fail(45080, "need contact within 30 seconds before sending typing")
	case c.now.Before(u.typingUntil):
		return nil, fail(45081, "already typing")
	}
	u.typingUntil = c.now.Add(typingLasts)
	return nil, nil
}
