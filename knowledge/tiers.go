package knowledge

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/knowledge/lang"
	"greendesk/knowledge/parse"
	"greendesk/knowledge/rank"
)

// Precedence says which rule an answer quotes when rules of several levels (the
// state's, the province's, the city's) answer as well as each other.
type Precedence string

// The precedences.
const (
	MoreSpecific Precedence = "specific" // the city's before the province's before the state's
	Stricter     Precedence = "stricter" // the one with the highest fine; the more specific where none is higher
)

// tier is how near to the place a rule is made: 1 for the state's, 2 for a
// province's, 3 for a city's or a county's; 0 for what is no rule.
func tier(level, region string) int {
	switch {
	case level == string(parse.QA):
		return 0
	case region == "" || region == "全国":
		return 1
	case strings.HasSuffix(region, "省") || strings.HasSuffix(region, "自治区") || slices.Contains([]string{"北京市", "天津市", "上海市", "重庆市"}, region):
		return 2
	}
	return 3
}

func tierOf(r rank.Ranked) int { return tier(r.Entry.Version.Level, r.Entry.Version.Region) }

// nearestFirst orders rules by how near to the place they are made.
func nearestFirst(a, b rank.Ranked) int { return tierOf(b) - tierOf(a) }

// weighTiers looks whether rules of other levels answer what the first clause
// answers, the best of each level, and puts the one first that takes precedence.
// The order of a question that names a law or an article, or repeats a
// standard question, is as it asks.
func (e *Engine) weighTiers(ctx context.Context, res *Result) error {
	if len(res.Ranked) == 0 || res.Ranked[0].Vector.Foreign() || tierOf(res.Ranked[0]) == 0 {
		return nil
	}
	first := res.Ranked[0]
	seen := map[int]bool{tierOf(first): true}
	equals := []int{0} // places in Ranked
	for i, r := range res.Ranked {
		t := tierOf(r)
		if t == 0 || seen[t] {
			continue
		}
		too, place := rank.Together(first, r)
		if !too {
			continue
		}
		seen[t] = true
		res.also = append(res.also, r)
		if place {
			equals = append(equals, i)
		}
	}
	if len(equals) == 1 || res.Named || res.Repeats || len(res.Question.Laws) > 0 {
		return nil
	}
	best, err := e.preferred(ctx, res, equals)
	if err != nil || best == 0 {
		return err
	}
	chosen := res.Ranked[best]
	res.Ranked = slices.Insert(slices.Delete(res.Ranked, best, best+1), 0, chosen)
	res.Ranked[0].Score = first.Score // it stands for the first: what is trusted is the question's answer
	res.also = slices.DeleteFunc(res.also, func(r rank.Ranked) bool { return r.Entry == chosen.Entry })
	res.also = append(res.also, first)
	return nil
}

// preferred is the place of the rule that takes precedence.
func (e *Engine) preferred(ctx context.Context, res *Result, equals []int) (int, error) {
	specific := slices.MaxFunc(equals, func(i, j int) int { return tierOf(res.Ranked[i]) - tierOf(res.Ranked[j]) })
	res.Chosen = MoreSpecific
	if c := e.curated.Load(); c == nil || c.precedence != Stricter {
		return specific, nil
	}
	ids := make([]string, len(equals))
	for n, i := range equals {
		ids[n] = res.Ranked[i].Entry.ID
	}
	stored, err := e.store.Clauses(ctx, ids)
	if err != nil {
		return 0, err
	}
	fines := map[int]float64{}
	for _, i := range equals {
		fines[i] = highestFine(stored[res.Ranked[i].Entry.ID].Text)
	}
	best := slices.MaxFunc(equals, func(i, j int) int { return cmp.Compare(fines[i], fines[j]) })
	if slices.ContainsFunc(equals, func(i int) bool { return i != best && fines[i] == fines[best] }) {
		return specific, nil // none is the highest
	}
	res.Chosen = Stricter
	return best, nil
}

// fine is an amount of money in a clause.
var fine = regexp.MustCompile(`([零〇一二两三四五六七八九十百千]+|\d+(?:\.\d+)?)(万|千|百)?元`)

// highestFine is the largest amount in yuan that a clause names, 0 for none.
func highestFine(text string) float64 {
	highest := 0.0
	for _, m := range fine.FindAllStringSubmatch(text, -1) {
		n, ok := lang.ParseNumeral(m[1])
		if !ok {
			continue
		}
		highest = max(highest, float64(n)*map[string]float64{"": 1, "百": 100, "千": 1000, "万": 10000}[m[2]])
	}
	return highest
}

// settingPrecedence is the setting's name in SQL and on the command line.
const settingPrecedence = "precedence"

// Setting is something that curators choose.
type Setting struct{ Name, Value, Means string }

// Settings returns what curators can choose, with what is chosen.
func (s *Store) Settings(ctx context.Context) ([]Setting, error) {
	p, err := s.precedence(ctx)
	if err != nil {
		return nil, err
	}
	return []Setting{{settingPrecedence, string(p), "国家、省、市的规定都能回答时先引哪个：specific 更具体的（市、省、国家），stricter 罚得更重的"}}, nil
}

// Set chooses. It is apperr.Invalid when there is no such setting or value.
func (s *Store) Set(ctx context.Context, name, value string) error {
	if name != settingPrecedence {
		return apperr.New(apperr.Invalid, fmt.Sprintf("没有设置“%s”，只有 %s。", name, settingPrecedence))
	}
	if p := Precedence(value); p != MoreSpecific && p != Stricter {
		return apperr.New(apperr.Invalid, fmt.Sprintf("%s 只能是 %s 或 %s，现在写的是“%s”。", name, MoreSpecific, Stricter, value))
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return setSetting(ctx, tx, name, value) })
}
