package index

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"greendesk/knowledge/lang"
	"greendesk/knowledge/sense"
)

// A snapshot file is the whole index in the order of its memory: numbers as
// uvarints, texts behind their length, a checksum (CRC-32C) at the end.
// Anything unexpected means: build anew from SQL.
const snapshotMagic = "greendesk index 4\n"

// ErrSnapshot is returned for a snapshot that cannot be used.
var ErrSnapshot = errors.New("index: snapshot cannot be used")

// Save writes the index to path, by way of a file beside it, so that a crash
// leaves the old one. fingerprint and generation say what it was built from.
// An index with deleted entries is not saved (false): rebuilding frees them.
func (x *Embedded) Save(path, fingerprint string, generation int64) (saved bool, err error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.living != len(x.entries) {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, fmt.Errorf("index: save: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "index-*.tmp")
	if err != nil {
		return false, fmt.Errorf("index: save: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	w := &writer{sum: crc32.MakeTable(crc32.Castagnoli)}
	w.out = bufio.NewWriterSize(f, 1<<20)
	w.text(snapshotMagic)
	w.text(fingerprint)
	w.number(uint64(generation)) // #nosec G115 -- counts up from 0
	x.write(w)
	w.number(uint64(w.crc))
	if err := errors.Join(w.err, w.out.Flush(), f.Sync(), f.Close()); err != nil {
		return false, fmt.Errorf("index: save: %w", err)
	}
	return true, os.Rename(f.Name(), path)
}

func (x *Embedded) write(w *writer) {
	numbers := map[*Version]uint64{}
	var versions []*Version
	for _, e := range x.entries {
		if _, ok := numbers[e.Version]; !ok {
			numbers[e.Version] = uint64(len(versions))
			versions = append(versions, e.Version)
		}
	}
	w.number(uint64(len(versions)))
	for _, v := range versions {
		for _, s := range v.texts() {
			w.text(*s)
		}
		w.sequence(v.TitleGrams)
	}
	w.number(uint64(len(x.entries)))
	for i, e := range x.entries {
		w.number(numbers[e.Version])
		for _, s := range e.sequences() {
			w.sequence(*s)
		}
		w.senses(e.Senses)
		w.text(e.ID)
		w.text(e.Ref)
		w.text(e.Asked)
		for _, n := range []uint64{uint64(e.Article), uint64(e.Sub), uint64(e.Cues), flag(e.Quoted), uint64(x.lengths[i])} { // #nosec G115 -- none is negative
			w.number(n)
		}
	}
	w.number(uint64(len(x.chars)))
	for r, c := range x.chars {
		w.number(uint64(r)) // #nosec G115 -- a character
		w.number(uint64(c.entries))
	}
	grams := make([]lang.Gram, len(x.lists)) // in the order of their numbers
	for g, id := range x.grams {
		grams[id] = g
	}
	w.number(uint64(len(grams)))
	for id, list := range x.lists {
		w.number(uint64(grams[id]))
		w.number(uint64(len(list)))
		var before uint32
		for _, p := range list {
			w.number(uint64(p.doc()-before)<<10 | uint64(p&0x3ff))
			before = p.doc()
		}
	}
}

func flag(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// texts are a version's fields in the order of the file.
func (v *Version) texts() []*string {
	return []*string{&v.ID, &v.Title, &v.Name, &v.Number, &v.Level, &v.Region, &v.Label, &v.ValidFrom, &v.ValidTo}
}

// sequences are an entry's texts in the order of the file.
func (e *Entry) sequences() []*Sequence {
	return []*Sequence{&e.TextGrams, &e.PathGrams, &e.AskedGrams}
}

// writer writes and sums; the first error stays.
type writer struct {
	out *bufio.Writer
	sum *crc32.Table
	crc uint32
	buf [binary.MaxVarintLen64]byte
	err error
}

func (w *writer) bytes(b []byte) {
	if w.err == nil {
		w.crc = crc32.Update(w.crc, w.sum, b)
		_, w.err = w.out.Write(b)
	}
}

func (w *writer) number(n uint64) { w.bytes(w.buf[:binary.PutUvarint(w.buf[:], n)]) }

func (w *writer) text(s string) {
	w.number(uint64(len(s)))
	w.bytes([]byte(s))
}

// sequence writes numbers moved up by one, so that End is 0.
func (w *writer) sequence(s Sequence) {
	w.number(uint64(len(s)))
	for _, id := range s {
		w.number(uint64(id + 1))
	}
}

func (w *writer) senses(rows sense.Rows) {
	raw := make([]byte, len(rows))
	for i, x := range rows {
		raw[i] = byte(x) // #nosec G115 -- two's complement
	}
	w.number(uint64(len(raw)))
	w.bytes(raw)
}

// Load reads a snapshot that was saved with the same fingerprint and returns
// the index and the generation it was built from; ErrSnapshot when there is
// none that fits.
func Load(path, fingerprint string) (*Embedded, int64, error) {
	data, err := os.ReadFile(path) // #nosec G304 -- the program's own file
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	r := &reader{data: string(data)}
	if r.text() != snapshotMagic || r.text() != fingerprint {
		return nil, 0, fmt.Errorf("%w: built from something else", ErrSnapshot)
	}
	generation := int64(r.number()) // #nosec G115 -- written by Save
	x := NewEmbedded()
	x.read(r)
	end := r.at
	sum := r.number()
	if r.err != nil || sum != uint64(crc32.Checksum(data[:end], crc32.MakeTable(crc32.Castagnoli))) {
		return nil, 0, fmt.Errorf("%w: broken", ErrSnapshot)
	}
	return x, generation, nil
}

func (x *Embedded) read(r *reader) {
	versions := make([]*Version, r.count())
	for i := range versions {
		versions[i] = &Version{}
		for _, s := range versions[i].texts() {
			*s = r.text()
		}
		versions[i].TitleGrams = r.sequence()
	}
	n := r.count()
	x.entries = make([]*Entry, n)
	x.lengths = make([]float32, n)
	x.dead = make([]bool, n)
	x.living = n
	backing := make([]Entry, n)
	for i := range x.entries {
		e := &backing[i]
		if v := r.number(); v < uint64(len(versions)) {
			e.Version = versions[v]
		} else {
			r.err = io.ErrUnexpectedEOF
			return
		}
		for _, s := range e.sequences() {
			*s = r.sequence()
		}
		e.Senses = r.senses()
		e.ID, e.Ref, e.Asked = r.text(), r.text(), r.text()
		e.Article, e.Sub, e.Cues, e.Quoted = int(r.number()), int(r.number()), uint32(r.number()), r.number() == 1 // #nosec G115 -- written by Save
		x.lengths[i] = float32(r.number())
		x.total += float64(x.lengths[i])
		x.entries[i] = e
		x.noteAsked(uint32(i), e)                                              // #nosec G115 -- bounded by maxEntries
		x.versions[e.Version.ID] = append(x.versions[e.Version.ID], uint32(i)) // #nosec G115 -- bounded by maxEntries
	}
	for range r.count() {
		c := rune(r.number())                               // #nosec G115 -- written by Save
		x.chars[c] = charCount{entries: uint32(r.number())} // #nosec G115 -- written by Save
	}
	x.readLists(r)
}

func (x *Embedded) readLists(r *reader) {
	n := r.count()
	x.grams = make(map[lang.Gram]uint32, n)
	x.lists, x.names = make([][]posting, n), make([]lang.Gram, n)
	for id := range n {
		g := lang.Gram(r.number())
		list := make([]posting, r.count())
		var doc uint64
		for i := range list {
			p := r.number()
			doc += p >> 10
			if doc >= uint64(len(x.entries)) {
				r.err = io.ErrUnexpectedEOF
				return
			}
			list[i] = posting(doc<<10 | p&0x3ff) // #nosec G115 -- bounded by maxEntries
		}
		x.grams[g], x.names[id], x.lists[id] = uint32(id), g, list // #nosec G115 -- fewer grams than pairs of runes
	}
}

// reader reads what writer wrote; after an error everything is zero.
type reader struct {
	data string
	at   int
	err  error
}

func (r *reader) number() uint64 {
	var n uint64
	for shift := uint(0); r.err == nil; shift += 7 {
		if r.at >= len(r.data) || shift > 63 {
			r.err = io.ErrUnexpectedEOF
			break
		}
		b := r.data[r.at]
		r.at++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	return 0
}

// count reads a number that announces so many things: never more than bytes
// are left.
func (r *reader) count() int {
	n := r.number()
	if n > uint64(len(r.data)-r.at) { //nolint:gosec // at never passes the end
		r.err = io.ErrUnexpectedEOF
		return 0
	}
	return int(n) // #nosec G115 -- bounded by the file's length
}

func (r *reader) text() string {
	n := r.count()
	s := r.data[r.at : r.at+n]
	r.at += n
	return s
}

func (r *reader) sequence() Sequence {
	s := make(Sequence, r.count())
	for i := range s {
		s[i] = uint32(r.number()) - 1 // #nosec G115 -- written by Save; 0 is End
	}
	return s
}

func (r *reader) senses() sense.Rows {
	text := r.text()
	rows := make(sense.Rows, len(text))
	for i := range rows {
		rows[i] = int8(text[i]) // #nosec G115 -- two's complement
	}
	return rows
}
