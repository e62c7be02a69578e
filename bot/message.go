// Package bot is the conversation: a message in, a reply out. It knows no HTTP
// and no SQL.
package bot

import "time"

// Kinds of messages, as the channel names them.
const (
	KindText     = "text"
	KindVoice    = "voice"
	KindImage    = "image"
	KindVideo    = "video"
	KindLocation = "location"
	KindLink     = "link"
	KindEvent    = "event"
)

// Events that the bot answers or acts on.
const (
	EventFollow   = "subscribe"
	EventUnfollow = "unsubscribe"
	EventScan     = "SCAN"
	EventClick    = "CLICK"
)

// Message is one message or event of a contact.
type Message struct {
	ID      string    `json:"-"` // of the stored message (desk.Inbound)
	Contact string    `json:"-"` // openid
	Kind    string    `json:"kind"`
	Text    string    `json:"text,omitempty"`
	Tap     string    `json:"tap,omitempty"` // id of the inline menu entry that was tapped
	Media   string    `json:"media,omitempty"`
	Picture string    `json:"picture,omitempty"` // where the platform shows a photo
	Label   string    `json:"label,omitempty"`   // of a location or a link
	Event   string    `json:"event,omitempty"`
	Key     string    `json:"key,omitempty"` // of an event
	At      time.Time `json:"at"`
}

// Reply is what the contact reads. An empty reply says nothing.
type Reply struct {
	Text    string `json:"text,omitempty"`
	Choices []Tap  `json:"choices,omitempty"` // each on a line of its own, under the text
	Links   []Link `json:"links,omitempty"`
	Taps    []Tap  `json:"taps,omitempty"`
	More    bool   `json:"-"` // the rest of a long answer is asked for; Text stands for "there is none"
}

// Empty reports whether there is nothing to say.
func (r Reply) Empty() bool { return r.Text == "" }

// Link leads to a page of ours; Path begins with a slash.
type Link struct {
	Label string `json:"label"`
	Path  string `json:"path"`
}

// Tap is an inline menu entry: a tap sends Says back with ID.
type Tap struct {
	ID    int    `json:"id"`
	Label string `json:"label"`
	Say   string `json:"say,omitempty"` // what a tap sends, when it is more than the label
}

// Says is the text that a tap sends back.
func (t Tap) Says() string {
	if t.Say != "" {
		return t.Say
	}
	return t.Label
}

// The taps. Their labels, typed by hand, do the same.
var (
	TapExpert  = Tap{ID: 101, Label: "转专家"}
	TapUseful  = Tap{ID: 102, Label: "有用"}
	TapUseless = Tap{ID: 103, Label: "没用"}
	TapMine    = Tap{ID: 104, Label: "我的咨询"}
	TapHelp    = Tap{ID: 105, Label: "怎么问"}
	TapMore    = Tap{ID: 106, Label: "继续看"}   // the rest of a long answer
	TapNew     = Tap{ID: 107, Label: "这是新问题"} // not meant for the expert who asked, nor for the open consultation
	TapReply   = Tap{ID: 108, Label: "回复专家"}  // meant for the expert, though the bot answered it
	TapYes     = Tap{ID: 109, Label: "是的"}
	TapNo      = Tap{ID: 110, Label: "不是"}
)

// Ids of taps that come in numbers.
const (
	firstReading = 111 // the tap on the first of several readings
	firstStar    = 121 // the tap that gives an expert's answer one star; two stars is the next
	tapReopen    = 131 // an expert's answer did not help
	tapBelongs   = 132 // a photo belongs to the first of several consultations
)

// Keys of the account's bottom menu.
const (
	MenuAsk    = "ASK"
	MenuExpert = "EXPERT"
	MenuMine   = "MINE"
	MenuMe     = "ME"
	MenuHelp   = "HELP"
)
