// Package handlers is the enterprises' edge: the WeChat callback, the pages
// that enterprises read, and health.
package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"greendesk/bot"
	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/internal/wechat"
)

// Times of a callback. The platform gives up after 5 s; what is not ready
// when patience ends is owed and leaves later through a job.
const (
	patience    = 4200 * time.Millisecond // from the arrival of the request
	answerLimit = 60 * time.Second        // for one answer, owed or not
	pollEvery   = 50 * time.Millisecond   // for the answer to a redelivery
	sweepEvery  = 2 * time.Second
	sweepBatch  = 20
)

// Exchange takes a push, has it answered once, and gets the answer back: with
// the callback's response, or through a delivery. It is safe for concurrent
// use.
type Exchange struct {
	bot    *bot.Bot
	desk   *desk.Desk
	render Renderer
	ledger *Ledger
	log    *slog.Logger
	now    func() time.Time
	work   sync.WaitGroup // answers under way
}

// NewExchange makes an exchange.
func NewExchange(b *bot.Bot, d *desk.Desk, r Renderer, l *Ledger, log *slog.Logger, now func() time.Time) *Exchange {
	return &Exchange{bot: b, desk: d, render: r, ledger: l, log: log, now: now}
}

// Drain waits for the answers under way, at most until ctx ends.
func (x *Exchange) Drain(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		x.work.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// busy is said when a message could not even be stored: it asks to send again,
// because what is not stored must not be acknowledged.
var busy = bot.Reply{Text: "系统正忙，刚才这条消息没有收到，请过一分钟再发一次。"}

// Answer returns what the callback says to a push; "" means success. It
// returns within patience.
func (x *Exchange) Answer(ctx context.Context, p *wechat.Push) string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	in, err := inbound(p)
	if err != nil {
		x.log.ErrorContext(ctx, "push not stored", "error", err)
		return x.render.Text(busy)
	}
	receipt, err := x.desk.Receive(ctx, in)
	switch {
	case err != nil:
		x.log.ErrorContext(ctx, "push not stored", "contact", desk.MaskOpenID(p.FromUser), "error", err)
		if p.IsEvent() {
			return ""
		}
		return x.render.Text(busy)
	case receipt.Ignored:
		return ""
	case !receipt.New:
		return x.again(ctx, receipt.Inbound)
	}
	x.note(ctx, p)
	return x.first(ctx, receipt.Inbound)
}

// note keeps what a push tells of the ways to its sender.
func (x *Exchange) note(ctx context.Context, p *wechat.Push) {
	x.ledger.Opened(ctx, p)
	if p.Event != wechat.EventTemplateDone {
		return
	}
	if err := x.desk.TemplateEnded(ctx, p.MsgID, p.Status); err != nil {
		x.log.ErrorContext(ctx, "end of a template message not recorded", "error", err)
	}
}

// inbound is how a push is stored.
func inbound(p *wechat.Push) (desk.Inbound, error) {
	m := bot.Message{Kind: p.MsgType, Text: p.Content, Tap: p.MenuID, Media: p.MediaID, Picture: p.PicURL, Label: p.Label, Event: p.Event, Key: p.EventKey, At: p.CreatedAt}
	if p.MsgType == wechat.TypeShortVideo {
		m.Kind = bot.KindVideo
	}
	if p.MsgType == wechat.TypeLink {
		m.Label = p.Title
	}
	content, err := json.Marshal(m)
	return desk.Inbound{Key: p.Key(), OpenID: p.FromUser, Kind: m.Kind, Content: string(content), Media: media(p), SentAt: p.CreatedAt}, err
}

// media is what came with a message.
func media(p *wechat.Push) desk.Media {
	switch p.MsgType {
	case wechat.TypeImage:
		return desk.Media{Kind: desk.AttachedImage, ID: p.MediaID}
	case wechat.TypeVoice:
		return desk.Media{Kind: desk.AttachedVoice, ID: p.MediaID}
	case wechat.TypeVideo, wechat.TypeShortVideo:
		return desk.Media{Kind: desk.AttachedVideo, ID: p.MediaID}
	case wechat.TypeLocation:
		return desk.Media{Kind: desk.AttachedLocation, Name: fmt.Sprintf("%s（%.5f，%.5f）", p.Label, p.Lat, p.Lon)}
	}
	return desk.Media{}
}

// message reads a stored push back.
func message(in desk.Inbound) (bot.Message, error) {
	var m bot.Message
	err := json.Unmarshal([]byte(in.Content), &m)
	m.ID, m.Contact = in.ID, in.OpenID
	return m, err
}

