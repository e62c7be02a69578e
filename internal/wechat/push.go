package wechat

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// The values of Push.MsgType. A type that is not listed is opened all the same: new ones must not break the callback.
const (
	TypeText       = "text"
	TypeImage      = "image"
	TypeVoice      = "voice"
	TypeVideo      = "video"
	TypeShortVideo = "shortvideo"
	TypeLocation   = "location"
	TypeLink       = "link"
	TypeEvent      = "event"
)

// The values of Push.Event, spelt as the platform spells them.
const (
	EventSubscribe      = "subscribe"   // EventKey is qrscene_X and Ticket is set when a QR code led here
	EventUnsubscribe    = "unsubscribe" // the user's personal data must be deleted
	EventScan           = "SCAN"
	EventLocation       = "LOCATION"
	EventClick          = "CLICK"
	EventView           = "VIEW"
	EventTemplateDone   = "TEMPLATESENDJOBFINISH"
	EventNotifyPopup    = "subscribe_msg_popup_event"
	EventNotifyChanged  = "subscribe_msg_change_event"
	EventNotifyFinished = "subscribe_msg_sent_event"
)

// Push is one message or event that the platform delivered. Fields that its type does not carry are empty.
// All texts are valid UTF-8 without control characters except tab and line feed.
type Push struct {
	ToUser    string    // ToUserName: the account's original id (gh_…)
	FromUser  string    // FromUserName: the user's openid
	CreatedAt time.Time // CreateTime, UTC, whole seconds
	MsgType   string
	MsgID     string // MsgId of a message, MsgID of a finished template message

	Content string // text
	MenuID  string // bizmsgmenuid of a tapped menu link; numeric by contract, any text is tolerated

	PicURL       string // image
	MediaID      string // image, voice, video, shortvideo
	MediaID16K   string // voice at 16 kHz
	Format       string // voice: amr, speex
	ThumbMediaID string // video, shortvideo

	Lat, Lon  float64 // location message and LOCATION event, degrees; 0 when unreadable
	Precision float64 // LOCATION event, metres
	Scale     int     // location message: map zoom
	Label     string  // location message: address

	Title, Description, URL string // link

	MsgDataID, Idx string // only when the message was sent from an article

	Event      string
	EventKey   string
	Ticket     string  // subscribe and SCAN by QR code
	ViewMenuID string  // MenuId of VIEW
	Status     string  // TEMPLATESENDJOBFINISH: "success", "failed:user block", …
	Popups     []Popup // subscribe_msg_* events, in the order of their List elements

	key string // the AES key that opened it, "" when it came in plaintext
}

// Popup is one List element of the subscribe_msg_* events: what a user decided on one notification template, or
// how the sending of one notification ended.
type Popup struct {
	TemplateID  string
	Status      string // SubscribeStatusString: "accept", "reject"
	Scene       string // PopupScene, subscribe_msg_popup_event only
	MsgID       string // subscribe_msg_sent_event only
	ErrorCode   string // subscribe_msg_sent_event only: "0" is success
	ErrorStatus string // subscribe_msg_sent_event only
}

// IsEvent tells an event from a message.
func (p *Push) IsEvent() bool { return p.MsgType == TypeEvent }

// Key identifies a push across its redeliveries: use it as the unique inbound id. Messages have "m:" and the MsgId;
// events have "e:" and the SHA-256 of sender, second, event, event key and what else tells two events of one second apart.
func (p *Push) Key() string {
	if !p.IsEvent() && p.MsgID != "" {
		return "m:" + p.MsgID
	}
	h := sha256.New()
	field := func(s string) {
		h.Write([]byte(s))
		h.Write([]byte{0}) // no field can hold a NUL: Open strips it
	}
	for _, s := range []string{p.FromUser, strconv.FormatInt(p.CreatedAt.Unix(), 10), p.Event, p.EventKey, p.MsgID, p.Status} {
		field(s)
	}
	if !p.IsEvent() { // a message without MsgId: its content is the best identity there is
		for _, s := range []string{p.MsgType, p.Content, p.MediaID, p.Label, p.URL} {
			field(s)
		}
	}
	for _, x := range p.Popups {
		for _, s := range []string{x.TemplateID, x.Status, x.Scene, x.MsgID, x.ErrorCode} {
			field(s)
		}
	}
	return "e:" + hex.EncodeToString(h.Sum(nil))
}
