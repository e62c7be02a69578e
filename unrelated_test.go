package main

import (
	"context"
	"encoding/json"
	"testing"

	"greendesk/knowledge"
)

// People ask one thing and then another: the question before must not answer
// the next one.
func TestAnUnrelatedQuestionIsAnsweredAsIfItWereTheFirst(t *testing.T) {
	h := newHarness(t, options{})
	var questions []string
	for _, f := range []string{"knowledge/labelled/answers-a.jsonl", "knowledge/labelled/answers-b.jsonl"} {
		must(t, eachLine(f, func(line []byte) error {
			var q question
			if err := json.Unmarshal(line, &q); err != nil {
				return err
			}
			if q.Prev == "" {
				questions = append(questions, q.Q)
			}
			return nil
		}))
	}
	first := func(a knowledge.Ask) string {
		res, err := h.service.engine.Ask(context.Background(), a)
		must(t, err)
		if len(res.Citations) == 0 {
			return ""
		}
		return res.Citations[0].Clause
	}
	same := 0
	for i, q := range questions {
		before := questions[(i+len(questions)/2)%len(questions)]
		if first(knowledge.Ask{Text: q, Prev: before, Want: 1}) == first(knowledge.Ask{Text: q, Want: 1}) {
			same++
		}
	}
	if share := float64(same) / float64(len(questions)); share < 0.9 {
		t.Errorf("%.3f of %d questions are answered alike after an unrelated one", share, len(questions))
	}
}
