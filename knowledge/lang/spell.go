package lang

import (
	"slices"
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

// Speller repairs what a phone's pinyin keyboard gets wrong: characters that
// sound like those of a term of the lexicon (危费 for 危废, 登计表 for 登记表). It
// is made once and then only read.
type Speller struct {
	lexicon *Lexicon
	exact   map[string][]string // terms by their sound
	alike   map[string][]string // longer terms by their sound as southern and Henan mouths have it
	lengths map[[2]string]uint  // by the merged sounds of a term's first two characters: a bit for every length there is
	longest int                 // characters of the longest term
	said    sync.Map            // rune → sound: the library takes its time
}

// Repair is one stretch of a message that was read as a term.
type Repair struct{ From, To string }

// How long a term is that typing may be repaired to, from which length on zh and
// z, ing and in count as one sound, and from which on it need not be unusual.
const (
	shortestSpelt = 2
	longestSpelt  = 8
	shortestAlike = 3
	plainlySpelt  = 4 // all but one character of so many leave no doubt
)

// NewSpeller knows the lexicon's terms and the law's words for them.
func NewSpeller(l *Lexicon) *Speller {
	s := &Speller{lexicon: l, exact: map[string][]string{}, alike: map[string][]string{}, lengths: map[[2]string]uint{}}
	add := func(term string) {
		rs := []rune(term)
		if len(rs) < shortestSpelt || len(rs) > longestSpelt || slices.ContainsFunc(rs, func(r rune) bool { return !IsHan(r) }) {
			return
		}
		exact := s.sounds(rs)
		if exact == "" || slices.Contains(s.exact[exact], term) {
			return
		}
		s.exact[exact] = append(s.exact[exact], term)
		if len(rs) >= shortestAlike {
			s.alike[merge.Replace(exact)] = append(s.alike[merge.Replace(exact)], term)
		}
		s.lengths[s.opening(rs)] |= 1 << len(rs)
		s.longest = max(s.longest, len(rs))
	}
	for _, ws := range l.words {
		for _, w := range ws {
			add(w.Term)
			for _, m := range w.Means {
				add(m)
			}
		}
	}
	for _, index := range []map[string][]string{s.exact, s.alike} {
		for _, terms := range index {
			slices.Sort(terms)
		}
	}
	return s
}

// sounds is how characters are read, without tones, each between blanks; ""
// when one has no reading.
func (s *Speller) sounds(rs []rune) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, r := range rs {
		one := s.sound(r).exact
		if one == "" {
			return ""
		}
		b.WriteString(one + " ")
	}
	return b.String()
}

// sound is how a character is read, "" when it has no reading, and what many
// speakers make of it.
type sound struct{ exact, merged string }

func (s *Speller) sound(r rune) sound {
	if !IsHan(r) {
		return sound{}
	}
	if known, ok := s.said.Load(r); ok {
		return known.(sound)
	}
	var said sound
	if one := pinyin.SinglePinyin(r, pinyin.NewArgs()); len(one) > 0 {
		said = sound{exact: one[0], merged: merge.Replace(" " + one[0] + " ")}
	}
	s.said.Store(r, said)
	return said
}

// opening is how the first two characters sound to those who hear the fewest
// differences.
func (s *Speller) opening(rs []rune) [2]string {
	return [2]string{s.sound(rs[0]).merged, s.sound(rs[1]).merged}
}

// merge makes one of the sounds that many speakers do not tell apart.
var merge = strings.NewReplacer(" zh", " z", " ch", " c", " sh", " s", "ang ", "an ", "eng ", "en ", "ing ", "in ")