// first answers a push that came for the first time. The answer is made in a
// goroutine of its own, which outlives the callback.
func (x *Exchange) first(ctx context.Context, in desk.Inbound) string {
	ready := make(chan string)
	gone := make(chan struct{})
	x.work.Add(1)
	go func() {
		defer x.work.Done()
		//nolint:contextcheck // the answer outlives the request
		x.answerOne(context.WithoutCancel(ctx), in, ready, gone)
	}()
	select {
	case text := <-ready:
		return text
	case <-ctx.Done():
		close(gone)
		return ""
	}
}

// answerOne makes the answer and hands it to the callback, or owes it when the
// callback has gone.
func (x *Exchange) answerOne(ctx context.Context, in desk.Inbound, ready chan<- string, gone <-chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	reply, err := x.reply(ctx, in)
	if err != nil {
		// The message stays open and the sweeper tries again.
		x.log.ErrorContext(ctx, "message not answered yet", "message", in.ID, "error", err)
		return
	}
	select {
	case <-gone:
		x.owe(ctx, in, reply)
		return
	default:
	}
	text, first, err := x.settle(ctx, in, reply)
	if err != nil || !first {
		x.log.ErrorContext(ctx, "answer not recorded", "message", in.ID, "first", first, "error", err)
		return
	}
	select {
	case ready <- text:
	case <-gone:
		// Recorded, and then the callback left without it.
		if text == "" {
			return
		}
		if err := x.desk.Requeue(ctx, in.ID, in.OpenID, text); err != nil {
			x.log.ErrorContext(ctx, "late answer not queued", "message", in.ID, "error", err)
		}
	}
}

// reply asks the bot; a panic in it is an error like another.
func (x *Exchange) reply(ctx context.Context, in desk.Inbound) (r bot.Reply, err error) {
	defer recovered(&err)
	m, err := message(in)
	if err != nil {
		return bot.Reply{}, err
	}
	return x.bot.Handle(ctx, m)
}

// settle records a reply together with what has been waiting for this contact,
// and returns the text that says both.
func (x *Exchange) settle(ctx context.Context, in desk.Inbound, reply bot.Reply) (text string, first bool, err error) {
	if reply.Empty() {
		first, err = x.desk.Answered(ctx, in.ID, "")
		return "", first, err
	}
	waiting, err := x.desk.Waiting(ctx, in.OpenID, 1)
	if err != nil {
		return "", false, err
	}
	render := x.render.For(ctx, in.OpenID)
	text = render.Text(reply)
	var says []desk.Saying
	if reply.More {
		more, err := x.more(ctx, in.OpenID)
		if err != nil {
			return "", false, err
		}
		if more.Rest > 0 {
			p := render.portion(owed(more.Body, x.now()), more.Said, wechat.MaxTextBytes, false)
			text, says, waiting = p.text, append(says, desk.Saying{Delivery: more, Upto: p.upto, Left: p.left}), nil
		}
	}
	for _, w := range waiting {
		if p, fits := render.both(owed(w.Body, x.now()), w.Said, reply); fits {
			text, says = p.text, append(says, desk.Saying{Delivery: w, Upto: p.upto, Left: p.left})
		}
	}
	first, err = x.desk.AnsweredWith(ctx, in.ID, text, says)
	return text, first, err
}

// more finds the delivery whose rest a contact asks for; it has no Rest when
// there is none.
func (x *Exchange) more(ctx context.Context, openid string) (desk.Delivery, error) {
	d, err := x.desk.Unfinished(ctx, openid)
	if apperr.CodeOf(err) == apperr.NotFound {
		return desk.Delivery{}, nil
	}
	return d, err
}

// owe records a reply whose callback is gone and queues its delivery.
func (x *Exchange) owe(ctx context.Context, in desk.Inbound, reply bot.Reply) {
	var err error
	if reply.More {
		if d, moreErr := x.more(ctx, in.OpenID); moreErr == nil && d.Rest > 0 {
			o := owed(d.Body, x.now())
			o.Text = o.Text[min(d.Said, len(o.Text)):]
			reply = o
		}
	}
	if reply.Empty() {
		_, err = x.desk.Answered(ctx, in.ID, "")
	} else {
		_, err = x.desk.Owe(ctx, in.ID, in.OpenID, owedBody(reply))
	}
	if err != nil {
		x.log.ErrorContext(ctx, "owed answer not recorded", "message", in.ID, "error", err)
	}
}

// again answers a redelivery with what the first delivery was answered, and
// waits for it if it is still being made.
func (x *Exchange) again(ctx context.Context, in desk.Inbound) string {
	for in.State == desk.StateReceived {
		select {
		case <-ctx.Done():
			return ""
		case <-time.After(pollEvery):
		}
		var err error
		if in, err = x.desk.Find(ctx, in.Key); err != nil {
			return ""
		}
	}
	if in.State == desk.StateAnswered {
		return in.Reply
	}
	return ""
}
