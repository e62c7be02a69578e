package simulator

import "sync"

// hub tells listeners that something changed. Listeners then read the state themselves, so a lost notice costs nothing:
// each listener's channel holds one pending notice per person at most.
type hub struct {
	mu     sync.Mutex
	closed bool
	subs   map[*listener]struct{}
}

// listener collects the openids that changed since it last looked; wake has room for one signal.
type listener struct {
	wake    chan struct{}
	mu      sync.Mutex
	changed map[string]bool
	done    bool
}

func (h *hub) listen() *listener {
	l := &listener{wake: make(chan struct{}, 1), changed: map[string]bool{}}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		l.done = true
		l.signal()
		return l
	}
	if h.subs == nil {
		h.subs = map[*listener]struct{}{}
	}
	h.subs[l] = struct{}{}
	return l
}

func (h *hub) leave(l *listener) {
	h.mu.Lock()
	delete(h.subs, l)
	h.mu.Unlock()
}

func (h *hub) notify(openid string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.subs {
		l.mu.Lock()
		l.changed[openid] = true
		l.mu.Unlock()
		l.signal()
	}
}

// close ends every listener and refuses new ones.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for l := range h.subs {
		l.mu.Lock()
		l.done = true
		l.mu.Unlock()
		l.signal()
	}
}

func (l *listener) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// take returns and clears what changed; done means the platform is closing.
func (l *listener) take() (openids []string, done bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	openids = []string{} // never nil: it is sent as a list
	for id := range l.changed {
		openids = append(openids, id)
	}
	clear(l.changed)
	return openids, l.done
}

// ring keeps the newest limit values under ascending ids that start at 1.
type ring[T any] struct {
	limit int
	last  int64
	vals  []*T // vals[i] has id last-len(vals)+1+i
}

// add stores v and returns its id; v stays shared, so the owner may go on filling it under the owner's lock.
func (r *ring[T]) add(v *T) int64 {
	r.vals = append(r.vals, v)
	r.last++
	if len(r.vals) > 2*r.limit { // drop in batches: amortised constant cost
		r.vals = append([]*T(nil), r.vals[len(r.vals)-r.limit:]...)
	}
	return r.last
}

// newest are the stored values, oldest first, at most limit.
func (r *ring[T]) newest() []*T {
	if len(r.vals) > r.limit {
		return r.vals[len(r.vals)-r.limit:]
	}
	return r.vals
}
