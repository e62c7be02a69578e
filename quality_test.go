package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"greendesk/bot"
	"greendesk/eval"
	"greendesk/knowledge"
)

// oneOf is the share of the labelled questions that are asked: one of so many.
const oneOf = 4

// asksLabelled asks a part of our own labelled questions of what the harness
// knows.
func (h *harness) asksLabelled(t *testing.T, pattern string) eval.Figures {
	t.Helper()
	files, err := filepath.Glob(pattern)
	must(t, err)
	all, err := eval.Read(files...)
	must(t, err)
	var questions []eval.Question
	for i := 0; i < len(all); i += oneOf {
		questions = append(questions, all[i])
	}
	router, err := bot.LoadRouter(h.service.engine.Folder())
	must(t, err)
	b := bot.New(h.service.engine, nil, nil, router, h.service.log, h.service.now)
	answers, err := eval.Run(context.Background(), b, questions, h.service.engine.Today())
	must(t, err)
	f := eval.Score(questions, answers)
	t.Logf("%s\n%s", pattern, f)
	return f
}

// TestAnswersStayGood fails when a change makes answers worse. The weights have
// seen these questions, so it shows nothing else: what to expect of new ones,
// tune tells. The floors lie a little below what was measured.
func TestAnswersStayGood(t *testing.T) {
	h := newHarness(t, options{})
	floor := func(what string, got, least float64) {
		t.Helper()
		if got < least {
			t.Errorf("%s is %.3f, it was at least %.3f", what, got, least)
		}
	}
	corpus := filepath.Join("..", "shared", "corpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Log("without", corpus, "only what needs no law is asked")
		f := h.asksLabelled(t, "bot/labelled/*.jsonl")
		floor("what nobody can quote, dealt with rightly", f.Routed, 0.96)
		return
	}
	_, err := h.service.store.Import(context.Background(), knowledge.ImportOptions{Paths: []string{filepath.Join(corpus, "laws"), filepath.Join(corpus, "rules"), filepath.Join(corpus, "files", "漯环办〔2021〕52号.txt")}})
	must(t, err)
	must(t, h.service.engine.Sync(context.Background()))
	f := h.asksLabelled(t, "knowledge/labelled/answers-[ab].jsonl") // rows of tables are of files that are not taken in here
	floor("cite@1", f.Cite1, 0.78)
	floor("cite@3", f.Cite3, 0.91)
	floor("coverage", f.Coverage, 0.76)
	floor("precision", f.Precision, 0.87)
	f = h.asksLabelled(t, "bot/labelled/*.jsonl")
	floor("what nobody can quote, dealt with rightly", f.Routed, 0.97)
	floor("share of such questions that are not answered", 1-float64(f.FalseAnswers)/float64(f.Others), 0.97)
}
