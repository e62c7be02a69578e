package bot

import (
	"fmt"

	"greendesk/knowledge"
	"greendesk/knowledge/lang"
)

// signalsForm is raised when a signal says something else than before: weights
// that were learned for what it said do not fit then.
const signalsForm = 1

// Form names what the router and the confidence weigh, for Engine.FollowWeights.
func Form() string { return fmt.Sprintf("%d %d %v", signalsForm, signalCount, Actions()) }

// ReadKept reads the router and the confidence of weights that are kept.
func ReadKept(k *knowledge.Kept, f *lang.Folder) (*Router, error) {
	r, err := ReadRouter([]byte(k.Routing), f)
	if err != nil {
		return nil, err
	}
	r.trust, err = ReadTrust([]byte(k.Trust))
	return r, err
}

// ownRouter is the router of the kept weights of a number.
type ownRouter struct {
	number int64
	router *Router
}

// routerOf is the router that was learned with the weights that a question was
// ordered by.
func (b *Bot) routerOf(w *knowledge.Weights) *Router {
	if w.Number == 0 {
		return b.router
	}
	if own := b.own.Load(); own != nil && own.number == w.Number {
		return own.router
	}
	r, err := ReadKept(&w.Kept, b.engine.Folder())
	if err != nil { // the engine has had them read before
		b.log.Error("kept weights not read", "number", w.Number, "error", err)
		r = b.router
	}
	b.own.Store(&ownRouter{w.Number, r})
	return r
}

// Trust is how far the first clause can be trusted by what was learned with the
// router.
func (r *Router) Trust() *Trust { return r.trust }

// With is the router with another confidence.
func (r *Router) With(t *Trust) *Router {
	with := *r
	with.trust = t
	return &with
}
