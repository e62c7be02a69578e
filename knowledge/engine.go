package knowledge

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"greendesk/internal/apperr"
	"greendesk/knowledge/index"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/parse"
	"greendesk/knowledge/rank"
	"greendesk/knowledge/sense"
)

// Searcher finds candidate clauses: the embedded index, or a search server.
// Scores order the hits of one query and mean nothing else; of the entries that
// a server finds only the id is known.
type Searcher interface {
	Put(ctx context.Context, entries []*index.Entry) error
	Delete(ctx context.Context, versions ...string) error
	Search(ctx context.Context, q index.Query) ([]index.Hit, error)
}

// equipment is what the program carries for every engine; it never changes.
type equipment struct {
	shipped  rank.Weights
	chatter  *lang.Chatter
	carried  *lang.Lexicon // of the field; curators change it in readers
	general  *lang.Lexicon // of law at large
	statutes []string      // folded titles of the nation's laws
	regions  *lang.Regions
	written  map[string]string // standard questions by their folded form, where it differs
}

// Engine answers questions from the knowledge base. It is safe for concurrent
// use.
type Engine struct {
	store   *Store
	local   *index.Embedded // also the entries, and the statistics of the language
	remote  *remote         // nil without a search server
	metrics *searchMetrics
	readers atomic.Pointer[rank.Reader] // changes with the curators' lexicon
	weights atomic.Pointer[Weights]     // changes when other weights are chosen
	equipment
	names    atomic.Pointer[nameTable]
	standard standardQuestions
	meaning  *semantics // nil without a model
	curated  atomic.Pointer[curated]
	log      *slog.Logger
	now      func() time.Time

	syncing sync.Mutex
	seen    int64 // up to which change the index has followed the store
	changed bool  // since it was opened

	form     string            // what weights weigh here
	readKept func(*Kept) error // nil when only the program's are used

	fingerprint string // of what the index is made with, beside the store
	saveFrom    int    // how many clauses are worth a snapshot
	batch       int    // how many clauses go into an index at a time
}

// How many clauses the index finds by words, and how many of them are measured
// in full.
const (
	candidates = 300
	measured   = 90
)

// NewEngine makes an engine over the store. The index is empty until Sync.
func NewEngine(store *Store, log *slog.Logger, now func() time.Time) (*Engine, error) {
	folder, err := lang.NewFolder()
	if err != nil {
		return nil, err
	}
	chatter, err := lang.EmbeddedChatter(folder)
	if err != nil {
		return nil, err
	}
	lexicon, err := lang.EmbeddedLexicon(folder)
	if err != nil {
		return nil, err
	}
	general, err := lang.GeneralLexicon(folder)
	if err != nil {
		return nil, err
	}
	vectors, err := sense.Embedded()
	if err != nil {
		return nil, err
	}
	shipped, err := rank.LoadWeights()
	if err != nil {
		return nil, err
	}
	standard, written, err := loadStandard(folder)
	if err != nil {
		return nil, err
	}
	e := &Engine{store: store, local: index.NewEmbedded(), metrics: newSearchMetrics(), standard: standard, log: log,
		equipment: equipment{shipped: shipped, chatter: chatter, carried: lexicon, general: general, statutes: lang.Statutes(folder), regions: lang.EmbeddedRegions(), written: written},
		now:       now, fingerprint: standard.fingerprint() + vectors.Fingerprint(), saveFrom: worthSaving, batch: batch}
	e.readers.Store(rank.NewReader(folder, chatter, lexicon, vectors))
	e.weights.Store(&Weights{ranking: shipped})
	return e, nil
}

// reader is how questions are read at the moment.
func (e *Engine) reader() *rank.Reader { return e.readers.Load() }

// Folder is the engine's way of folding text, for what must fold alike.
func (e *Engine) Folder() *lang.Folder { return e.reader().Folder }

// Clauses is how many clauses can be found.
func (e *Engine) Clauses() int { return e.local.Len() }

// Ask is a question to the knowledge base.
type Ask struct {
	Text string
	Prev string // the message before it, "" if there is none
	Want int    // how many citations, 3 if 0

	// QuoteFirst leaves out the quotes of all citations but the first, for a
	// reply that only names the others.
	QuoteFirst bool

	// Shown are clauses that the message before was answered with: a follow-up
	// asks for something else, so they step back.
	Shown []string

	WordsOnly bool // leaves out the model of meaning, if there is one
}

