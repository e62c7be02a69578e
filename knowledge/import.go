package knowledge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/knowledge/parse"
	"greendesk/knowledge/reader"
)

// ImportOptions says what to import.
type ImportOptions struct {
	// Paths are files and folders. Folders are read with their subfolders in the order
	// of their names; hidden files and symbolic links inside are left out. "-" reads
	// JSONL from Stdin.
	Paths []string
	Stdin io.Reader
	// Reader reads the documents; without one, one is started and ended with the import.
	Reader *reader.Reader
	// Progress, when set, is called before each file with the number of files done.
	Progress func(done, total int, path string)
}

// FileError is a file that could not be read, and why, in Chinese, in one line.
type FileError struct {
	Path   string
	Reason string
}

// Report tells what an import did.
type Report struct {
	Files       int         // files found
	Failed      []FileError // files of which nothing was taken
	Documents   int         // documents read
	NewVersions int
	Unchanged   int // documents that were there already
	Clauses     int // clauses read
	NewClauses  int
	Incomplete  []string    // documents that are cut off, and where
	ToCheck     []string    // documents to compare with the original, and why
	Warnings    []FileError // for the curator: gaps, missing tables
}

// batchClauses is about how many clauses of a JSONL file go into one transaction: others
// wait for the writer no longer than a tenth of a second.
const batchClauses = 5000

// Import reads files into the store. A file is taken whole or not at all (of a JSONL
// file: each document whole, and nothing when any line is broken). What was imported
// before changes nothing. Files that cannot be read are in the report; the error is for
// what ends the import: the database or ctx. What was done until then stays.
func (s *Store) Import(ctx context.Context, opt ImportOptions) (Report, error) {
	var rep Report
	if opt.Reader == nil {
		opt.Reader = reader.New(reader.Options{Log: s.log})
		defer func() {
			if err := opt.Reader.Close(); err != nil {
				s.log.WarnContext(ctx, "files of the reading process are left", slog.Any("error", err))
			}
		}()
	}
	files := findFiles(opt.Paths, &rep)
	rep.Files = len(files) + len(rep.Failed)
	for i, path := range files {
		if opt.Progress != nil {
			opt.Progress(i, len(files), path)
		}
		if err := s.importFile(ctx, path, opt, &rep); err != nil {
			return rep, fmt.Errorf("import %s: %w", path, err)
		}
	}
	if opt.Progress != nil {
		opt.Progress(len(files), len(files), "")
	}
	s.log.Info("imported", slog.Int("files", rep.Files), slog.Int("failed", len(rep.Failed)), slog.Int("new", rep.NewVersions),
		slog.Int("unchanged", rep.Unchanged), slog.Int("clauses", rep.Clauses))
	return rep, nil
}

// importFile takes one file. Its own faults go into the report.
func (s *Store) importFile(ctx context.Context, path string, opt ImportOptions, rep *Report) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if isJSONL(path) {
		return s.importJSONL(ctx, path, opt.Stdin, rep)
	}
	data, err := readFile(path)
	if err == nil {
		var d parse.Document
		if d, err = opt.Reader.Read(ctx, path, data); err == nil {
			return s.save(ctx, []parse.Document{d}, path, rep)
		}
		if known := new(reader.Error); !errors.As(err, &known) {
			return err // no file can be read
		}
	}
	rep.Failed = append(rep.Failed, FileError{path, reason(err)})
	return nil
}

// importJSONL reads the file twice: once to see that every line is good, once to store
// its documents in batches.
func (s *Store) importJSONL(ctx context.Context, path string, stdin io.Reader, rep *Report) error {
	open, done, err := reopenable(path, stdin)
	if err != nil {
		rep.Failed = append(rep.Failed, FileError{path, reason(err)})
		return nil
	}
	defer done()
	count := 0
	err = readJSONL(open, func(parse.Document) error { count++; return ctx.Err() })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil && count == 0 {
		err = parse.ErrEmpty
	}
	if err != nil {
		rep.Failed = append(rep.Failed, FileError{path, reason(err)})
		return nil
	}
	var batch []parse.Document
	clauses := 0
	flush := func() error {
		err := s.save(ctx, batch, path, rep)
		batch, clauses = batch[:0], 0
		return err
	}
	err = readJSONL(open, func(d parse.Document) error {
		if len(d.Clauses) == 0 {
			return nil
		}
		batch, clauses = append(batch, d), clauses+len(d.Clauses)
		if clauses < batchClauses {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// save stores documents in one transaction, linked with what is there, and counts them
// when it is committed.
func (s *Store) save(ctx context.Context, docs []parse.Document, source string, rep *Report) error {
	if len(docs) == 0 {
		return nil
	}
	var added []Added
	err := s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		added = make([]Added, 0, len(docs)) // the function may run again
		var keys []string
		for _, d := range docs {
			a, err := s.add(ctx, tx, d, source)
			if err != nil {
				return err
			}
			added = append(added, a)
			if a.New {
				keys = append(keys, parse.TitleKey(d.Title))
			}
		}
		if len(keys) == 0 {
			return nil
		}
		if err := relinkTitles(ctx, tx, keys); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
	if apperr.CodeOf(err) == apperr.Invalid {
		rep.Failed = append(rep.Failed, FileError{source, apperr.MessageOf(err)})
		return nil
	}
	if err != nil {
		return err
	}
	for i, a := range added {
		rep.count(docs[i], a, source)
	}
	return nil
}

func (r *Report) count(d parse.Document, a Added, source string) {
	r.Documents++
	r.Clauses += a.Clauses
	if a.New {
		r.NewVersions++
		r.NewClauses += a.Clauses
	} else {
		r.Unchanged++
	}
	if d.Incomplete {
		r.Incomplete = append(r.Incomplete, "《"+d.Title+"》"+d.IncompleteWhy)
	}
	if d.ToCheck != "" {
		r.ToCheck = append(r.ToCheck, "《"+d.Title+"》"+d.ToCheck)
	}
	for _, w := range d.Warnings {
		r.Warnings = append(r.Warnings, FileError{source, w})
	}
}

// reason makes one Chinese line of an error in reading a file.
func reason(err error) string {
	var ours *fileError
	var told *reader.Error
	switch {
	case errors.As(err, &ours):
		return ours.text
	case errors.As(err, &told):
		return told.Text
	case errors.Is(err, errGzip):
		return "压缩文件已损坏"
	}
	return parse.Reason(err)
}
