package knowledge

import (
	"context"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/knowledge/rank"
)

// Kept are weights that the bureau has learned from its own questions and keeps
// with its data.
type Kept struct {
	Number  int64     // 1, 2, 3 … in the order in which they were kept
	Form    string    // what they weigh; those of another form do not fit this program
	Ranking string    // how clauses are ordered, as rank.ReadWeights reads it
	Routing string    // the router and the confidence: package bot reads them
	Trust   string    //
	Figures string    // how well they did when they were learned, for people
	By      string    // who kept them
	At      time.Time // when
}

// Weights are what a question is ordered and decided by: those that the program
// carries (Number 0), or kept ones.
type Weights struct {
	Kept

	// Unfit says in Chinese why kept weights that were chosen are not used and
	// these, the program's, are; "" when all is well.
	Unfit string

	chosen  int64
	ranking rank.Weights
}

// Name says in Chinese which weights these are.
func (w *Weights) Name() string {
	switch {
	case w.Unfit != "":
		return "程序自带的权重。" + w.Unfit
	case w.Number == 0:
		return "程序自带的权重"
	}
	return fmt.Sprintf("自己的第 %d 份权重，%s %s 留下", w.Number, w.At.In(zone).Format(time.DateOnly), w.By)
}

// gauge is what the metric says of weights.
func (w *Weights) gauge() float64 {
	if w.Unfit != "" {
		return -1
	}
	return float64(w.Number)
}

// Note is what is to be stored if and only if weights of a number are chosen: a
// line of a log.
type Note func(ctx context.Context, tx *db.Tx, number int64) error

// FollowWeights makes the engine use the weights that are chosen in the store,
// from the next Sync on and whenever they change. form names what the parts weigh
// that the engine does not read, and read tells whether it can read them. Before
// it, and when what is chosen does not fit, the engine uses the program's.
func (e *Engine) FollowWeights(form string, read func(*Kept) error) {
	e.form, e.readKept = fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(form+"\n"+strings.Join(rank.FeatureNames(), "\n")+"\n"+e.reader().Sense.Fingerprint()))), read
}

// Weights are what questions are ordered by at the moment.
func (e *Engine) Weights() *Weights { return e.weights.Load() }

// Try makes the engine order by w, for measuring, until other weights are chosen.
func (e *Engine) Try(w rank.Weights) {
	e.weights.Store(&Weights{chosen: e.Weights().chosen, ranking: w})
}

// KeepWeights keeps weights in the store and chooses them; running desks use them within
// seconds. Form, Number and At are set here. It returns the number.
func (e *Engine) KeepWeights(ctx context.Context, k Kept, note Note) (int64, error) {
	k.Form, k.At = e.form, e.now()
	if _, err := e.fit(&k); err != nil {
		return 0, err
	}
	err := e.store.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if k.Number, err = e.store.keepWeights(ctx, tx, k); err != nil {
			return err
		}
		return e.store.chooseWeights(ctx, tx, k.Number, note)
	})
	return k.Number, err
}

// ChooseWeights chooses kept weights, or with 0 those that the program carries. It is
// apperr.NotFound when there are none of that number, and apperr.Conflict when
// they do not fit this program.
func (e *Engine) ChooseWeights(ctx context.Context, number int64, note Note) error {
	if number != 0 {
		k, err := e.store.keptWeights(ctx, number)
		if err != nil {
			return err
		}
		if _, err := e.fit(k); err != nil {
			return err
		}
	}
	return e.store.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return e.store.chooseWeights(ctx, tx, number, note)
	})
}

// Fits tells whether kept weights are for this program; their own parts are not
// looked at.
func (e *Engine) Fits(k Kept) bool { return k.Form == e.form }

// fit reads kept weights. The error is apperr.Conflict and says what to do.
func (e *Engine) fit(k *Kept) (rank.Weights, error) {
	if !e.Fits(*k) {
		return rank.Weights{}, apperr.New(apperr.Conflict, fmt.Sprintf("第 %d 份自己的权重是为另一版程序学的，这一版不能用。请用原来的题目再运行 tune --keep，重新学一份；不再学，就运行 tune use shipped，改用程序自带的。", k.Number))
	}
	w, err := rank.ReadWeights([]byte(k.Ranking))
	if err == nil {
		err = e.readKept(k)
	}
	if err != nil {
		return w, apperr.Wrap(apperr.Conflict, fmt.Sprintf("第 %d 份自己的权重读不出来。请用原来的题目再运行 tune --keep，重新学一份；不再学，就运行 tune use shipped，改用程序自带的。", k.Number), err)
	}
	return w, nil
}

// followWeights uses what is chosen in the store.
func (e *Engine) followWeights(ctx context.Context) error {
	if e.readKept == nil {
		return nil
	}
	number, err := e.store.chosenWeights(ctx)
	if err != nil || number == e.Weights().chosen {
		return err
	}
	next := &Weights{chosen: number, ranking: e.shipped}
	if number != 0 {
		k, err := e.store.keptWeights(ctx, number)
		if err == nil {
			next.ranking, err = e.fit(k)
		}
		switch apperr.CodeOf(err) {
		case "":
			next.Kept = *k
		case apperr.Conflict, apperr.NotFound:
			next.ranking, next.Unfit = e.shipped, apperr.MessageOf(err)
			e.log.WarnContext(ctx, "kept weights do not fit, the program's are used", "number", number, "error", err)
		default:
			return err
		}
	}
	e.weights.Store(next)
	e.log.InfoContext(ctx, "weights in use", "number", next.Number)
	return nil
}
