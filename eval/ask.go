package eval

import (
	"context"
	"time"

	"greendesk/bot"
	"greendesk/knowledge"
)

// Rival is the candidate that stands first where another would be right.
type Rival struct {
	First Candidate
	Right *Candidate       // the best right one, nil when it is no candidate
	Place int              // of the right one among the candidates, from 1
	Why   []knowledge.Part // what puts First before Right, most telling first
}

// Candidate is a clause with its score. Scores of one question compare.
type Candidate struct {
	Doc, Version, Ref string
	Score             float64
}

// Run asks every question as the desk would be asked. today is YYYY-MM-DD:
// what is no longer in force then is never right.
func Run(ctx context.Context, b *bot.Bot, questions []Question, today string) ([]Answer, error) {
	out := make([]Answer, 0, len(questions))
	for _, q := range questions {
		started := time.Now()
		d, res, err := b.Decide(ctx, knowledge.Ask{Text: q.Q, Prev: q.Prev, Want: Considered, QuoteFirst: true})
		if err != nil {
			return nil, err
		}
		a := Answer{Action: d.Action, Sure: d.Trust, Took: time.Since(started)}
		for _, c := range res.Citations {
			a.Cites = append(a.Cites, Cite{Doc: c.Document, Number: c.Number, Version: c.Version, Ref: c.Ref, Score: c.Score, Ended: c.ValidTo != "" && c.ValidTo <= today})
		}
		if len(q.Gold) > 0 && a.Place(q) != 1 {
			a.Rival = rival(q, res, today)
		}
		out = append(out, a)
	}
	return out, nil
}

// rival finds the right clause among all candidates, which are more than the
// citations, and what keeps it from the first place.
func rival(q Question, res *knowledge.Result, today string) *Rival {
	if len(res.Ranked) == 0 {
		return nil
	}
	r := &Rival{First: candidate(res, 0)}
	for i, c := range res.Ranked {
		v := c.Entry.Version
		if v.ValidTo != "" && v.ValidTo <= today || !q.Right(v.Name, v.Number, c.Entry.Ref) {
			continue
		}
		right := candidate(res, i)
		r.Right, r.Place, r.Why = &right, i+1, res.Over(0, i)
		break
	}
	return r
}

func candidate(res *knowledge.Result, i int) Candidate {
	r := res.Ranked[i]
	return Candidate{Doc: r.Entry.Version.Name, Version: r.Entry.Version.Label, Ref: r.Entry.Ref, Score: r.Score}
}
