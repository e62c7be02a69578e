package sense

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"

	"greendesk/knowledge/lang"
)

// A model's file: a line that names the format, the number of grams, then per
// gram its number, the scale of its row and the row's Size bytes, and a
// checksum (CRC-32C) of all before. Numbers are little-endian.
const magic = "greendesk sense 1\n"

// ErrFile is returned for a file that is no model, or a broken one.
var ErrFile = errors.New("sense: not a model's file, or a broken one")

const rowBytes = 8 + 4 + Size

// WriteTo writes the model in the form that Read reads.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	grams := make([]lang.Gram, len(m.scales))
	for g, i := range m.numbers {
		grams[i] = g
	}
	out := make([]byte, 0, len(magic)+4+len(grams)*rowBytes+4)
	out = append(out, magic...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(grams))) // #nosec G115 -- fewer grams than pairs of characters
	for i, g := range grams {
		out = binary.LittleEndian.AppendUint64(out, uint64(g))
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(m.scales[i]))
		for _, x := range m.rows[i*Size : (i+1)*Size] {
			out = append(out, byte(x)) // #nosec G115 -- two's complement
		}
	}
	out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, crc32.MakeTable(crc32.Castagnoli)))
	n, err := w.Write(out)
	return int64(n), err
}

// Read reads a model that WriteTo wrote; ErrFile for anything else.
func Read(data []byte) (*Model, error) {
	head := len(magic) + 4
	if len(data) < head+4 || !bytes.HasPrefix(data, []byte(magic)) {
		return nil, ErrFile
	}
	n := int(binary.LittleEndian.Uint32(data[len(magic):]))
	end := len(data) - 4
	if end != head+n*rowBytes || binary.LittleEndian.Uint32(data[end:]) != crc32.Checksum(data[:end], crc32.MakeTable(crc32.Castagnoli)) {
		return nil, ErrFile
	}
	m := &Model{sum: fmt.Sprintf("%08x", binary.LittleEndian.Uint32(data[end:])), numbers: make(map[lang.Gram]int32, n), rows: make([]int8, n*Size), scales: make([]float32, n)}
	for i := range n {
		at := data[head+i*rowBytes : head+(i+1)*rowBytes]
		m.numbers[lang.Gram(binary.LittleEndian.Uint64(at))] = int32(i) // #nosec G115 -- n is a uint32 of rows that are there
		m.scales[i] = math.Float32frombits(binary.LittleEndian.Uint32(at[8:]))
		for k, b := range at[12:] {
			m.rows[i*Size+k] = int8(b) // #nosec G115 -- two's complement
		}
	}
	if len(m.numbers) != n || slices.ContainsFunc(m.scales, func(s float32) bool { return !(s >= 0) || math.IsInf(float64(s), 0) }) {
		return nil, fmt.Errorf("%w: a gram stands twice or weighs nothing sensible", ErrFile)
	}
	return m, nil
}
