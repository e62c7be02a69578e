package knowledge

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/meili"
)

// remote is a search server as the engine sees it: asked first, believed only
// as far as the embedded index confirms it.
type remote struct {
	server  *meili.Server
	breaker *gobreaker.CircuitBreaker[[]index.Hit]
	meaning *gobreaker.CircuitBreaker[[]index.Hit] // of searches by vectors, which may fail alone
	budget  time.Duration
	vectors atomic.Bool // it has some, by the last look
	unfit   word        // why it is not asked at all, by the last look
	last    word        // why the last search came from the embedded index
}

// word is a string that may be read and written at the same time.
type word struct{ v atomic.Pointer[string] }

func (w *word) set(s string) { w.v.Store(&s) }

func (w *word) String() string {
	if s := w.v.Load(); s != nil {
		return *s
	}
	return ""
}

// Limits of asking the server. A callback must be answered within 4.5 s, and a
// follow-up searches twice.
const (
	searchBudget = 800 * time.Millisecond
	lookBudget   = 2 * time.Second

	// After so many failures in a row the server is left alone for a while;
	// then one question tries again.
	failuresToPause = 2
	searchPause     = 15 * time.Second
)

// Why a search is answered by the embedded index, beside the reasons that
// package meili names.
const (
	whyUnseen  = "unseen"  // nobody has looked at the server yet
	whyBehind  = "behind"  // it does not know all that the store has
	whyForeign = "foreign" // it was filled from something else, or by another program
	whyPaused  = "paused"  // it has failed, and is left alone for a while
	whyEmpty   = "empty"   // it found nothing, and the embedded index did
)

// UseServer has the engine ask a search server for candidates. It must not run
// beside questions.
func (e *Engine) UseServer(s *meili.Server) {
	r := &remote{server: s, budget: searchBudget, breaker: e.newBreaker("words"), meaning: e.newBreaker("meaning")}
	r.unfit.set(whyUnseen)
	e.remote = r
}

func (e *Engine) newBreaker(searches string) *gobreaker.CircuitBreaker[[]index.Hit] {
	return gobreaker.NewCircuitBreaker[[]index.Hit](gobreaker.Settings{Name: searches, MaxRequests: 1, Timeout: searchPause,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failuresToPause },
		IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, context.Canceled) },
		OnStateChange: func(name string, _, to gobreaker.State) {
			e.log.Warn("search server", "searches", name, "breaker", to.String())
		}})
}

// find finds the candidates of a question: the search server's when there is
// one and it can be relied on, else the embedded index's. Either way their
// scores and their order are the embedded index's, which the weights of the
// scorer are learned with.
func (e *Engine) find(ctx context.Context, q index.Query) ([]index.Hit, error) {
	began, from := time.Now(), fromEmbedded
	defer func() { e.metrics.took.WithLabelValues(from).Observe(time.Since(began).Seconds()) }()
	if e.remote == nil {
		return e.local.Search(ctx, q)
	}
	hits, why := e.remote.search(ctx, e.local, q)
	if len(hits) > 0 {
		from = fromServer
		e.remote.last.set("")
		return hits, nil
	}
	hits, err := e.local.Search(ctx, q)
	if err != nil || len(hits) == 0 && why == whyEmpty {
		return hits, err // there is nothing to be found
	}
	e.remote.last.set(why)
	e.metrics.degraded.WithLabelValues(why).Inc()
	return hits, nil
}

// search asks the server. Without hits it says why.
func (r *remote) search(ctx context.Context, local *index.Embedded, q index.Query) ([]index.Hit, string) {
	if why := r.unfit.String(); why != "" {
		return nil, why
	}
	ask := q
	ask.Terms, ask.Limit = telling(q.Terms, local), 2*q.Limit
	ids, why := r.names(ctx, r.breaker, func(ctx context.Context) ([]index.Hit, error) { return r.server.Search(ctx, ask) })
	return local.Among(q, ids), why
}

// names asks the server for the names of clauses, within the budget, unless it
// is left alone. Without names it says why.
func (r *remote) names(ctx context.Context, breaker *gobreaker.CircuitBreaker[[]index.Hit], call func(context.Context) ([]index.Hit, error)) ([]string, string) {
	found, err := breaker.Execute(func() ([]index.Hit, error) {
		ctx, cancel := context.WithTimeout(ctx, r.budget)
		defer cancel()
		return call(ctx)
	})
	switch {
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return nil, whyPaused
	case err != nil:
		return nil, meili.Reason(err)
	}
	ids := make([]string, len(found))
	for i, h := range found {
		ids[i] = h.Entry.ID
	}
	return ids, whyEmpty
}

// telling weighs every term by the rarest of its grams: the server has to
// choose among terms, and knows nothing of how telling they are. A term that
// stands in no clause weighs nothing.
func telling(terms []index.Term, local *index.Embedded) []index.Term {
	out := make([]index.Term, len(terms))
	for i, t := range terms {
		rarest := 0.0
		lang.Grams(t.Text, func(g lang.Gram) {
			if _, idf, known := local.Gram(g); known {
				rarest = max(rarest, idf)
			}
		})
		out[i] = index.Term{Text: t.Text, Weight: t.Weight * rarest}
	}
	return out
}

// SearchState says in a word where candidates come from: "embedded" without a
// search server, "ok" when it answers, else why it does not.
func (e *Engine) SearchState() string {
	switch {
	case e.remote == nil:
		return fromEmbedded
	case e.remote.unfit.String() != "":
		return e.remote.unfit.String()
	case e.remote.breaker.State() == gobreaker.StateOpen:
		return whyPaused
	case e.remote.last.String() != "":
		return e.remote.last.String()
	}
	return "ok"
}

// lookAtServer reads how far the server has followed the store, so that no
// question is put to one that cannot know the answer or does not answer.
func (e *Engine) lookAtServer(ctx context.Context) {
	if e.remote == nil {
		return
	}
	why, missing := e.fitness(ctx)
	if was := e.remote.unfit.String(); was != why {
		e.remote.unfit.set(why)
		e.log.WarnContext(ctx, "search server", "state", e.SearchState(), "before", was)
	}
	e.metrics.behind.Set(float64(missing))
}

// watchServer looks at the server and has it filled when it lacks something
// that no job is known to bring: it was wiped, or somebody imported without
// naming it. An index of another program is left alone: during a rolling
// upgrade the two would make it anew in turns.
func (e *Engine) watchServer(ctx context.Context) {
	if e.remote == nil {
		return
	}
	e.lookAtServer(ctx)
	if why := e.remote.unfit.String(); why != whyEmpty && why != whyBehind {
		return
	}
	if err := e.CheckServer(ctx); err != nil && ctx.Err() == nil {
		e.log.ErrorContext(ctx, "search server not checked", "error", err)
	}
}

// fitness is why the server cannot be asked, "" when it can, and how many
// changes of the store it does not know.
func (e *Engine) fitness(ctx context.Context) (why string, missing int64) {
	ctx, cancel := context.WithTimeout(ctx, lookBudget)
	defer cancel()
	want, err := e.wanted(ctx)
	if err != nil {
		return whyUnseen, 0
	}
	have, err := e.remote.server.State(ctx)
	e.remote.vectors.Store(have.Dimensions > 0)
	switch {
	case err != nil:
		return meili.Reason(err), want.Generation
	case have == meili.State{}:
		return whyEmpty, want.Generation
	case have.Stamp != want.Stamp || have.Generation > want.Generation:
		return whyForeign, want.Generation
	case have.Generation < want.Generation:
		return whyBehind, want.Generation - have.Generation
	}
	return "", 0
}