// Result is what the knowledge base says to a question: the clauses that fit
// best, and how far they can be trusted. Whether to answer is the caller's
// decision.
type Result struct {
	Question   *rank.Question
	Day        string // the day whose law was asked for, "" for today
	Citations  []Citation
	Confidence rank.Confidence
	Ranked     []rank.Ranked
	Named      bool // the question names the first citation, document and article
	Repeats    bool // the question repeats a standard question of the first citation

	// Absent is a law that the store does not have, though the question names it
	// or it answers best: not at all, not as it was on the day asked for, or, when
	// Ended says since when, not as one in force. Then nothing is to be quoted.
	// "" otherwise. AbsentArticle is the article that a law that is there has not.
	Absent, Ended, AbsentArticle string

	// Vague is a time past without a date that the question tells of (前几年), when
	// what answers is in force only Since and another law may have been then; "" otherwise.
	Vague, Since string

	// Also are rules of other levels that answer the same, without their words;
	// Chosen says by what the first was put before them, "" when it is the best
	// by itself.
	Also   []Citation
	Chosen Precedence

	past       past
	also       []rank.Ranked
	confidence *rank.Confidence // of the clause that answers today, when the first is what it was then

	Weights *Weights // what it was ordered by
	weights *rank.Weights
}

// Ask finds the clauses that answer a question, best first. No clause at all
// is no error.
func (e *Engine) Ask(ctx context.Context, a Ask) (*Result, error) {
	res, called, err := e.understand(ctx, &a)
	if err != nil {
		return nil, err
	}
	var meant *asking
	if !a.WordsOnly {
		meant = e.meaning.ask(ctx, res.Question.Spoken(a.Text, a.Prev))
	}
	day := cmp.Or(res.Day, e.Today())
	if res.Question.FollowUp {
		before, err := e.rank(ctx, res.weights, e.reader().Read(a.Prev, "", e.local), day, nil)
		if err != nil {
			return nil, err
		}
		for _, r := range before[:min(beforeKept, len(before))] {
			res.Question.Before = append(res.Question.Before, r.Entry)
		}
	}
	if res.Ranked, err = e.rank(ctx, res.weights, res.Question, day, meant); err != nil {
		return nil, err
	}
	if day, err = e.placePast(ctx, res, day, meant); err != nil {
		return nil, err
	}
	if res.Question.FollowUp {
		step := shownStep
		if res.Question.Again() {
			step = againStep
		}
		stepBack(res.Ranked, a.Shown, step)
	}
	if res.Day != "" { // our own words explain today's law
		res.Ranked = slices.DeleteFunc(res.Ranked, func(r rank.Ranked) bool { return tierOf(r) == 0 })
	}
	res.Repeats = e.repeatFirst(res)
	if res.Named, err = e.nameFirst(ctx, res, day); err != nil {
		return nil, err
	}
	if res.Day != "" && !res.Named && !res.Repeats {
		if err := e.onDay(ctx, res, meant); err != nil {
			return nil, err
		}
	}
	res.Confidence = rank.Trust(res.Ranked)
	if res.confidence != nil {
		res.Confidence = *res.confidence
	}
	if err := e.weighTiers(ctx, res); err != nil {
		return nil, err
	}
	slices.SortStableFunc(res.also, nearestFirst)
	for _, r := range res.also {
		res.Also = append(res.Also, e.citation(r))
	}
	if res.Citations, err = e.cite(ctx, res, cmp.Or(max(0, a.Want), 3), a.QuoteFirst); err != nil {
		return nil, err
	}
	return res, e.noteAbsent(ctx, res, called)
}

// understand reads the question: the day whose law is asked for, its own or,
// where it goes on from it, that of the message before, what about, and the laws
// that it names. It leaves chatter and dates out of a.
func (e *Engine) understand(ctx context.Context, a *Ask) (*Result, called, error) {
	var own, before string
	said, kernel := a.Text, e.reader().Kernel(a.Text, e.local)
	own, a.Text = asOf(kernel.Text, e.now())
	before, a.Prev = asOf(e.reader().Kernel(a.Prev, e.local).Text, e.now())
	var when past
	if own == "" {
		when, a.Text = pastOf(a.Text)
	}
	weights := e.Weights()
	res := &Result{past: when, Weights: weights, weights: &weights.ranking, Question: e.reader().Read(a.Text, a.Prev, e.local), Day: own}
	res.Question.Text, res.Question.Who = said, kernel.Who
	if kernel.Text != said {
		res.Question.Said = e.Folder().Fold(said)
	}
	if res.Question.FollowUp {
		res.Day = cmp.Or(own, before)
	}
	res.Question.Places = e.placesOf(res.Question, a.Prev)
	c, err := e.called(ctx, res, a.Text, a.Prev)
	return res, c, err
}

// Asked are the parts of a message that may be its question when a story comes
// before it, the likeliest first.
func (e *Engine) Asked(text string) []string { return e.reader().Asked(text, e.local) }

// foreignStep is how far the rule of another province steps back when the
// question does not name it: it does not bind here.
const foreignStep = 4.0

