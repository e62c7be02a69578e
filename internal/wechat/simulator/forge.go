package simulator

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// ForgedText is what a forged push says: no program may act on it.
const ForgedText = "【伪造】这条消息不是用户发的"

// forge sends the forgeries that strike now, each as a push of its own with its own MsgId and exchange. A forgery fits
// its mode: in Plain there is no AppID to be wrong and nothing to downgrade.
func (p *Platform) forge(m *push) {
	p.mu.Lock()
	sealed := p.mode != Plain
	p.mu.Unlock()
	for _, name := range []Fault{FaultStale, FaultBadSignature, FaultWrongAppID, FaultDowngrade} {
		needsKey := name == FaultWrongAppID || name == FaultDowngrade
		if (needsKey && !sealed) || p.ctx.Err() != nil || !p.faults.strike(name) {
			continue
		}
		_, _ = p.Forge(p.ctx, m.openid, name)
	}
}

// Forge sends one forged text message in a person's name and reports the wire: FaultStale, FaultBadSignature,
// FaultWrongAppID or FaultDowngrade. Its exchange is marked Forged; it ends Failed when the server refused it
// (no 2xx) and Acknowledged when the server took it or gave nothing away.
func (p *Platform) Forge(ctx context.Context, openid string, name Fault) (Attempt, error) {
	now := p.clock.Now()
	m := textPush(openid, ForgedText)
	m.created = now.Unix()
	e := &Exchange{OpenID: openid, Kind: m.kind, At: now, Forged: true, Outcome: Pending}
	r := Raw{OpenID: openid}
	switch name {
	case FaultStale:
		r.Timestamp = now.Add(-10 * time.Minute)
		m.created = r.Timestamp.Unix()
	case FaultBadSignature:
		r.Token = "not-" + p.opt.Token
	case FaultWrongAppID:
		r.AppID = "wx0000000000000000"
	case FaultDowngrade:
		r.Mode = Plain
	default:
		return Attempt{}, p.faults.Set(name, Injection{Count: -1}) // an error that names the fault
	}
	p.mu.Lock()
	p.nextMsgID++
	m.msgID = strconv.FormatInt(p.nextMsgID, 10)
	e.MsgID = m.msgID
	e.ID = p.exchanges.add(e)
	p.mu.Unlock()
	r.XML = m.xml(p.opt.OriginalID)
	a := p.RawPush(ctx, r)
	a.Fault = string(name)
	p.mu.Lock()
	e.Attempts = append(e.Attempts, a)
	e.Outcome = Acknowledged
	if a.Status < http.StatusOK || a.Status >= http.StatusMultipleChoices {
		e.Outcome, e.Why = Failed, "refused: HTTP "+strconv.Itoa(a.Status)
	}
	p.mu.Unlock()
	p.changed(openid)
	return a, nil
}
