package reader

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"

	"greendesk/knowledge/parse"
)

// greeting is what a reading process says first.
const greeting = "greendesk reader 1"

// request is one file; one without a name asks for the PDF engine to be made ready.
type request struct {
	Name string
	Data []byte
}

// answer is the document, or what is wrong with the file in Chinese. The first answer
// of a process only greets.
type answer struct {
	Hello    string
	Missing  []string // bounds that this system cannot set
	Document parse.Document
	Fault    string
}

// maxFrame bounds a message, in bytes.
const maxFrame = 512 << 20

var errFrame = errors.New("reader: broken message")

// writeFrame sends one message: its length, then its bytes.
func writeFrame(w io.Writer, v any) error {
	var buf bytes.Buffer
	buf.Write(make([]byte, 8))
	if err := gob.NewEncoder(&buf).Encode(v); err != nil {
		return fmt.Errorf("reader: %w", err)
	}
	binary.BigEndian.PutUint64(buf.Bytes(), uint64(buf.Len()-8)) //nolint:gosec // a length
	if _, err := w.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("reader: %w", err)
	}
	return nil
}

func readFrame(r io.Reader, v any) error {
	var size [8]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint64(size[:])
	if n > maxFrame {
		return errFrame
	}
	buf := bytes.NewBuffer(nil)
	if _, err := io.CopyN(buf, r, int64(n)); err != nil {
		return err
	}
	if err := gob.NewDecoder(buf).Decode(v); err != nil {
		return fmt.Errorf("%w: %w", errFrame, err)
	}
	return nil
}
