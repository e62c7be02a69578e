package knowledge

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"greendesk/knowledge/index"
	"greendesk/knowledge/rank"
)

// called is what a question says of laws by their names.
type called struct {
	absent, ended string // as in Result
	name          string // of the absent law, as the message has it
	article       bool   // an article of it is asked for
}

// called finds the laws that a question names, or the message before it when it
// goes on from that with an article's number. They become the question's laws;
// a text of an earlier time that is asked for (原…法, 2007年版) becomes the day
// asked for.
func (e *Engine) called(ctx context.Context, res *Result, text, prev string) (called, error) {
	f, q := e.Folder(), res.Question
	table := e.names.Load()
	if table == nil {
		return called{}, nil
	}
	mentions := newNaming(text, f, e.reader().Lexicon, table).mentions(text, f)
	if len(mentions) == 0 && q.FollowUp && len(q.Articles) > 0 {
		mentions = newNaming(prev, f, e.reader().Lexicon, table).mentions(prev, f)
		for i := range mentions {
			mentions[i].article = true
		}
	}
	if len(mentions) == 0 {
		return called{}, nil
	}
	q.Laws = nil
	var out called
	all := e.local.Versions()
	for _, m := range mentions {
		c, err := e.lookUp(ctx, res, m, titled(all, m.titles))
		if err != nil {
			return called{}, err
		}
		if c.absent == "" {
			q.Laws = append(q.Laws, m.titles...)
		}
		if c.absent != "" && (out.absent == "" || c.article && !out.article) {
			out = c
		}
	}
	if len(q.Laws) > 0 && !out.article {
		return called{}, nil
	}
	return out, nil
}

// titled are the versions of these titles, or of titles with these words.
func titled(all []*index.Version, titles []string) []*index.Version {
	var out []*index.Version
	for _, v := range all {
		if slices.ContainsFunc(titles, func(t string) bool { return strings.Contains(v.Title, t) }) {
			out = append(out, v)
		}
	}
	exact := slices.DeleteFunc(slices.Clone(out), func(v *index.Version) bool { return !slices.Contains(titles, v.Title) })
	if len(exact) > 0 {
		return exact
	}
	return out
}

// editionMark is which edition a title says that it is.
var editionMark = regexp.MustCompile(`[（(]\d{4}年?版?[）)]$`)

// lookUp says whether the store has the text that a mention asks for, and sets
// the day on which that was the law.
func (e *Engine) lookUp(ctx context.Context, res *Result, m mention, have []*index.Version) (called, error) {
	none := called{absent: m.name, name: m.name, article: m.article}
	if len(have) == 0 {
		if len(m.titles) > 0 {
			none.absent, none.name = m.titles[0], m.titles[0]
		}
		return none, nil
	}
	last := slices.MaxFunc(have, func(a, b *index.Version) int { return cmp.Compare(a.ValidFrom, b.ValidFrom) })
	none.absent = last.Name
	switch today := e.Today(); {
	case res.Day != "":
		return called{}, nil // what was in force then is looked for below
	case m.edition != "":
		i := slices.IndexFunc(have, func(v *index.Version) bool {
			return strings.HasPrefix(v.Label, m.edition) || strings.HasPrefix(v.ValidFrom, m.edition)
		})
		if i < 0 || !have[i].InForce(cmp.Or(have[i].ValidFrom, have[i].Label)) {
			none.absent, none.article = editionMark.ReplaceAllString(last.Name, "")+"（"+m.edition+"年版）", true
			return none, nil
		}
		if !have[i].InForce(today) {
			res.Day = have[i].ValidFrom
		}
	case m.old:
		day := dayBefore(cmp.Or(last.ValidTo, last.ValidFrom))
		before, err := e.before(ctx, []string{last.Title}, day)
		if err != nil {
			return called{}, err
		}
		if day == "" || len(before) == 0 {
			none.absent, none.article = last.Name+"（旧版）", true
			return none, nil
		}
		res.Day = day
	case !slices.ContainsFunc(have, func(v *index.Version) bool { return v.ValidTo == "" || v.ValidTo > today }):
		none.ended = last.ValidTo
		return none, nil
	}
	return called{}, nil
}

// dayBefore is the day before a day, "" for none.
func dayBefore(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, -1).Format(time.DateOnly)
}

// before are the titles that the laws of these titles had on a day: their own,
// or that of a law that they have replaced.
func (e *Engine) before(ctx context.Context, titles []string, day string) ([]string, error) {
	all := e.local.Versions()
	var out []string
	for _, v := range titled(all, titles) {
		ids, err := e.store.versionsOn(ctx, v.ID, day)
		if err != nil {
			return nil, err
		}
		for _, w := range all {
			if slices.Contains(ids, w.ID) && !slices.Contains(out, w.Title) {
				out = append(out, w.Title)
			}
		}
	}
	return out, nil
}

// noteAbsent says that the named law is missing. Where no article of it is
// asked for, a clause that speaks of it may answer, and our own explanations
// may.
func (e *Engine) noteAbsent(ctx context.Context, res *Result, c called) error {
	if res.Absent != "" || res.Named || res.Repeats {
		return nil
	}
	if c.absent == "" { // of a law that is there the number may be missing
		if len(res.Question.Articles) > 0 && len(res.Question.Laws) > 0 && !res.Question.FollowUp {
			res.Absent, res.AbsentArticle = e.nameOf(res.Question.Laws[0]), res.Question.Articles[0].String()
		}
		return nil
	}
	if !c.article && c.ended == "" && len(res.Citations) > 0 {
		if tierOf(res.Ranked[0]) == 0 {
			return nil
		}
		first, err := e.store.Clause(ctx, res.Citations[0].Clause)
		if err != nil {
			return err
		}
		if strings.Contains(plainName(e.Folder().Fold(first.Text)), c.name) {
			return nil
		}
	}
	res.Absent, res.Ended = c.absent, c.ended
	return nil
}

// nameOf is the title as written of a folded one.
func (e *Engine) nameOf(title string) string {
	for _, v := range titled(e.local.Versions(), []string{title}) {
		return v.Name
	}
	return title
}

// namedStep puts a clause that the question names, document and article,
// before all others, in the units of the scorer.
const namedStep = 5.0

// nameFirst puts the articles first that the question names together with
// their document, or with the one that came after it. It reports whether
// there are any.
func (e *Engine) nameFirst(ctx context.Context, res *Result, day string) (bool, error) {
	named := e.local.Articles(res.Question.Laws, res.Question.Articles, day)
	if len(named) == 0 && res.Day != "" && len(res.Question.Articles) > 0 {
		before, err := e.before(ctx, res.Question.Laws, day)
		if err != nil {
			return false, err
		}
		named = e.local.Articles(before, res.Question.Articles, day)
	}
	if len(named) == 0 {
		return false, nil
	}
	top := 0.0
	if len(res.Ranked) > 0 {
		top = res.Ranked[0].Score
	}
	rest := slices.DeleteFunc(res.Ranked, func(r rank.Ranked) bool { return slices.Contains(named, r.Entry) })
	var first []rank.Ranked
	for _, x := range named {
		vs := rank.Measure(res.Question, []index.Hit{{Entry: x, Score: 1}}, nil, e.local)
		first = append(first, rank.Ranked{Entry: x, Score: top + namedStep, Vector: &vs[0]})
	}
	res.Ranked = append(first, rest...)
	return true, nil
}
