package bot

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"greendesk/knowledge"
)

// around is what people say around a question; %s is the question.
var around = []string{
	"你好，%s", "你好，请问%s", "请问%s", "%s，谢谢", "我叫张伟，%s", "我是召陵区一家印刷厂的，%s", "老师您好，打扰一下，我想咨询一下，%s",
	"领导好！我们是做家具的，麻烦问下%s？谢谢", "您好\n我是临颍县一家食品厂的\n%s\n谢谢老师", "能不能告诉我%s", "麻烦问一下，%s，急，在线等",
	"[抱拳]%s🙏🙏", "%s，请问？", "%s，盼复，谢谢！", "在吗？有个事想请教您一下，%s", "漯河市鑫源包装有限公司，%s", "我们厂在源汇区，想问一下%s",
	"%s，麻烦您给解答一下，非常感谢", "我开了个小饭店，%s", "早上好，我叫李红，是舞阳县一家纸箱厂的环保专员，想跟您咨询个事，%s",
}

// leastAlike is which share of the questions must be treated alike with and
// without chatter: in some the trade changes what is asked.
const leastAlike = 0.97

// Chatter around a question changes neither what is done nor what is quoted: on
// the starter knowledge and, where it is there, on the real laws. Every question
// is asked with two of the ways to say it.
func TestChatterChangesNoAnswer(t *testing.T) {
	w := memoryWorld(t)
	questions := labelledQuestions(t)
	alike(t, w, "starter", questions)
	corpus := filepath.Join("..", "..", "shared", "corpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Log("no corpus at", corpus)
		return
	}
	store := knowledge.New(w.db, w.bot.log, w.now)
	_, err := store.Import(t.Context(), knowledge.ImportOptions{Paths: []string{filepath.Join(corpus, "laws")}})
	must(t, err)
	must(t, w.engine.Sync(t.Context()))
	alike(t, w, "laws", questions)
}

func labelledQuestions(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, name := range []string{"answers-a.jsonl", "answers-b.jsonl"} {
		f, err := os.Open(filepath.Join("..", "knowledge", "labelled", name))
		must(t, err)
		defer func() { _ = f.Close() }() // read only
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			var q struct{ Q, Prev string }
			must(t, json.Unmarshal(lines.Bytes(), &q))
			if q.Prev == "" {
				out = append(out, q.Q)
			}
		}
		must(t, lines.Err())
	}
	return out
}

func alike(t *testing.T, w *world, base string, questions []string) {
	t.Helper()
	what := func(text string) string {
		d, res, err := w.bot.Decide(t.Context(), knowledge.Ask{Text: text, Want: 1})
		must(t, err)
		if len(res.Citations) == 0 {
			return string(d.Action)
		}
		return string(d.Action) + " " + res.Citations[0].Clause
	}
	same, asked := 0, 0
	for i, q := range questions {
		bare := what(q)
		for _, way := range []string{around[i%len(around)], around[(7*i+3)%len(around)]} {
			asked++
			if what(fmt.Sprintf(way, q)) == bare {
				same++
			}
		}
	}
	if share := float64(same) / float64(asked); share < leastAlike {
		t.Errorf("%s: %d of %d questions alike with chatter around them, %.3f", base, same, asked, share)
	} else {
		t.Logf("%s: %.3f alike", base, share)
	}
}

// A message that only talks is treated as a whole.
func TestChatterAloneStaysChatter(t *testing.T) {
	w := memoryWorld(t)
	for said, want := range map[string]Action{"你好呀": ActGreet, "您好，打扰了": ActGreet, "好的，谢谢老师": ActThanks, "谢谢，知道了": ActThanks, "你好，转人工": ActHuman} {
		d, _, err := w.bot.Decide(t.Context(), knowledge.Ask{Text: said})
		must(t, err)
		if d.Action != want {
			t.Errorf("%q: %s, want %s", said, d.Action, want)
		}
	}
}

// What a factory owner says is what the law says in other words, and what
// nothing fits is handed over rather than asked back.
func TestOwnWordsFindTheirClause(t *testing.T) {
	w := memoryWorld(t)
	d, res, err := w.bot.Decide(t.Context(), knowledge.Ask{Text: "你好，锅炉冒黑烟会被罚多少钱"})
	must(t, err)
	if d.Action != ActAnswer || len(res.Citations) == 0 {
		t.Errorf("black smoke: %s, %d clauses", d.Action, len(res.Citations))
	}
	d, _, err = w.bot.Decide(t.Context(), knowledge.Ask{Text: "保证不罚我行吗"})
	must(t, err)
	if d.Action != ActExpert {
		t.Errorf("a promise: %s, readings %q", d.Action, d.Readings)
	}
}
