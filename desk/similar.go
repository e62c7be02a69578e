package desk

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Similar is the answer to an earlier question that is alike: not the question,
// nor who asked. Enterprises see what an expert released; colleagues the answer
// itself, without the numbers and names that can be told.
type Similar struct {
	Consultation string // id: for staff who may read it, not to be shown
	Topic        string
	Answer       string
	Citations    []Cited
	At           time.Time // of the answer
	Alike        float64   // 0 to 1
}

const (
	alikeFloor  = 0.4  // less alike is not shown
	similarPool = 1000 // newest answers that are looked through
)

// Similar returns what was released of the answers to earlier questions like
// this one, best first, at most limit. Answers that were rated one or two stars
// are left out, and so are those to photos and the like, which have no words to
// be like. The caller checks that the citations are still in force.
func (d *Desk) Similar(ctx context.Context, question string, limit int) ([]Similar, error) {
	return d.similar(ctx, question, "", true, limit)
}

// earlier is an answered question.
type earlier struct {
	Similar
	question string
	asker    []string // names that are left out of the answer
}

func (d *Desk) similar(ctx context.Context, question, except string, released bool, limit int) ([]Similar, error) {
	text, only := "p.body", ""
	if released {
		text, only = "k.shared", "AND k.shared <> ''"
	}
	rows, err := d.db.Query(ctx, `SELECT k.id, k.topic, k.question, `+text+`, p.citations, p.at, c.name, COALESCE(e.name, '')
		FROM consultations k JOIN contacts c ON c.id = k.contact_id LEFT JOIN enterprises e ON e.id = k.enterprise_id
		JOIN posts p ON p.consultation_id = k.id AND p.kind = 'answer' AND p.body <> ''
		WHERE k.state IN ('answered', 'closed') AND k.rating NOT IN (1, 2) AND k.reason <> 'material' AND k.id <> $1 `+only+`
		AND NOT EXISTS (SELECT 1 FROM posts q WHERE q.consultation_id = k.id AND q.kind = 'answer' AND (q.at > p.at OR (q.at = p.at AND q.id > p.id)))
		ORDER BY k.answered_at DESC, k.id DESC LIMIT $2`, except, similarPool)
	pool, err := list(rows, err, func(r row) (earlier, error) {
		var v earlier
		var cites string
		var at int64
		v.asker = make([]string, 2)
		if err := r.Scan(&v.Consultation, &v.Topic, &v.question, &v.Answer, &cites, &at, &v.asker[0], &v.asker[1]); err != nil {
			return v, err
		}
		v.At = instant(at)
		var err error
		v.Citations, err = decodeCited(cites)
		return v, err
	})
	if err != nil {
		return nil, err
	}
	return mostAlike(question, pool, limit), nil
}

// mostAlike orders earlier questions by how alike they are: the cosine of their
// pairs of characters, of which a rare one weighs more.
func mostAlike(question string, pool []earlier, limit int) []Similar {
	in := map[string]int{}
	grams := make([]map[string]bool, len(pool))
	for i, v := range pool {
		grams[i] = bigrams(v.question)
		for g := range grams[i] {
			in[g]++
		}
	}
	weigh := func(g string) float64 { return math.Log(1 + float64(len(pool)+1)/float64(in[g]+1)) }
	sum := func(set map[string]bool) float64 {
		s := 0.0
		for g := range set {
			s += weigh(g)
		}
		return s
	}
	asked := bigrams(question)
	whole := sum(asked)
	var out []Similar
	for i, v := range pool {
		shared := 0.0
		for g := range grams[i] {
			if asked[g] {
				shared += weigh(g)
			}
		}
		if v.Alike = shared / math.Sqrt(max(whole*sum(grams[i]), 1)); v.Alike < alikeFloor {
			continue
		}
		v.Answer = anonymous(v.Answer, v.asker)
		out = append(out, v.Similar)
	}
	slices.SortStableFunc(out, func(a, b Similar) int {
		switch {
		case a.Alike > b.Alike:
			return -1
		case a.Alike < b.Alike:
			return 1
		}
		return 0
	})
	return out[:min(len(out), limit)]
}

// bigrams are the pairs of neighbouring letters and digits of a text.
func bigrams(text string) map[string]bool {
	var rs []rune
	for _, r := range strings.ToLower(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			rs = append(rs, r)
		}
	}
	out := map[string]bool{}
	for i := 1; i < len(rs); i++ {
		out[string(rs[i-1:i+1])] = true
	}
	return out
}

// What an answer may hold of who asked: a greeting, names of companies,
// telephones, identity cards, credit codes.
var (
	greeting = regexp.MustCompile(`^[^，。,！!：:\n]{0,30}[您你]好[，。,！!：:\s]*`)
	company  = regexp.MustCompile(`\p{Han}{2,12}有限(责任)?公司`)
	personal = regexp.MustCompile(`\b(1\d{10}|0\d{2,3}-?\d{7,8}|[0-9A-Z]{15,18}|\d{7,})\b`)
)

// anonymous leaves out of a text the asker's names and what else may tell who
// asked.
func anonymous(text string, names []string) string {
	text = greeting.ReplaceAllString(text, "")
	for _, n := range names {
		if len([]rune(n)) > 1 {
			text = strings.ReplaceAll(text, n, "某企业")
		}
	}
	return personal.ReplaceAllString(company.ReplaceAllString(text, "某企业"), "＊＊＊")
}
