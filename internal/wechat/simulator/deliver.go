package simulator

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// exchange does what the phone does and waits until the push has ended.
func (p *Platform) exchange(m push) (*Exchange, error) {
	e, err := p.begin(&m)
	if err != nil {
		return nil, err
	}
	p.run(&m, e)
	p.mu.Lock()
	defer p.mu.Unlock()
	done := e.snapshot()
	return &done, nil
}

// start is exchange without the wait.
func (p *Platform) start(m push) error {
	e, err := p.begin(&m)
	if err == nil {
		go p.run(&m, e)
	}
	return err
}

// begin checks that the phone may do this, shows the user's own bubble, opens the quota window and files the exchange.
func (p *Platform) begin(m *push) (*Exchange, error) {
	now := p.clock.Now()
	p.mu.Lock()
	u := p.users[m.openid]
	err := admit(u, m)
	if p.ctx.Err() != nil {
		err = fmt.Errorf("simulator: closed: %w", p.ctx.Err())
	}
	if err != nil {
		p.mu.Unlock()
		return nil, err
	}
	switch m.opens {
	case opensMessage:
		u.openMessageWindow(now)
	case opensAct:
		u.openActWindow(now)
	}
	if m.event {
		u.follow(m, now)
	} else {
		p.nextMsgID += 1 + p.rng.Int64N(1000)
		m.msgID = strconv.FormatInt(p.nextMsgID, 10)
	}
	m.created = now.Unix()
	e := &Exchange{OpenID: m.openid, Kind: m.kind, MsgID: m.msgID, At: now, Outcome: Pending}
	e.ID = p.exchanges.add(e)
	if m.bubble != nil {
		b := *m.bubble
		if b.From == "" {
			b.From, b.Via = FromUser, "message"
		} else {
			b.Via = "event"
		}
		b.Exchange = e.ID
		p.show(u, b)
	}
	p.inFlight++
	p.pending.Add(1)
	p.mu.Unlock()
	p.changed(m.openid)
	return e, nil
}

// admit: a person must exist and follow; platform events about somebody who left still go out.
func admit(u *user, m *push) error {
	if u == nil {
		return fmt.Errorf("%w: %s", ErrUnknownPerson, m.openid)
	}
	fromPhone := !m.event || m.opens != opensNothing || m.kind == "unsubscribe" || m.kind == "LOCATION"
	if fromPhone && !u.following && m.kind != "subscribe" {
		return fmt.Errorf("%w: %s", ErrNotFollowing, m.openid)
	}
	return nil
}

// follow keeps the follow state in step with subscribe and unsubscribe.
func (u *user) follow(m *push, now time.Time) {
	switch m.kind {
	case "subscribe":
		u.following, u.followedAt = true, now
		u.scene = ""
		for _, f := range m.fields {
			if f.name == "EventKey" {
				u.scene = f.value
			}
		}
	case "unsubscribe":
		u.following = false
		u.message, u.act, u.typingUntil = grant{}, grant{}, time.Time{}
	}
}

// run delivers a push to its end: faults first, then up to Options.Deliveries attempts.
func (p *Platform) run(m *push, e *Exchange) {
	defer p.finish(m, e)
	p.forge(m)
	held := p.holdForReorder(m)
	defer p.releaseReorder(m, held)
	struck := m.spoil(p.faults)
	if gap, fault := p.doubled(); fault != "" {
		p.deliverTwice(m, e, gap, fault)
		return
	}
	why := ""
	for n := 1; n <= p.opt.Deliveries && p.ctx.Err() == nil; n++ {
		a, key := p.attempt(m, n, struck)
		verdict := p.judge(m.openid, &a, key)
		p.record(m, e, a, verdict)
		if verdict.kind != noAnswer {
			return
		}
		why = verdict.why
	}
	p.fail(m, e, why)
}

// doubled tells whether this push goes out twice, how far apart and by which fault.
func (p *Platform) doubled() (time.Duration, Fault) {
	if p.faults.strike(FaultDuplicate) {
		return 0, FaultDuplicate
	}
	if p.faults.strike(FaultEarlyRetry) {
		return earlyRetryAfter, FaultEarlyRetry
	}
	return 0, ""
}

