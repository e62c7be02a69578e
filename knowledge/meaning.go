package knowledge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"greendesk/internal/embeddings"
	"greendesk/internal/jobs"
	"greendesk/knowledge/index"
	"greendesk/knowledge/rank"
)

// semantics finds clauses by what they mean, with the vectors of a server of
// embeddings: of each clause one vector of its text, one of each part of a
// longer one, and one of each of its standard questions. The vectors are kept in SQL and searched in memory.
type semantics struct {
	store  *Store
	client *embeddings.Client
	log    *slog.Logger
	model  string // as kept in SQL: the name, and a fingerprint of how texts are made

	index.Meanings

	breaker  *gobreaker.CircuitBreaker[[]float32]
	queue    *jobs.Queue
	pause    time.Duration // of a job after the server failed
	patience time.Duration // of a question that waits for its vector
	counts   counts

	mu      sync.Mutex
	wanted  map[string]*want // by the fingerprint of the text
	refused map[string]bool  // texts that the server will not have

	// Only Sync uses these, one call after another.
	seen      int64     // up to which change of the store the wishes go
	announced bool      // a job knows of them
	stored    int64     // vectors of this model in SQL, when last counted
	looked    time.Time // when that was
}

// want is a text whose vector is not there yet, with the entries that wait.
type want struct {
	kind     textKind
	question string // of a standard question
	entries  []*index.Entry
}

// textKind is what a vector is of.
type textKind int

const (
	wholeText textKind = iota
	partOfText
	standardQuestion
)

// of is the index of a kind of vectors.
func (m *semantics) of(k textKind) *index.Vectors {
	switch k {
	case partOfText:
		return m.Parts
	case standardQuestion:
		return m.Asked
	default:
		return m.Texts
	}
}

// counts are what MeaningStats reports of questions.
type counts struct{ used, slow, failed, skipped atomic.Int64 }

// MeaningStats says how the search by meaning fares. Counts are since the
// start.
type MeaningStats struct {
	Model   string // "" when there is none
	Vectors int    // in memory
	Missing int    // texts that wait for their vector
	Refused int    // texts that the server will not have
	Used    int64  // questions whose vector came in time
	Slow    int64  // questions whose vector came too late
	Failed  int64  // questions for which the server gave no vector
	Skipped int64  // questions for which it was not asked, having failed just before
}

// When the server is left alone: after three questions in a row without a
// vector, for a while.
const (
	failuresInARow = 3
	leftAlone      = 20 * time.Second
)

// UseMeaning lets the engine search by meaning, too, from the next Open or
// Sync on. A question waits that long for its vector. Vectors that are missing
// are computed by Embed, or by jobs of queue, if there is one, once it is
// started. It must not run beside questions.
func (e *Engine) UseMeaning(client *embeddings.Client, wait time.Duration, queue *jobs.Queue) {
	c := client.Config()
	m := &semantics{store: e.store, client: client, log: e.log, queue: queue, patience: wait, pause: embedPause, Meanings: index.NewMeanings(),
		model:  c.Model + "#" + fingerprint(passageForm, c.QueryPrefix, c.PassagePrefix)[:8],
		wanted: map[string]*want{}, refused: map[string]bool{}}
	m.breaker = gobreaker.NewCircuitBreaker[[]float32](gobreaker.Settings{
		Timeout:      leftAlone,
		ReadyToTrip:  func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= failuresInARow },
		IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, context.Canceled) }, // who asked has gone
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to != gobreaker.StateHalfOpen {
				m.log.Warn("search by meaning", "state", map[bool]string{true: "works again", false: "left out for a while"}[to == gobreaker.StateClosed])
			}
		},
	})
	if queue != nil {
		queue.Handle(KindEmbed, func(ctx context.Context, _ jobs.Job) error { return e.embedJob(ctx) })
	}
	e.meaning = m
}

// MeaningStats reports on the search by meaning.
func (e *Engine) MeaningStats() MeaningStats {
	m := e.meaning
	if m == nil {
		return MeaningStats{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return MeaningStats{Model: m.client.Config().Model, Vectors: m.Len(), Missing: len(m.wanted), Refused: len(m.refused),
		Used: m.counts.used.Load(), Slow: m.counts.slow.Load(), Failed: m.counts.failed.Load(), Skipped: m.counts.skipped.Load()}
}

// asking is a question whose vector is under way.
type asking struct {
	done   chan struct{}
	vector []float32
}

// ask begins to get a question's vector; the search by words runs beside it.
func (m *semantics) ask(ctx context.Context, question string) *asking {
	if m == nil || m.Len() == 0 {
		return nil
	}
	a := &asking{done: make(chan struct{})}
	go func() {
		defer close(a.done)
		var err error
		a.vector, err = m.breaker.Execute(func() ([]float32, error) {
			limited, cancel := context.WithTimeout(ctx, m.patience)
			defer cancel()
			return m.client.Query(limited, question)
		})
		m.count(err)
	}()
	return a
}

func (m *semantics) count(err error) {
	switch {
	case err == nil:
		m.counts.used.Add(1)
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		m.counts.skipped.Add(1)
	case errors.Is(err, context.DeadlineExceeded):
		m.counts.slow.Add(1)
	case !errors.Is(err, context.Canceled):
		m.counts.failed.Add(1)
		m.log.Debug("no vector for a question", "error", err)
	}
}

// wait is the question's vector; nil when there is none in time.
func (a *asking) wait() []float32 {
	if a == nil {
		return nil
	}
	<-a.done
	return a.vector
}

// meant is how many clauses near in meaning join the candidates: that many by
// their text, by a part of it, and by their standard questions.
const meant = 20

// cosines compares candidates with a question's vector; nil without one.
func (m *semantics) cosines(v []float32, hits []index.Hit) *rank.Cosines {
	if v == nil {
		return nil
	}
	clauses := make([]string, len(hits))
	for i, h := range hits {
		clauses[i] = h.Entry.ID
	}
	text, asked := m.Cosines(v, clauses...)
	return &rank.Cosines{Text: text, Asked: asked}
}
