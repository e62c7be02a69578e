package bot

import (
	"context"
	"fmt"
	"sync"
)

// queues lets the messages of one contact pass one at a time, first come first
// served. It orders the messages that this process handles.
type queues struct {
	mu   sync.Mutex
	last map[string]chan struct{} // closed when the message that came last is done
}

// place is the place of one message in its contact's queue.
type place struct {
	q       *queues
	contact string
	done    chan struct{}
}

// wait waits for the contact's turn; the caller leaves the place in the end.
// When ctx ends first, the turn is passed on.
func (q *queues) wait(ctx context.Context, contact string) (*place, error) {
	p := &place{q: q, contact: contact, done: make(chan struct{})}
	q.mu.Lock()
	before := q.last[contact]
	q.last[contact] = p.done
	q.mu.Unlock()
	if before == nil {
		return p, nil
	}
	select {
	case <-before:
		return p, nil
	case <-ctx.Done():
		go func() {
			<-before
			p.leave()
		}()
		return nil, fmt.Errorf("bot: waiting for the message before: %w", ctx.Err())
	}
}

// leave lets the next message pass.
func (p *place) leave() {
	p.q.mu.Lock()
	if p.q.last[p.contact] == p.done {
		delete(p.q.last, p.contact)
	}
	p.q.mu.Unlock()
	close(p.done)
}

// followed reports whether another message of the contact waits behind.
func (p *place) followed() bool {
	p.q.mu.Lock()
	defer p.q.mu.Unlock()
	return p.q.last[p.contact] != p.done
}
