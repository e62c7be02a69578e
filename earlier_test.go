package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"greendesk/desk"
	"greendesk/knowledge"
)

// TestAnEarlierAnswerIsShownWhileItsClauseIsInForce: to the enterprise that asks
// alike, in the chat and on the page, once an expert has released it.
func TestAnEarlierAnswerIsShownWhileItsClauseIsInForce(t *testing.T) {
	backends(t, func(t *testing.T, o options) {
		h := newHarness(t, o)
		ctx := context.Background()
		edition := func(day, words string) {
			file := filepath.Join(t.TempDir(), "rule.jsonl")
			must(t, os.WriteFile(file, []byte(`{"title":"青溪市河道保洁条例","article":"第一条","text":"`+words+`","effective":"`+day+`"}`), 0o600))
			_, err := h.service.store.Import(ctx, knowledge.ImportOptions{Paths: []string{file}})
			must(t, err)
			must(t, h.service.engine.Sync(ctx))
		}
		edition("2019-01-01", "为了河道清洁，制定本条例。")
		found, err := h.service.engine.Ask(ctx, knowledge.Ask{Text: "青溪市河道保洁条例第一条"})
		must(t, err)
		x := found.Citations[0]
		first := h.consults(h.person("甲厂"), hard)
		_, err = h.service.desk.Submit(ctx, li, first.ID, first.Version, "甲厂的水葫芦请联系街道。", []desk.Cited{{Clause: x.Clause, Document: x.Document, Ref: x.Ref, Quote: x.Quote.String(), Path: x.PagePath()}})
		must(t, err)
		asked := func(name string) (chat, page string) {
			p := h.person(name)
			chat = h.says(p, hard)
			if !strings.Contains(chat, "咨询编号") {
				chat = h.says(p, "转专家")
			}
			return chat, h.visitor(t, p).get("/my/consultations/" + h.latest(p).ID).body
		}
		const released = "水葫芦请联系街道。"
		if chat, page := asked("乙厂"); strings.Contains(chat+page, released) {
			t.Errorf("nobody has released it: %s / %s", chat, page)
		}
		must(t, h.service.desk.Share(ctx, li, first.ID, released))
		if chat, page := asked("丙厂"); !strings.Contains(chat, released) || strings.Contains(chat, "甲厂的") || !strings.Contains(page, released) {
			t.Errorf("released, and not shown: %s / %s", chat, page)
		}
		edition("2024-01-01", "为了河道清洁和行洪安全，制定本条例。")
		if chat, page := asked("丁厂"); strings.Contains(chat+page, released) {
			t.Errorf("its clause is no longer in force: %s / %s", chat, page)
		}
	})
}
