package wechat

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"time"
)

// maxCreateTime is the last second of the year 9999.
const maxCreateTime = 253402300799

// maxElements bounds the elements under the root; the richest documented push has about fifteen.
const maxElements = 64

// maxPopups bounds the List elements of one event; the platform asks a user about three templates at most.
const maxPopups = 32

var (
	errRepeated = errors.New("an element is repeated with another value")
	errMissing  = errors.New("ToUserName, FromUserName, CreateTime or MsgType is missing or unreadable")
	errCrowded  = errors.New("too many elements")
)

// decodePush decodes the plaintext XML of a push. Elements it does not know are skipped: the platform adds new ones.
func decodePush(data []byte) (*Push, error) {
	d := decoder{push: new(Push), seen: make([]element, 0, 16)}
	if err := scanXML(data, d.element); err != nil {
		return nil, err
	}
	p := d.push
	if p.ToUser == "" || p.FromUser == "" || p.MsgType == "" || !d.dated {
		return nil, errMissing
	}
	return p, nil
}

type decoder struct {
	push  *Push
	dated bool
	popup Popup
	seen  []element // the elements under the root so far, to notice repetition
}

type element struct{ name, value []byte }

func (d *decoder) element(path [][]byte, text []byte, leaf bool) error {
	text = clean(text)
	switch {
	case len(path) == 2 && leaf:
		if err := d.once(path[1], text); err != nil {
			return err
		}
		return d.field(path[1], text)
	case len(path) >= 3 && string(path[2]) == "List" && bytes.HasPrefix(path[1], []byte("SubscribeMsg")):
		return d.list(path, text)
	}
	return nil
}

// once refuses an element that comes twice with different values: whoever could smuggle a second FromUserName into a
// message must not choose which one counts.
func (d *decoder) once(name, value []byte) error {
	for _, e := range d.seen {
		if bytes.Equal(e.name, name) && !bytes.Equal(e.value, value) {
			return errRepeated
		}
	}
	if len(d.seen) == maxElements {
		return errCrowded
	}
	d.seen = append(d.seen, element{name, value})
	return nil
}

// list collects the List elements of SubscribeMsgPopupEvent, SubscribeMsgChangeEvent and SubscribeMsgSentEvent.
func (d *decoder) list(path [][]byte, text []byte) error {
	if len(path) == 3 {
		if len(d.push.Popups) == maxPopups {
			return errCrowded
		}
		d.push.Popups = append(d.push.Popups, d.popup)
		d.popup = Popup{}
		return nil
	}
	value := string(text)
	switch string(path[3]) {
	case "TemplateId":
		d.popup.TemplateID = value
	case "SubscribeStatusString":
		d.popup.Status = value
	case "PopupScene":
		d.popup.Scene = value
	case "MsgID":
		d.popup.MsgID = value
	case "ErrorCode":
		d.popup.ErrorCode = value
	case "ErrorStatus":
		d.popup.ErrorStatus = value
	}
	return nil
}

func (d *decoder) field(name, text []byte) error {
	p := d.push
	switch string(name) {
	case "ToUserName":
		p.ToUser = word(text)
	case "FromUserName":
		p.FromUser = word(text)
	case "CreateTime":
		n, err := strconv.ParseInt(word(text), 10, 64)
		if err != nil || n < 0 || n > maxCreateTime {
			return errMissing
		}
		p.CreatedAt, d.dated = time.Unix(n, 0).UTC(), true
	case "MsgType":
		p.MsgType = word(text)
	case "MsgId", "MsgID":
		p.MsgID = word(text)
	case "Event":
		p.Event = word(text)
	case "EventKey":
		p.EventKey = string(text)
	case "Ticket":
		p.Ticket = word(text)
	case "Status":
		p.Status = string(text)
	case "MenuId":
		p.ViewMenuID = word(text)
	default:
		p.content(string(name), text)
	}
	return nil
}

// content sets the fields that only messages and locations carry.
func (p *Push) content(name string, text []byte) {
	switch name {
	case "Content":
		p.Content = string(text)
	case "bizmsgmenuid":
		p.MenuID = word(text)
	case "PicUrl":
		p.PicURL = word(text)
	case "MediaId":
		p.MediaID = word(text)
	case "MediaId16K":
		p.MediaID16K = word(text)
	case "Format":
		p.Format = word(text)
	case "ThumbMediaId":
		p.ThumbMediaID = word(text)
	case "Location_X", "Latitude":
		p.Lat = number(text)
	case "Location_Y", "Longitude":
		p.Lon = number(text)
	case "Precision":
		p.Precision = number(text)
	case "Scale":
		p.Scale = int(number(text))
	case "Label":
		p.Label = string(text)
	case "Title":
		p.Title = string(text)
	case "Description":
		p.Description = string(text)
	case "Url":
		p.URL = word(text)
	case "MsgDataId":
		p.MsgDataID = word(text)
	case "Idx":
		p.Idx = word(text)
	}
}

func word(text []byte) string { return string(bytes.TrimSpace(text)) }

// number reads a coordinate or a scale; what is no finite number of everyday size is 0.
func number(text []byte) float64 {
	f, err := strconv.ParseFloat(word(text), 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > 1e9 {
		return 0
	}
	return f
}
