package knowledge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/knowledge/lang"
)

// Term is a curator's entry of the lexicon.
type Term struct {
	lang.Change
	By string
	At time.Time
}

// NewTerm is an entry to be made; From (“第 3 行：”) opens what is said when
// something is wrong with it.
type NewTerm struct {
	lang.Change
	From string
}

// Limits of an entry, in characters and in terms.
const (
	shortestTerm = 2
	longestTerm  = 20
	mostMeanings = 4
)

// negations turn what is asked into its opposite: chatter has none of them.
const negations = "不没无未非别勿莫免否"

// kindOff is how a file says that a term is to be no entry.
const kindOff = "off"

// SetTerms makes entries of the lexicon, each instead of all there is of its
// term. All are made or, when one is wrong, none; the error names every one
// that is. A legal term that stands in no clause of the store is wrong: a
// search would look for it in vain.
func (e *Engine) SetTerms(ctx context.Context, terms []NewTerm, by string, also ...Also) error {
	var wrong []string
	for i := range terms {
		t := &terms[i]
		t.Term = strings.TrimSpace(t.Term)
		t.Means = slices.DeleteFunc(slices.Clone(t.Means), func(m string) bool { return strings.TrimSpace(m) == "" })
		what, err := e.wrongTerm(ctx, t.Change)
		if err != nil {
			return err
		}
		if what != "" {
			wrong = append(wrong, t.From+what)
		}
	}
	if len(wrong) > 0 {
		return apperr.New(apperr.Invalid, strings.Join(wrong, "\n"))
	}
	return e.store.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, t := range terms {
			if err := e.store.setTerm(ctx, tx, e.Folder().Fold(t.Term), t.Change, by); err != nil {
				return err
			}
		}
		if err := countCuration(ctx, tx); err != nil {
			return err
		}
		return run(ctx, tx, also)
	})
}

// wrongTerm says in Chinese what is wrong with an entry and what to do, "" when
// nothing is.
func (e *Engine) wrongTerm(ctx context.Context, c lang.Change) (string, error) {
	folded := e.Folder().Fold(c.Term)
	n := utf8.RuneCountInString(folded)
	switch {
	case n < shortestTerm || n > longestTerm || strings.ContainsAny(folded, " \n"):
		return fmt.Sprintf("“%s”不能作词条：要 %d 到 %d 个字，中间没有空格和标点。", c.Term, shortestTerm, longestTerm), nil
	case c.Off:
		return "", nil
	case !slices.Contains(lang.Kinds(), c.Kind):
		return fmt.Sprintf("“%s”的类别是“%s”，只能是 %s。", c.Term, c.Kind, strings.Join(lang.Kinds(), "、")), nil
	case c.Kind == lang.KindStop && strings.ContainsAny(folded, negations):
		return fmt.Sprintf("“%s”里有否定词，去掉它意思就反了，不能当作客套话。", c.Term), nil
	case c.Kind == lang.KindStop && len(c.Means) > 0:
		return fmt.Sprintf("“%s”是客套话（stop），不能有对应的法规用语。", c.Term), nil
	case len(c.Means) > mostMeanings:
		return fmt.Sprintf("“%s”对应 %d 个法规用语，最多 %d 个，请留下最要紧的。", c.Term, len(c.Means), mostMeanings), nil
	case len(c.Means) == 0 && slices.Contains([]string{"abbr", "colloq", lang.KindSynonym, lang.KindLaw}, c.Kind):
		return fmt.Sprintf("“%s”没有对应的法规用语，请写明它在法规里叫什么。", c.Term), nil
	}
	for _, m := range c.Means {
		stands, err := e.store.stands(ctx, m, c.Kind == lang.KindLaw)
		if err != nil {
			return "", err
		}
		if !stands {
			return fmt.Sprintf("“%s”在知识库的条款里一处也没有，照它查不到东西：请改成法规里的说法，或先导入有它的文件。", m), nil
		}
	}
	return "", nil
}