// beforeKept is how many clauses for the message before a follow-up looks at.
const beforeKept = 10

// rank finds candidates and puts them in order, by w. meant is the question's vector
// under way, or nil.
func (e *Engine) rank(ctx context.Context, w *rank.Weights, q *rank.Question, day string, meant *asking) ([]rank.Ranked, error) {
	hits, err := e.find(ctx, index.Query{Terms: q.Terms(), Articles: q.Articles, Day: day, Limit: candidates})
	if err != nil {
		return nil, apperr.Wrap(apperr.Unavailable, "查询暂时没有完成，请稍后再问一次。", err)
	}
	ranked, err := e.order(ctx, w, q, hits, day, meant)
	if err != nil {
		return nil, apperr.Wrap(apperr.Unavailable, "查询暂时没有完成，请稍后再问一次。", err)
	}
	least := 1.0
	for _, r := range ranked {
		least = min(least, r.Vector.Lacks)
	}
	for i := range ranked {
		if ranked[i].Entry.Version.Level == string(parse.QA) {
			ranked[i].Score -= ownWordsStep
		}
		if ranked[i].Vector.Foreign() && len(q.Places) == 0 {
			ranked[i].Score -= foreignStep
		}
		ranked[i].Score -= lacksStep * (ranked[i].Vector.Lacks - least)
	}
	rank.Sort(ranked)
	return ranked, nil
}

// lacksStep is how far a clause steps back that has nothing of what a follow-up
// asks by itself, behind one that has all, in the units of the scorer: what the
// message before asked was answered.
const lacksStep = 3.0

// ownWordsStep is how far our own questions and answers step back behind the
// law's own words, in the units of the scorer.
const ownWordsStep = 2.0

// How far a clause that has just been shown steps back for a follow-up, in the
// units of the scorer: a little, or behind all that fit when the follow-up asks
// what comes the next time (那第二次呢).
const (
	shownStep = 1.0
	againStep = 8.0
)

func stepBack(ranked []rank.Ranked, shown []string, step float64) {
	for i := range ranked {
		if slices.Contains(shown, ranked[i].Entry.ID) {
			ranked[i].Score -= step
		}
	}
	rank.Sort(ranked)
}

// zone is China's standard time: laws begin and end at its midnight.
var zone = time.FixedZone("CST", 8*60*60)

// Today is the day it is in China, YYYY-MM-DD.
func (e *Engine) Today() string { return e.now().In(zone).Format(time.DateOnly) }

// cite reads the first different clauses from the store and picks their
// quotes.
func (e *Engine) cite(ctx context.Context, res *Result, want int, quoteFirst bool) ([]Citation, error) {
	type place struct {
		version *index.Version
		ref     string
	}
	seen := map[place]bool{}
	var picked []rank.Ranked
	for _, r := range res.Ranked {
		at := place{r.Entry.Version, r.Entry.Ref}
		if len(picked) == want {
			break
		}
		if !seen[at] {
			seen[at] = true
			picked = append(picked, r)
		}
	}
	ids := make([]string, 0, len(picked))
	for i, r := range picked {
		if i == 0 || !quoteFirst {
			ids = append(ids, r.Entry.ID)
		}
	}
	stored, err := e.store.Clauses(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []Citation
	for i, r := range picked {
		c := e.citation(r)
		if i == 0 || !quoteFirst {
			clause, ok := stored[r.Entry.ID]
			if !ok {
				continue // withdrawn since the index last looked
			}
			c.Path, c.Quote = clause.Path, e.quote(clause.Text, res.Question)
			if text := strings.TrimSpace(clause.Text); i == 0 && res.Named && utf8.RuneCountInString(text) <= wholeNamed {
				c.Quote = Quote{text}
			}
			c.Excerpt = len(c.Quote) != 1 || c.Quote[0] != strings.TrimSpace(clause.Text)
		}
		out = append(out, c)
	}
	return out, nil
}

// citation names a clause, without its words.
func (e *Engine) citation(r rank.Ranked) Citation {
	v := r.Entry.Version
	return Citation{Clause: r.Entry.ID, Document: v.Name, Number: v.Number, Version: v.Label, Ref: r.Entry.Ref,
		Level: v.Level, Region: v.Region, Elsewhere: r.Vector != nil && r.Vector.Foreign(), Effective: v.ValidFrom, ValidTo: v.ValidTo, Score: r.Score}
}

// quote picks the words to quote of a stored clause.
func (e *Engine) quote(text string, q *rank.Question) Quote {
	quote := quoteOf(text, q, e.reader().Folder, e.local)
	if Verbatim(text, quote) != nil {
		return Quote{text}
	}
	return quote
}
