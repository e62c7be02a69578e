package bot

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"greendesk/desk"
	"greendesk/internal/kv"
	"greendesk/internal/testenv"
)

// A dialogue file is a transcript, a line each:
//
//	> text         the contact writes (in double quotes: with Go's escapes)
//	>> text        the contact writes it right after the message before
//	@ event NAME   the platform reports an event
//	@ click KEY    a tap on the account's bottom menu
//	@ tap LABEL    a tap on an inline entry
//	@ voice, @ image, @ video, @ file, @ location LABEL, @ link LABEL
//	@ long N TEXT  the contact writes TEXT again and again, N characters
//	@ lose         the session is lost
//	@ as NAME      another contact goes on from here
//	@ expert VERB TEXT  an expert asks, answers, or shares a text of the answer with enterprises that ask alike
//	@ another      the reply quotes another clause than the one before it
//	@ same         the reply quotes the same clause as the one before it
//	< text         the reply contains this
//	! text         the reply does not contain this
//	@ state NAME {a}  the consultation of that number is in that state
//	@ silent       there is no reply
//
// {a}, {b} … in < (and then in >) stand for a number: the same letter for the same number,
// different letters for different ones. # begins a comment.
type dialogue struct {
	t       testing.TB
	w       *world
	contact string
	where   string
	reply   Reply
	clause  string // quoted last
	before  string // quoted before that
	numbers map[string]string
}

