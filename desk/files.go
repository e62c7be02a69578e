package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"greendesk/internal/apperr"
)

// files keeps the bytes of attachments in a folder outside everything that is
// served, under names of our own, readable by this program only and executable
// by nobody. Processes that share a database share the folder, too.
type files struct{ dir string }

// KeepFilesIn says where the bytes of attachments are kept; without it none
// are. Call it before the desk is used.
func (d *Desk) KeepFilesIn(dir string) { d.files.dir = dir }

// kept describes bytes that were kept.
type kept struct {
	size   int64
	sha256 string
	head   []byte // as much of the beginning as tells its type
}

// headLength is how much of a file tells its type, in bytes.
const headLength = 3072

var errTooLarge = errors.New("desk: file too large")

func (f files) path(id string) string { return filepath.Join(f.dir, id[len(id)-2:], id) }

// keep writes at most limit bytes under id; errTooLarge when there are more.
// The file is there whole or not at all.
func (f files) keep(id string, r io.Reader, limit int64) (k kept, err error) {
	if f.dir == "" {
		return k, apperr.New(apperr.Unavailable, "现在不能收文件，请先用文字说明。")
	}
	path := f.path(id)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return k, fmt.Errorf("desk: keep a file: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), id+partSuffix) // 0600
	if err != nil {
		return k, fmt.Errorf("desk: keep a file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name()) // the first error tells
		}
	}()
	k, err = copyLimited(tmp, r, limit)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return k, err
	}
	return k, os.Rename(tmp.Name(), path)
}

func copyLimited(w io.Writer, r io.Reader, limit int64) (k kept, err error) {
	sum := sha256.New()
	head := &prefix{}
	k.size, err = io.Copy(io.MultiWriter(w, sum, head), io.LimitReader(r, limit+1))
	k.sha256, k.head = hex.EncodeToString(sum.Sum(nil)), head.b
	if err == nil && k.size > limit {
		err = errTooLarge
	}
	return k, err
}

// prefix remembers the beginning of what is written to it.
type prefix struct{ b []byte }

func (p *prefix) Write(b []byte) (int, error) {
	p.b = append(p.b, b[:min(len(b), headLength-len(p.b))]...)
	return len(b), nil
}

func (f files) open(id string) (*os.File, error) { return os.Open(f.path(id)) }

// partSuffix ends the name of a file that is still being written, or was when
// the process died.
const partSuffix = ".part-*"

// remove deletes the bytes of id; bytes that are not there are no error.
func (f files) remove(id string) error {
	parts, err := filepath.Glob(f.path(id) + partSuffix)
	if err != nil {
		return fmt.Errorf("desk: remove a file: %w", err)
	}
	for _, path := range append(parts, f.path(id)) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("desk: remove a file: %w", err)
		}
	}
	return nil
}
