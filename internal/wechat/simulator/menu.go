package simulator

import "strings"

// Menu is the account's bottom menu as menu/create set it.
type Menu struct {
	Buttons []Button `json:"button"`
}

// Button is one entry; with Sub it opens and does nothing itself.
type Button struct {
	Type     string   `json:"type,omitempty"`
	Name     string   `json:"name"`
	Key      string   `json:"key,omitempty"`
	URL      string   `json:"url,omitempty"`
	MediaID  string   `json:"media_id,omitempty"`
	AppID    string   `json:"appid,omitempty"`
	PagePath string   `json:"pagepath,omitempty"`
	Sub      []Button `json:"sub_button,omitempty"`
}

// Menu limits.
const (
	maxButtons, maxSubButtons    = 3, 5
	maxButtonName, maxSubNameLen = 16, 60 // bytes
	maxButtonKey, maxButtonURL   = 128, 1024
)

// Menu is the current menu, nil without one.
func (p *Platform) Menu() *Menu {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.menu // replaced as a whole, never changed
}

func (p *Platform) menuCreate(c *call) (any, *apiErr) {
	var m Menu
	if failure := c.decode(&m); failure != nil {
		return nil, failure
	}
	if n := len(m.Buttons); n == 0 || n > maxButtons {
		return nil, fail(40016, "invalid button size")
	}
	for _, b := range m.Buttons {
		if failure := b.check(false); failure != nil {
			return nil, failure
		}
	}
	p.mu.Lock()
	p.menu = &m
	p.mu.Unlock()
	p.changed("")
	return nil, nil
}

// check enforces the limits; the codes differ for sub-buttons.
func (b *Button) check(sub bool) *apiErr {
	pick := func(top, below int) int {
		if sub {
			return below
		}
		return top
	}
	limit := pick(maxButtonName, maxSubNameLen)
	if b.Name == "" || len(b.Name) > limit {
		return fail(pick(40018, 40025), "invalid button name size")
	}
	if len(b.Sub) > 0 {
		if sub {
			return fail(40022, "invalid sub button level")
		}
		if len(b.Sub) > maxSubButtons {
			return fail(40023, "invalid sub button size")
		}
		for i := range b.Sub {
			if failure := b.Sub[i].check(true); failure != nil {
				return failure
			}
		}
		return nil
	}
	return b.checkAction(pick)
}

func (b *Button) checkAction(pick func(int, int) int) *apiErr {
	switch b.Type {
	case "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select":
		if b.Key == "" || len(b.Key) > maxButtonKey {
			return fail(pick(40019, 40026), "invalid button key size")
		}
	case "view", "miniprogram":
		if b.URL == "" || len(b.URL) > maxButtonURL {
			return fail(pick(40020, 40027), "invalid button url size")
		}
		if !strings.HasPrefix(b.URL, "http://") && !strings.HasPrefix(b.URL, "https://") {
			return fail(pick(40054, 40055), "invalid button url domain")
		}
	case "media_id", "view_limited", "article_id", "article_view_limited":
	default:
		return fail(pick(40017, 40024), "invalid button type")
	}
	return nil
}

func (p *Platform) menuGet(*call) (any, *apiErr) {
	m := p.Menu()
	if m == nil {
		return nil, fail(46003, "menu no exist")
	}
	return map[string]any{"menu": m}, nil
}

func (p *Platform) menuDelete(*call) (any, *apiErr) {
	p.mu.Lock()
	p.menu = nil
	p.mu.Unlock()
	p.changed("")
	return nil, nil
}