// Mend reads misspelt terms in a folded text. usual reports whether two
// characters are used to stand side by side in the knowledge base: what is
// usual was meant. Names of companies and people are left alone.
func (s *Speller) Mend(folded string, usual func(pair string) bool) (string, []Repair) {
	rs := []rune(folded)
	ends := make([]int, len(rs)) // of the longest known term from here
	for _, w := range s.lexicon.Words(folded) {
		for i := w.Start; i < w.End; i++ {
			ends[i] = max(ends[i], w.End)
		}
	}
	var out []Repair
	for i := 0; i+shortestSpelt <= len(rs); i++ {
		lengths := s.lengths[s.opening(rs[i:])]
		for n := min(s.longest, len(rs)-i); n >= shortestSpelt; n-- {
			if lengths&(1<<n) == 0 {
				continue // no term of this length begins with these sounds
			}
			term, ok := s.term(rs, ends, i, n, usual)
			if !ok {
				continue
			}
			out = append(out, Repair{From: string(rs[i : i+n]), To: term})
			copy(rs[i:], []rune(term))
			i += n - 1
			break
		}
	}
	return string(rs), out
}

// term is what the n characters at i were to be, if they are misspelt.
func (s *Speller) term(rs []rune, ends []int, i, n int, usual func(string) bool) (string, bool) {
	window := rs[i : i+n]
	if slices.ContainsFunc(window, func(r rune) bool { return !IsHan(r) }) || ends[i] >= i+n || isName(rs, i, i+n) {
		return "", false
	}
	sound := s.sounds(window)
	if sound == "" {
		return "", false
	}
	terms, least := s.exact[sound], 1
	if len(terms) == 0 && n >= shortestAlike {
		terms, least = s.alike[merge.Replace(sound)], n-1
	}
	best, kept := "", 0
	for _, t := range terms {
		to := []rune(t)
		same, odd := compare(window, to, usual)
		if same == n {
			return "", false // it is a term as it stands
		}
		odd = odd || n >= plainlySpelt && same == n-1
		if odd && same >= least && same > kept && apart(rs, i, to, usual) {
			best, kept = t, same
		}
	}
	return best, best != ""
}

// apart reports whether the characters at i that would change to those of a
// term do not belong to their neighbours outside. Of two characters neither may,
// nor be one of those that hold sentences together.
func apart(rs []rune, i int, to []rune, usual func(string) bool) bool {
	end := i + len(to)
	short := len(to) == shortestSpelt
	if short && (strings.ContainsRune(particles, rs[i]) || strings.ContainsRune(particles, rs[end-1])) {
		return false
	}
	if i > 0 && (short || rs[i] != to[0]) && usual(string(rs[i-1:i+1])) {
		return false
	}
	return end == len(rs) || !short && rs[end-1] == to[len(to)-1] || !usual(string(rs[end-1:end+1]))
}

// particles are characters that hold sentences together: they stand beside
// anything, and are seldom typed for another.
const particles = "的了是不在有和就人都一二两三十个上下里也很到说要去来你会着没看好这那能得我他她它们俺咱把被给让叫向从对与或及等再还又只才最更过吗呢吧啊呀么啥咋哪谁几多少大小每按以可"

// compare counts the characters that stay, and tells whether one of those that
// would change stands beside a neighbour in a way that is not usual. It is 0
// when a particle would change.
func compare(from, to []rune, usual func(string) bool) (same int, odd bool) {
	for k := range from {
		if from[k] == to[k] {
			same++
			continue
		}
		if strings.ContainsRune(particles, from[k]) {
			return 0, false
		}
		if k > 0 && !usual(string(from[k-1:k+1])) || k+1 < len(from) && !usual(string(from[k:k+2])) {
			odd = true
		}
	}
	return same, odd
}

// What says that the characters before, or behind, are a name.
var (
	nameEnds   = []string{"公司", "集团", "有限", "先生", "女士", "经理", "老板", "局长", "科长", "师傅", "合作社"}
	nameBegins = []string{"叫", "姓", "名字是"}
)

// nameReach is how many characters of a name may stand between it and what
// says that it is one: 威飞 in 威飞环保公司.
const nameReach = 2

func isName(rs []rune, from, to int) bool {
	behind := string(rs[to:min(len(rs), to+nameReach+3)])
	for _, end := range nameEnds {
		if at := strings.Index(behind, end); at >= 0 && len([]rune(behind[:at])) <= nameReach && !strings.ContainsAny(behind[:at], "的了要得 \n") {
			return true
		}
	}
	before := string(rs[max(0, from-3):from])
	return slices.ContainsFunc(nameBegins, func(b string) bool { return strings.HasSuffix(before, b) })
}
