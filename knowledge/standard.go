package knowledge

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"greendesk/knowledge/lang"
)

// The standard questions that the program carries: what people ask a clause,
// in everyday words. Lines of document, clause, questions parted by |.
//
//go:embed standard/*.tsv
var standardFiles embed.FS

// standardQuestions maps a folded title or number and a clause's folded ref to
// its folded questions, one a line.
type standardQuestions map[string]string

// standardKey joins what names a clause; blanks and punctuation, which printed
// titles have and leave out as they like, do not count.
func standardKey(title, ref string) string {
	return unblank.Replace(title) + "\x00" + unblank.Replace(ref)
}

var unblank = strings.NewReplacer(" ", "", "\n", "")

// of finds a clause's questions by its document's title or number, and by its
// ref or, for a section, its own heading. All are folded.
func (s standardQuestions) of(title, number, ref, heading string) string {
	for _, part := range []string{ref, heading} {
		for _, document := range []string{title, number} {
			if document == "" || part == "" {
				continue
			}
			if q, ok := s[standardKey(document, part)]; ok {
				return q
			}
		}
	}
	return ""
}

// indexFormat changes with the way entries are made of clauses.
const indexFormat = "5"

// fingerprint tells one set of standard questions from another.
func (s standardQuestions) fingerprint() string {
	keys := slices.Sorted(maps.Keys(s))
	h := sha256.New()
	h.Write([]byte(indexFormat))
	for _, k := range keys {
		h.Write([]byte(k + "\x01" + s[k] + "\x02"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// titleCore is a title without the state's name, the way people say it.
func titleCore(title string) string {
	return strings.TrimPrefix(strings.TrimSpace(title), "中华人民共和国")
}

// loadStandard reads the questions, and how those are written whose folded form
// is another.
func loadStandard(f *lang.Folder) (questions standardQuestions, written map[string]string, err error) {
	out, written := standardQuestions{}, map[string]string{}
	names, err := standardFiles.ReadDir("standard")
	if err != nil {
		return nil, nil, fmt.Errorf("knowledge: standard questions: %w", err)
	}
	for _, n := range names {
		data, err := standardFiles.ReadFile("standard/" + n.Name())
		if err != nil {
			return nil, nil, fmt.Errorf("knowledge: standard questions: %w", err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			cols := strings.Split(line, "\t")
			if len(cols) != 3 {
				return nil, nil, fmt.Errorf("knowledge: standard questions %s:%d: want 3 columns, have %d", n.Name(), i+1, len(cols))
			}
			key := standardKey(f.Fold(titleCore(cols[0])), f.Fold(cols[1]))
			for _, q := range strings.Split(cols[2], "|") {
				folded := f.Fold(q)
				out[key] += folded + "\n"
				if folded != q {
					written[folded] = q
				}
			}
		}
	}
	return out, written, nil
}
