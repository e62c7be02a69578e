package wechat

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/silenceper/wechat/v2/officialaccount/basic"
	sdkcontext "github.com/silenceper/wechat/v2/officialaccount/context"
	"github.com/silenceper/wechat/v2/officialaccount/message"
)

// TemplateMessage is one template message. Its fields are typed by their names (thing, time, phrase, …), and a value
// that breaks its type fails with ClassBadField.
type TemplateMessage struct {
	ToUser, TemplateID string
	URL                string            // opened by a tap, may be empty
	AppID, PagePath    string            // the mini program opened by a tap, may be empty
	Data               map[string]string // field name, such as "thing1", to value
	ClientMsgID        string            // the platform drops a second message with the same one, may be empty
}

// SendTemplate sends a template message and returns its msgid, by which EventTemplateDone tells how it ended.
func (c *Client) SendTemplate(ctx context.Context, m TemplateMessage) (msgID string, err error) {
	if m.ToUser == "" {
		return "", errors.New("wechat: a template message to nobody")
	}
	out := &message.TemplateMessage{
		ToUser: m.ToUser, TemplateID: m.TemplateID, URL: m.URL, ClientMsgID: m.ClientMsgID,
		Data: make(map[string]*message.TemplateDataItem, len(m.Data)),
	}
	for name, value := range m.Data {
		out.Data[name] = &message.TemplateDataItem{Value: cleanText(value)}
	}
	out.MiniProgram.AppID, out.MiniProgram.PagePath = m.AppID, m.PagePath
	err = c.sdk(ctx, func(sdk *sdkcontext.Context) error {
		id, err := message.NewTemplate(sdk).Send(out)
		msgID = strconv.FormatInt(id, 10)
		return err
	})
	if err != nil {
		return "", err
	}
	return msgID, nil
}

// Notification is one 订阅通知: it spends one consent of the user, unless the consent is a long-term one.
type Notification struct {
	ToUser, TemplateID string
	Page               string // opened by a tap, may be empty
	AppID, PagePath    string // the mini program opened by a tap, may be empty
	Data               map[string]string
}

// SendNotification sends a 订阅通知. Without consent it fails with ClassConsent.
func (c *Client) SendNotification(ctx context.Context, n Notification) error {
	if n.ToUser == "" {
		return errors.New("wechat: a notification to nobody")
	}
	out := &message.SubscribeMessage{
		ToUser: n.ToUser, TemplateID: n.TemplateID, Page: n.Page,
		Data: make(map[string]*message.SubscribeDataItem, len(n.Data)),
	}
	for name, value := range n.Data {
		out.Data[name] = &message.SubscribeDataItem{Value: cleanText(value)}
	}
	out.MiniProgram.AppID, out.MiniProgram.PagePath = n.AppID, n.PagePath
	return c.sdk(ctx, func(sdk *sdkcontext.Context) error { return message.NewSubscribe(sdk).Send(out) })
}

// MaxQRCodeLife is how long a QR code with an end may live.
const MaxQRCodeLife = 2592000 * time.Second

// QRCode is a QR code that brings a user to the account with a scene, as EventSubscribe or EventScan.
type QRCode struct {
	Ticket   string
	Lives    time.Duration // 0: for ever
	URL      string        // what the code says
	ImageURL string        // its picture, for browsers
}

// CreateQRCode makes a QR code for a scene of 1 to 64 characters. lives is at most MaxQRCodeLife; 0 makes a permanent
// code, of which an account has 100,000 in all.
func (c *Client) CreateQRCode(ctx context.Context, scene string, lives time.Duration) (QRCode, error) {
	if n := utf8.RuneCountInString(scene); n < 1 || n > 64 {
		return QRCode{}, fmt.Errorf("wechat: a scene of %d characters, 1 to 64 are allowed", n)
	}
	if lives < 0 || lives > MaxQRCodeLife {
		return QRCode{}, fmt.Errorf("wechat: a QR code lives at most %s", MaxQRCodeLife)
	}
	request := basic.NewLimitQrRequest(scene)
	if lives > 0 {
		request = basic.NewTmpQrRequest(max(lives, time.Second), scene)
	}
	var ticket *basic.Ticket
	err := c.sdk(ctx, func(sdk *sdkcontext.Context) (err error) {
		ticket, err = basic.NewBasic(sdk).GetQRTicket(request)
		return err
	})
	if err != nil {
		return QRCode{}, err
	}
	return QRCode{
		Ticket: ticket.Ticket, URL: ticket.URL, Lives: time.Duration(ticket.ExpireSeconds) * time.Second,
		ImageURL: c.cfg.MPURL + "/cgi-bin/showqrcode?ticket=" + url.QueryEscape(ticket.Ticket),
	}, nil
}

// User is what the platform tells about a user. Names and pictures are no longer told.
type User struct {
	OpenID, UnionID string
	Subscribed      bool // false: all else is empty
	SubscribedAt    time.Time
	Scene           string // subscribe_scene: how the user came, ADD_SCENE_QR_CODE, …
	QRScene         string // qr_scene_str
	Language        string
	Remark          string
}

// UserInfo asks the platform about one user. It is a call of our own: the SDK's SubscribeTime ends in 2038 and its
// URL takes the openid unescaped.
func (c *Client) UserInfo(ctx context.Context, openID string) (User, error) {
	var a struct {
		OpenID        string `json:"openid"`
		UnionID       string `json:"unionid"`
		Subscribe     int    `json:"subscribe"`
		SubscribeTime int64  `json:"subscribe_time"`
		Scene         string `json:"subscribe_scene"`
		QRScene       string `json:"qr_scene_str"`
		Language      string `json:"language"`
		Remark        string `json:"remark"`
	}
	if err := c.get(ctx, "/cgi-bin/user/info", url.Values{"openid": {openID}, "lang": {"zh_CN"}}, &a); err != nil {
		return User{}, err
	}
	u := User{
		OpenID: a.OpenID, UnionID: a.UnionID, Subscribed: a.Subscribe != 0,
		Scene: a.Scene, QRScene: a.QRScene, Language: a.Language, Remark: a.Remark,
	}
	if a.SubscribeTime > 0 {
		u.SubscribedAt = time.Unix(a.SubscribeTime, 0).UTC()
	}
	return u, nil
}
