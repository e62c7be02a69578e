package wechat

import (
	"context"
	"fmt"

	sdkcontext "github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/officialaccount/menu"
)

// The platform's limits for menus: counts, and bytes of UTF-8.
const (
	maxButtons    = 3
	maxSubButtons = 5
	maxName       = 16
	maxSubName    = 60
	maxKey        = 128
	maxURL        = 1024
)

// Menu is the account's menu: at most 3 buttons, or groups of at most 5.
type Menu struct{ Buttons []Button }

// Button is one button, or a group of buttons when Sub is set.
type Button struct {
	Type     string // click, view, miniprogram, scancode_push, …; empty for a group
	Name     string // at most 16 bytes, within a group 60
	Key      string // click: comes back as EventKey, at most 128 bytes
	URL      string // view, miniprogram: at most 1,024 bytes
	MediaID  string
	AppID    string // miniprogram
	PagePath string // miniprogram
	Sub      []Button
}

// Validate names the first button that breaks the platform's limits.
func (m Menu) Validate() error {
	if n := len(m.Buttons); n == 0 || n > maxButtons {
		return fmt.Errorf("wechat: a menu of %d buttons, 1 to %d are allowed", n, maxButtons)
	}
	for _, b := range m.Buttons {
		if len(b.Sub) > maxSubButtons {
			return fmt.Errorf("wechat: the group %q has %d buttons, %d are allowed", b.Name, len(b.Sub), maxSubButtons)
		}
		if err := b.validate(maxName); err != nil {
			return err
		}
		for _, sub := range b.Sub {
			if len(sub.Sub) > 0 {
				return fmt.Errorf("wechat: the button %q is a group within a group", sub.Name)
			}
			if err := sub.validate(maxSubName); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b Button) validate(nameLimit int) error {
	switch {
	case b.Name == "" || len(b.Name) > nameLimit:
		return fmt.Errorf("wechat: the button name %q has %d bytes, 1 to %d are allowed", b.Name, len(b.Name), nameLimit)
	case len(b.Key) > maxKey:
		return fmt.Errorf("wechat: the key of button %q is longer than %d bytes", b.Name, maxKey)
	case len(b.URL) > maxURL:
		return fmt.Errorf("wechat: the URL of button %q is longer than %d bytes", b.Name, maxURL)
	case b.Type == "" && len(b.Sub) == 0:
		return fmt.Errorf("wechat: the button %q has no type", b.Name)
	case b.Type == "click" && b.Key == "":
		return fmt.Errorf("wechat: the button %q has no key", b.Name)
	case (b.Type == "view" || b.Type == "miniprogram") && b.URL == "":
		return fmt.Errorf("wechat: the button %q has no URL", b.Name)
	}
	return nil
}

// CreateMenu replaces the menu, after Validate. Users see it within a day, or at once when they follow anew.
func (c *Client) CreateMenu(ctx context.Context, m Menu) error {
	if err := m.Validate(); err != nil {
		return err
	}
	return c.sdk(ctx, func(sdk *sdkcontext.Context) error { return menu.NewMenu(sdk).SetMenu(toSDK(m.Buttons)) })
}

// GetMenu returns the menu that CreateMenu made.
func (c *Client) GetMenu(ctx context.Context) (Menu, error) {
	var m Menu
	err := c.sdk(ctx, func(sdk *sdkcontext.Context) error {
		answer, err := menu.NewMenu(sdk).GetMenu()
		buttons := make([]*menu.Button, len(answer.Menu.Button))
		for i := range buttons {
			buttons[i] = &answer.Menu.Button[i]
		}
		m.Buttons = fromSDK(buttons)
		return err
	})
	return m, err
}

// DeleteMenu removes the menu.
func (c *Client) DeleteMenu(ctx context.Context) error {
	return c.sdk(ctx, func(sdk *sdkcontext.Context) error { return menu.NewMenu(sdk).DeleteMenu() })
}

func toSDK(buttons []Button) []*menu.Button {
	out := make([]*menu.Button, len(buttons))
	for i, b := range buttons {
		out[i] = &menu.Button{Type: b.Type, Name: b.Name, Key: b.Key, URL: b.URL, MediaID: b.MediaID, AppID: b.AppID, PagePath: b.PagePath}
		if len(b.Sub) > 0 { // a group has no action of its own
			out[i] = menu.NewSubButton(b.Name, toSDK(b.Sub))
		}
	}
	return out
}

func fromSDK(buttons []*menu.Button) []Button {
	var out []Button
	for _, b := range buttons {
		out = append(out, Button{Type: b.Type, Name: b.Name, Key: b.Key, URL: b.URL, MediaID: b.MediaID,
			AppID: b.AppID, PagePath: b.PagePath, Sub: fromSDK(b.SubButtons)})
	}
	return out
}
