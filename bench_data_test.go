package main

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

// firstLines writes the first n articles of the scale corpus to a file.
func firstLines(b *testing.B, dir string, n int) string {
	b.Helper()
	in, err := os.Open(corpus + "/scale/articles.jsonl.gz")
	must(b, err)
	defer func() { must(b, in.Close()) }()
	unzip, err := gzip.NewReader(in)
	must(b, err)
	name := filepath.Join(dir, "articles.jsonl")
	out, err := os.Create(name)
	must(b, err)
	w := bufio.NewWriter(out)
	lines := bufio.NewReaderSize(unzip, 1<<20)
	for range n {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			_, werr := w.Write(line)
			must(b, werr)
		}
		if err != nil {
			break
		}
	}
	must(b, w.Flush())
	must(b, out.Close())
	return name
}
