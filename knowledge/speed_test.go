package knowledge

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"greendesk/internal/testenv"
)

// BenchmarkAsk is one question to the real laws and rules, each labelled
// question of ours in turn, without the conversation around it.
func BenchmarkAsk(b *testing.B) {
	dir, err := filepath.Abs(filepath.Join("..", "..", "shared", "corpus"))
	if err != nil {
		b.Fatal(err)
	}
	s := New(testenv.OpenMigrated(b, testenv.SQLite(b)), testenv.Log(b), func() time.Time { return testNow })
	if _, err := s.Import(b.Context(), ImportOptions{Paths: []string{filepath.Join(dir, "laws"), filepath.Join(dir, "rules")}}); err != nil {
		b.Fatal("this benchmark reads real documents: ", err)
	}
	e, err := NewEngine(s, testenv.Log(b), func() time.Time { return testNow })
	if err != nil {
		b.Fatal(err)
	}
	if err := e.Sync(b.Context()); err != nil {
		b.Fatal(err)
	}
	questions := labelledQuestions(b)
	for i := 0; b.Loop(); i++ {
		if _, err := e.Ask(b.Context(), Ask{Text: questions[i%len(questions)]}); err != nil {
			b.Fatal(err)
		}
	}
}

func labelledQuestions(b *testing.B) []string {
	b.Helper()
	var out []string
	for _, name := range []string{"answers-a.jsonl", "answers-b.jsonl"} {
		f, err := os.Open(filepath.Join("labelled", name))
		if err != nil {
			b.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			var q struct{ Q string }
			if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
				b.Fatal(err)
			}
			out = append(out, q.Q)
		}
		if err := lines.Err(); err != nil {
			b.Fatal(err)
		}
		_ = f.Close()
	}
	return out
}