// coreTerm is in how many clauses a term stands that is the law's own.
const coreTerm = 10

// Doubts names, in Chinese, those of the entries that have a term of the law's
// own mean something else, or nothing: whoever asks with the law's words would be
// given other clauses. It is what such an entry says that may be meant; so it is
// no error.
func (e *Engine) Doubts(ctx context.Context, terms []NewTerm) ([]string, error) {
	var out []string
	for _, t := range terms {
		if t.Off || len(t.Means) == 0 && t.Kind != lang.KindStop || slices.ContainsFunc(t.Means, func(m string) bool { return strings.Contains(m, t.Term) }) {
			continue // another entry only adds to it
		}
		n, err := e.store.countStanding(ctx, t.Term)
		switch {
		case err != nil:
			return out, err
		case n < coreTerm:
		case t.Kind == lang.KindStop:
			out = append(out, fmt.Sprintf("%s“%s”是法规里的说法，%d 条条款里有它；当作客套话，问话里的它就不算数了。不是这个意思，请从词库删去它。", t.From, t.Term, n))
		default:
			out = append(out, fmt.Sprintf("%s“%s”本身就是法规里的说法，%d 条条款里有它；照这一条，问它的人也会查到“%s”。不是这个意思，请从词库删去它。", t.From, t.Term, n, strings.Join(t.Means, "、")))
		}
	}
	return out, nil
}

// RemoveTerm takes a term out of the lexicon: a curator's entry is deleted, so
// that what the program carries counts again; what the program carries is
// switched off. It reports what it did, in Chinese.
func (e *Engine) RemoveTerm(ctx context.Context, term, by string, also ...Also) (string, error) {
	key := e.Folder().Fold(term)
	deleted := false
	err := e.store.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if deleted, err = e.store.deleteTerm(ctx, tx, key); err != nil || !deleted {
			return err
		}
		if err := countCuration(ctx, tx); err != nil {
			return err
		}
		return run(ctx, tx, also)
	})
	carried := slices.ContainsFunc(e.carried.Find(key), func(w lang.Word) bool { return w.Term == key })
	switch {
	case err != nil:
		return "", err
	case deleted && carried:
		return "已删去改过的词条，程序自带的重新生效；要连自带的也停用，请再删一次。", nil
	case deleted:
		return "已删去。", nil
	case carried:
		return "已停用程序自带的词条；可以另加一条，再删一次就恢复。", e.SetTerms(ctx, []NewTerm{{Change: lang.Change{Term: term, Off: true}}}, by, also...)
	}
	return "", apperr.New(apperr.NotFound, fmt.Sprintf("词库里没有“%s”，请先查一查它在词库里怎么写。", term))
}

// Terms finds entries of the lexicon as it counts now: those whose term or
// meaning has the text in it.
func (e *Engine) Terms(ctx context.Context, text string) ([]lang.Word, error) {
	if err := e.followCurators(ctx); err != nil {
		return nil, err
	}
	return e.reader().Lexicon.Find(e.Folder().Fold(text)), nil
}

// ParseTerms reads lines of a term, its meanings parted by |, and a kind,
// parted by tabs; the kind off switches a term off, # opens a comment. An error
// names the lines; those that are right come with it.
func ParseTerms(data string) ([]NewTerm, error) {
	var out []NewTerm
	err := eachRow(data, "词、法规用语、类别", func(from string, cols []string) {
		kind := strings.TrimSpace(cols[2])
		c := lang.Change{Term: strings.TrimSpace(cols[0]), Kind: kind, Off: kind == kindOff}
		if !c.Off {
			c.Means = strings.Split(cols[1], "|")
		}
		out = append(out, NewTerm{Change: c, From: from})
	})
	return out, err
}

// Line writes an entry in the form that ParseTerms reads.
func (t Term) Line() string {
	if t.Off {
		return t.Term + "\t\t" + kindOff
	}
	return t.Term + "\t" + strings.Join(t.Means, "|") + "\t" + t.Kind
}
