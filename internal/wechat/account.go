package wechat

import (
	"context"
	"time"
)

// TemplateMessage is one template message.
type TemplateMessage struct {
	ToUser, TemplateID string
	URL                string            // opened by a tap, may be empty
	Data               map[string]string // field → value
	ClientMsgID        string            // idempotency key
	AppID, PagePath    string            // mini program
}

// SendTemplate sends a template message and returns its msgid.
func (c *Client) SendTemplate(ctx context.Context, m TemplateMessage) (msgID string, err error) {
	return "", errTodo
}

// Notification is one 订阅通知.
type Notification struct {
	ToUser, TemplateID string
	Page               string
	Data               map[string]string
	AppID, PagePath    string
}

// SendNotification sends a 订阅通知.
func (c *Client) SendNotification(ctx context.Context, n Notification) error { return errTodo }

// Menu is the account's menu.
type Menu struct{ Buttons []Button }

// Button is one button or one group of buttons.
type Button struct {
	Type     string // click, view, miniprogram, …; empty for a group
	Name     string
	Key      string
	URL      string
	MediaID  string
	AppID    string
	PagePath string
	Sub      []Button
}

// CreateMenu replaces the menu.
func (c *Client) CreateMenu(ctx context.Context, m Menu) error { return errTodo }

// GetMenu returns the menu.
func (c *Client) GetMenu(ctx context.Context) (Menu, error) { return Menu{}, errTodo }

// DeleteMenu removes the menu.
func (c *Client) DeleteMenu(ctx context.Context) error { return errTodo }

// QRCode is a QR code with a scene.
type QRCode struct {
	Ticket   string
	Expires  time.Duration // 0: permanent
	URL      string        // what the code says
	ImageURL string        // where its picture is
}

// CreateQRCode makes a QR code; validFor 0 makes a permanent one.
func (c *Client) CreateQRCode(ctx context.Context, scene string, validFor time.Duration) (QRCode, error) {
	return QRCode{}, errTodo
}

// User is what the platform tells about a follower.
type User struct {
	OpenID, UnionID string
	Subscribed      bool
	SubscribedAt    time.Time
	Scene           string // subscribe_scene
	QRScene         string // qr_scene_str
	Language        string
	Remark          string
}

// UserInfo returns what the platform tells about a user.
func (c *Client) UserInfo(ctx context.Context, openID string) (User, error) { return User{}, errTodo }