func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogues/*.txt")
	must(t, err)
	if len(files) == 0 {
		t.Fatal("no dialogues")
	}
	memory := kv.NewMemory()
	t.Cleanup(memory.Close)
	redis, err := kv.NewRedis(testenv.Redis(t))
	must(t, err)
	t.Cleanup(func() { must(t, redis.Close()) })
	for name, sessions := range map[string]Sessions{"memory": memory, "redis": redis} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, sessions)
			for _, file := range files {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { play(t, w, file) })
			}
		})
	}
}

func play(t *testing.T, w *world, file string) {
	t.Helper()
	f, err := os.Open(file)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	d := &dialogue{t: t, w: w, contact: "o-" + filepath.Base(file), numbers: map[string]string{}}
	w.desk = w.bot.desk
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		d.where = fmt.Sprintf("%s:%d", filepath.Base(file), n)
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		mark, rest, _ := strings.Cut(line, " ")
		d.line(mark, rest)
	}
	must(t, lines.Err())
}

func (d *dialogue) line(mark, rest string) {
	d.t.Helper()
	switch mark {
	case ">", ">>":
		d.w.hasty = mark == ">>"
		defer func() { d.w.hasty = false }()
		if strings.HasPrefix(rest, `"`) {
			plain, err := strconv.Unquote(rest)
			must(d.t, err)
			rest = plain
		}
		for name, number := range d.numbers {
			rest = strings.ReplaceAll(rest, "{"+name+"}", number)
		}
		d.send(text(rest))
	case "@":
		verb, rest, _ := strings.Cut(rest, " ")
		d.act(verb, rest)
	case "<":
		d.contains(rest)
	case "!":
		if strings.Contains(d.all(), rest) {
			d.t.Errorf("%s: the reply has %q:\n%s", d.where, rest, d.all())
		}
	default:
		d.t.Fatalf("%s: what is %q?", d.where, mark)
	}
}

func (d *dialogue) act(verb, rest string) {
	d.t.Helper()
	switch verb {
	case "event":
		d.send(Message{Kind: KindEvent, Event: rest})
	case "click":
		d.send(Message{Kind: KindEvent, Event: EventClick, Key: rest})
	case "tap":
		for _, t := range []Tap{TapExpert, TapUseful, TapUseless, TapMine, TapHelp, TapMore, TapNew, TapReply, TapYes, TapNo,
			TapBind, TapProfile, TapAgree, TapDisagree, TapSkip, TapErase, TapSure, TapKeep} {
			if t.Label == rest {
				d.send(tap(t))
				return
			}
		}
		d.t.Fatalf("%s: no tap %q", d.where, rest)
	case "voice", "image", "video", "location", "link", "file":
		d.send(Message{Kind: verb, Label: rest})
	case "long":
		n, phrase, _ := strings.Cut(rest, " ")
		length, err := strconv.Atoi(n)
		must(d.t, err)
		d.send(text(string([]rune(strings.Repeat(phrase, length))[:length])))
	case "lose":
		must(d.t, d.w.bot.sessions.Delete(d.t.Context(), sessionKey(d.contact)))
	case "as":
		file, _, _ := strings.Cut(d.where, ":")
		d.contact = "o-" + file + "-" + rest
	case "expert":
		verb, words, _ := strings.Cut(rest, " ")
		d.w.expert(d.t, d.contact, verb, words)
	case "state":
		state, which, _ := strings.Cut(rest, " ")
		cs, err := d.w.desk.Consultations(d.t.Context(), d.contact, 20)
		must(d.t, err)
		i := slices.IndexFunc(cs, func(c desk.Consultation) bool { return c.Number == d.numbers[strings.Trim(which, "{}")] })
		if i < 0 || string(cs[i].State) != state {
			d.t.Errorf("%s: consultation %s is not %s: %+v", d.where, which, state, cs)
		}
	case "another", "same":
		if d.clause == "" || (d.clause == d.before) != (verb == "same") {
			d.t.Errorf("%s: quoted %q, then %q:\n%s", d.where, d.before, d.clause, d.all())
		}
	case "silent":
		if !d.reply.Empty() {
			d.t.Errorf("%s: the reply is\n%s", d.where, d.all())
		}
	default:
		d.t.Fatalf("%s: what is @ %s?", d.where, verb)
	}
}

// send sends a message and checks what holds of every reply.
func (d *dialogue) send(m Message) {
	d.t.Helper()
	d.reply = d.w.say(d.t, d.contact, m)
	d.before, d.clause = d.clause, ""
	checkReply(d.t, d.where, d.reply)
	if len(d.reply.Links) > 0 {
		d.clause, _, _ = strings.Cut(d.reply.Links[0].Path, "?")
	}
}

// all is everything a contact sees of a reply.
func (d *dialogue) all() string {
	var b strings.Builder
	b.WriteString(d.reply.Text)
	for _, l := range d.reply.Links {
		b.WriteString("\n→ " + l.Label)
	}
	for _, t := range d.reply.Taps {
		b.WriteString("\n[" + t.Label + "]")
	}
	return b.String()
}

var placeholder = regexp.MustCompile(`\\\{([a-z])\\\}`)

func (d *dialogue) contains(want string) {
	d.t.Helper()
	var names []string
	pattern := placeholder.ReplaceAllStringFunc(regexp.QuoteMeta(want), func(s string) string {
		name := placeholder.FindStringSubmatch(s)[1]
		if number, ok := d.numbers[name]; ok {
			return number
		}
		names = append(names, name)
		return `(\d{9,})`
	})
	found := regexp.MustCompile(pattern).FindStringSubmatch(d.all())
	if found == nil {
		d.t.Errorf("%s: the reply lacks %q:\n%s", d.where, want, d.all())
		return
	}
	for i, name := range names {
		for other, number := range d.numbers {
			if number == found[i+1] {
				d.t.Errorf("%s: {%s} is {%s}: %s", d.where, name, other, number)
			}
		}
		d.numbers[name] = found[i+1]
	}
}

// neverSaid are words that no contact should read.
var neverSaid = []string{"故障", "error", "sql", "panic", "nil", "context", "bot:", "desk:", "knowledge:", "%!", "\x00", "�"}

// maxReply is how many characters a phone's screen or two hold.
const maxReply = 700

func checkReply(t testing.TB, where string, r Reply) {
	t.Helper()
	if r.Empty() {
		if len(r.Links) > 0 || len(r.Taps) > 0 {
			t.Errorf("%s: taps or links without words", where)
		}
		return
	}
	if !utf8.ValidString(r.Text) || utf8.RuneCountInString(r.Text) > maxReply || strings.TrimSpace(r.Text) != r.Text {
		t.Errorf("%s: %d characters: %q", where, utf8.RuneCountInString(r.Text), r.Text)
	}
	for _, bad := range neverSaid {
		if strings.Contains(strings.ToLower(r.Text), bad) {
			t.Errorf("%s: the reply says %q:\n%s", where, bad, r.Text)
		}
	}
	for _, l := range r.Links {
		if !strings.HasPrefix(l.Path, "/clauses/") && !strings.HasPrefix(l.Path, MyPath) || l.Label == "" || strings.ContainsAny(l.Label, "<>\n") {
			t.Errorf("%s: link %+v", where, l)
		}
	}
	seen := map[int]bool{}
	for _, tap := range r.Taps {
		if seen[tap.ID] || tap.Label == "" {
			t.Errorf("%s: tap %+v", where, tap)
		}
		seen[tap.ID] = true
	}
}
