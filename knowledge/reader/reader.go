// Package reader reads files of others in a process of its own: this program again, with
// bounds on time, memory and disk, and without a network. Whatever a file does to that
// process costs the file and nothing else.
//
// Formats that Go reads (.md .txt .html .csv .docx .xlsx) go to package parse, .pdf
// through PDFium, .doc .wps .rtf .odt .xls .et .ods through LibreOffice where it is
// installed, and a scan through tesseract where that is installed.
package reader

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"greendesk/knowledge/parse"
	"greendesk/knowledge/reader/pdf"
)

// Command is the program's hidden command that serves as the reading process.
const Command = "read-files"

// Error is a fault of a file, in one Chinese line that says what to do.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

// Options of a Reader. The zero value is right for the program itself.
type Options struct {
	// Cache is a folder for the compiled PDF engine, made when it is not there: the first
	// PDF on a machine takes seconds, later ones a fifth of one. "" is greendesk in the
	// user's cache folder.
	Cache string
	// Program is the executable that knows Command; "" is this one.
	Program string
	// Path is where LibreOffice and tesseract are looked for; nil is this process's PATH.
	Path *string
	// Timeout is for one file, 30 s when 0.
	Timeout time.Duration
	// Memory is for one process, in bytes, 512 MiB when 0.
	Memory int64
	Log    *slog.Logger
}

const (
	defaultTimeout = 30 * time.Second
	defaultMemory  = 512 << 20
	// warmTimeout is for compiling the PDF engine, once on a machine.
	warmTimeout = 5 * time.Minute
)

// Reader reads files, one at a time. Its process is started for the first file, kept for
// the next ones, and replaced when it is gone. It is safe for concurrent use.
type Reader struct {
	opt Options

	mu    sync.Mutex
	dir   string // its own temporary folder, "" before the first file
	child *child
	warm  bool // the PDF engine is compiled
	told  bool // what this system cannot do has been logged
}

// New returns a reader. Close ends its process.
func New(opt Options) *Reader {
	if opt.Timeout == 0 {
		opt.Timeout = defaultTimeout
	}
	if opt.Memory == 0 {
		opt.Memory = defaultMemory
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	return &Reader{opt: opt}
}

// Close ends the reading process and removes its temporary files.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.child != nil {
		r.child.stop()
		r.child = nil
	}
	if r.dir == "" {
		return nil
	}
	dir := r.dir
	r.dir = ""
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("reader: %w", err)
	}
	return nil
}

// Read reads one document. name is its file name: the ending chooses the format. A fault
// of the file is an *Error; any other error means that the reading process could not do
// its work at all, or that ctx has ended.
func (r *Reader) Read(ctx context.Context, name string, data []byte) (parse.Document, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.prepare(ctx, name, data); err != nil {
		return parse.Document{}, err
	}
	if r.child == nil {
		if err := r.start(ctx); err != nil {
			return parse.Document{}, err
		}
	}
	a, err := r.child.ask(ctx, request{Name: name, Data: data}, r.opt.Timeout)
	switch {
	case err != nil:
		r.end()
		return parse.Document{}, err
	case a.Fault != "":
		return parse.Document{}, &Error{a.Fault}
	}
	return a.Document, nil
}

// end drops the process and what it left on the disk.
func (r *Reader) end() {
	r.child.kill()
	r.child = nil
	_ = os.RemoveAll(filepath.Join(r.dir, "work")) // the folder goes at Close
}

// prepare compiles the PDF engine before the first PDF, in a process without a memory
// bound: the compiler needs more than a file may, and no file is read there.
func (r *Reader) prepare(ctx context.Context, name string, data []byte) error {
	if r.dir == "" {
		if err := r.makeFolders(); err != nil {
			return err
		}
	}
	if formatOf(name) != formatPDF || !pdf.Looks(data) || r.warm {
		return nil
	}
	c, err := r.launch(ctx, true)
	if err != nil {
		return err
	}
	defer c.stop()
	if a, err := c.ask(ctx, request{}, warmTimeout); err != nil || a.Fault != "" {
		return errors.Join(fmt.Errorf("reader: the PDF engine does not start: %s", a.Fault), err)
	}
	r.warm = true
	return nil
}

// makeFolders makes the cache and a temporary folder; in the cache where the machine
// has no other place, as in a container without /tmp.
func (r *Reader) makeFolders() error {
	if r.opt.Cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			user = os.TempDir()
		}
		r.opt.Cache = filepath.Join(user, "greendesk")
	}
	if err := os.MkdirAll(r.opt.Cache, 0o700); err != nil {
		return fmt.Errorf("reader: cache: %w", err)
	}
	dir, err := os.MkdirTemp("", "greendesk-reader-")
	if err != nil {
		dir, err = os.MkdirTemp(r.opt.Cache, "greendesk-reader-")
	}
	if err != nil {
		return fmt.Errorf("reader: %w", err)
	}
	r.dir = dir
	return nil
}

func (r *Reader) start(ctx context.Context) error {
	c, err := r.launch(ctx, false)
	if err != nil {
		return err
	}
	r.child = c
	if !r.told && len(c.missing) > 0 {
		r.told = true
		r.opt.Log.WarnContext(ctx, "files are read with fewer bounds than wanted", "missing", c.missing)
	}
	return nil
}