// deliverTwice sends the same push on two connections; the first good answer shows.
func (p *Platform) deliverTwice(m *push, e *Exchange, gap time.Duration, fault Fault) {
	const twice = 2
	verdicts := make(chan verdict, twice)
	for n := 1; n <= twice; n++ {
		go func() {
			if n > 1 {
				p.pause(gap)
			}
			a, key := p.attempt(m, n, string(fault))
			v := p.judge(m.openid, &a, key)
			p.record(m, e, a, v)
			verdicts <- v
		}()
	}
	answered, why := false, ""
	for range twice {
		if v := <-verdicts; v.kind == noAnswer {
			why = v.why
		} else {
			answered = true
		}
	}
	if !answered {
		p.fail(m, e, why)
	}
}

// attempt sends one delivery: same MsgId and CreateTime, fresh nonce, timestamp and ciphertext.
func (p *Platform) attempt(m *push, n int, fault string) (Attempt, string) {
	ctx, cancel := context.WithTimeout(p.ctx, p.opt.PassiveTimeout)
	defer cancel()
	a, key := p.raw(ctx, Raw{OpenID: m.openid, XML: m.xml(p.opt.OriginalID)})
	a.Number, a.Fault = n, fault
	return a, key
}

// record files an attempt and shows its reply when it is the first good one.
func (p *Platform) record(m *push, e *Exchange, a Attempt, v verdict) {
	p.mu.Lock()
	e.Attempts = append(e.Attempts, a)
	switch {
	case v.kind == noAnswer:
	case e.Outcome != Pending:
		if v.kind == replied {
			e.Ignored++
		}
	case v.kind == silent:
		e.Outcome = Acknowledged
	case v.kind == replied:
		e.Outcome = Replied
		b := v.bubble
		b.From, b.Via, b.Exchange = FromAccount, "passive", e.ID
		if u := p.users[m.openid]; u.following {
			b = p.show(u, b)
		}
		e.Reply = &b
	case v.kind == abnormal:
		p.failLocked(m, e, v.why)
	}
	p.mu.Unlock()
	p.changed(m.openid)
}

// fail ends an exchange with the fault line.
func (p *Platform) fail(m *push, e *Exchange, why string) {
	p.mu.Lock()
	p.failLocked(m, e, why)
	p.mu.Unlock()
	p.changed(m.openid)
}

func (p *Platform) failLocked(m *push, e *Exchange, why string) {
	e.Outcome, e.Why = Failed, why
	p.log.Warn("the account's server failed", "kind", m.kind, "why", why)
	if u := p.users[m.openid]; m.visible && u.following {
		p.show(u, Bubble{From: FromSystem, Via: "fault", Type: "notice", Text: FaultLine, Exchange: e.ID})
	}
}

func (p *Platform) finish(m *push, e *Exchange) {
	p.mu.Lock()
	p.inFlight--
	if e.Outcome == Pending { // closed in between
		e.Outcome, e.Why = Failed, "simulator closed"
	}
	p.mu.Unlock()
	p.changed(m.openid)
	p.pending.Done()
}

// holdForReorder waits, when the fault strikes, until the person's next push has ended.
func (p *Platform) holdForReorder(m *push) bool {
	p.mu.Lock()
	u := p.users[m.openid]
	busy := u.firstReorder != nil
	p.mu.Unlock()
	if busy || !p.faults.strike(FaultReorder) {
		return false
	}
	gate := make(chan struct{})
	p.mu.Lock()
	u.firstReorder = gate
	p.mu.Unlock()
	select {
	case <-gate:
	case <-time.After(reorderLimit):
	case <-p.ctx.Done():
	}
	p.mu.Lock()
	u.firstReorder = nil
	p.mu.Unlock()
	return true
}

// releaseReorder lets a held push go once another one of the same person has ended.
func (p *Platform) releaseReorder(m *push, held bool) {
	if held {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if u := p.users[m.openid]; u.firstReorder != nil {
		close(u.firstReorder)
		u.firstReorder = nil
	}
}

// pause sleeps in real time, or until Close.
func (p *Platform) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-p.ctx.Done():
	}
}
