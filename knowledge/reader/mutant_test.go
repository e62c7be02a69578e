package reader

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"greendesk/knowledge/parse"
)

// mutantsVariable asks for another number of mutants of each format than usual.
const mutantsVariable = "GREENDESK_TEST_MUTANTS"

// mutant is a broken copy of a file and how it came about.
type mutant struct {
	how  string
	data []byte
}

// mutate breaks a file: cut off, bits flipped, a piece doubled, moved or overwritten, or
// packed into an archive that has the file's own name.
func mutate(t testing.TB, rnd *rand.Rand, name string, good []byte) mutant {
	data := slices.Clone(good)
	at, n := rnd.IntN(len(data)), 1+rnd.IntN(64)
	end := min(at+n, len(data))
	switch rnd.IntN(8) {
	case 0:
		return mutant{fmt.Sprintf("cut at %d", at), data[:at]}
	case 1:
		for range n {
			data[rnd.IntN(len(data))] ^= 1 << rnd.IntN(8)
		}
		return mutant{fmt.Sprintf("%d bits flipped", n), data}
	case 2:
		return mutant{fmt.Sprintf("%d to %d doubled", at, end), slices.Insert(data, at, data[at:end]...)}
	case 3:
		return mutant{fmt.Sprintf("%d to %d gone", at, end), slices.Delete(data, at, end)}
	case 4:
		for i := at; i < end; i++ {
			data[i] = byte(rnd.IntN(256))
		}
		return mutant{fmt.Sprintf("%d to %d overwritten", at, end), data}
	case 5:
		return mutant{fmt.Sprintf("%d to %d filled", at, end), slices.Concat(data[:at], bytes.Repeat([]byte{data[at]}, 1+rnd.IntN(100_000)), data[end:])}
	case 6:
		for range 1 + rnd.IntN(5) {
			data = zipOf(t, filepath.Base(name), string(data), "word/document.xml", string(data), "xl/workbook.xml", string(data))
		}
		return mutant{"nested archives", data}
	default:
		return mutant{fmt.Sprintf("behind %d zeros", n), slices.Concat(make([]byte, n), data)}
	}
}

// inside changes what is packed in a file and packs it again: a flipped bit outside is
// mostly found by a checksum.
func mutateInside(t testing.TB, rnd *rand.Rand, name string, good []byte) mutant {
	switch filepath.Ext(name) {
	case ".docx", ".xlsx":
		parts := unzip(t, good)
		i := 1 + 2*rnd.IntN(len(parts)/2)
		if parts[i] == "" {
			return mutate(t, rnd, name, good)
		}
		m := mutate(t, rnd, parts[i-1], []byte(parts[i]))
		parts[i] = string(m.data)
		return mutant{"in " + parts[i-1] + ": " + m.how, zipOf(t, parts...)}
	case ".pdf":
		numbers := regexp.MustCompile(`[0-9]+`).FindAllIndex(good, -1)
		n := numbers[rnd.IntN(len(numbers))]
		other := []string{"0", "-1", "1", "2", "7", "99999999999", "2147483647", "(", "<<", "[ 7 0 R"}[rnd.IntN(10)]
		return mutant{fmt.Sprintf("%s at %d is %s", good[n[0]:n[1]], n[0], other), slices.Concat(good[:n[0]], []byte(other), good[n[1]:])}
	}
	return mutate(t, rnd, name, good)
}

// seeds are the good files that are broken.
func seeds(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"办法.pdf": rulePDF(), "名录.pdf": tablePDF(), "压缩.pdf": packedPDF(t), "办法.docx": ruleDOCX(t), "名录.xlsx": catalogueXLSX(t),
		"名录.csv":  []byte("序号,名称,要求\n1,甲,\"乙,丙\"\n2,丁,戊\n3,己,庚\n"),
		"办法.md":   []byte("---\ntitle: 青溪市办法\n---\n# 青溪市办法\n\n第一条 甲。\n\n| 序号 | 名称 |\n|---|---|\n| 1 | 甲 |\n"),
		"办法.txt":  []byte("青溪市河道保洁办法\n\n第一条　甲乙丙丁。\n\n第二条　戊己庚辛。\n"),
		"办法.html": []byte("<html><head><title>青溪市办法</title></head><body><p>第一条 甲。</p><table><tr><td rowspan=2>甲<td>乙<tr><td>丙</table></body></html>"),
	}
}

// packedPDF has its content compressed, as most have.
func packedPDF(t testing.TB) []byte {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	p := newPage()
	for i := range 30 {
		p.text(72, 700-20*float64(i), 12, "青溪市河道保洁办法的一行正文。")
	}
	if _, err := io.WriteString(z, p.content.String()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	p.content.Reset()
	p.content.Write(packed.Bytes())
	return bytes.Replace(makePDF(p), []byte("<<  /Length"), []byte("<< /Filter /FlateDecode /Length"), 1)
}

// mutants is how many there are of each file: so many, or as the variable says.
func mutants(t *testing.T, usual int) int {
	t.Helper()
	v := os.Getenv(mutantsVariable)
	if v == "" {
		return usual
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// No mutant of any format does more than cost one line: the reading process answers or
// is replaced, and reads the good file after it.
func TestMutantsNeverHarmTheProgram(t *testing.T) {
	count := mutants(t, 300)
	r := newReader(t, Options{})
	for name, good := range seeds(t) {
		t.Run(name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, uint64(len(good))))
			mustRead(t, r, name, good)
			read := 0
			for i := range count {
				m := mutate(t, rnd, name, good)
				if i%2 == 1 {
					m = mutateInside(t, rnd, name, good)
				}
				if harmless(t, r, name, m) {
					read++
				}
			}
			mustRead(t, r, name, good)
			t.Logf("%d of %d were read all the same", read, count)
		})
	}
}

// Files that LibreOffice must open cost a second each, so there are few, and more by
// make mutants.
func TestMutantsOfOldFormatsNeverHarmTheProgram(t *testing.T) {
	count := mutants(t, 4)
	r := newReader(t, Options{})
	for name, good := range oldFiles(t) {
		rnd := rand.New(rand.NewPCG(2, uint64(len(good))))
		for range count {
			harmless(t, r, name, mutate(t, rnd, name, good))
		}
		mustRead(t, r, name, good)
	}
}

// harmless reads a mutant and reports whether it could be read.
func harmless(t *testing.T, r *Reader, name string, m mutant) bool {
	t.Helper()
	d, err := r.Read(t.Context(), name, m.data)
	var told *Error
	switch {
	case errors.As(err, &told):
		oneLine(t, name+" "+m.how, told.Text)
		return false
	case err != nil:
		t.Fatalf("%s, %s: %v", name, m.how, err)
	}
	for _, c := range d.Clauses {
		if c.Ref == "" || strings.TrimSpace(c.Text) == "" || parse.TitleKey(d.Title) == "" {
			t.Errorf("%s, %s: %q: %+v", name, m.how, d.Title, c)
		}
	}
	return true
}
