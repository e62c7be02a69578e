package reader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"greendesk/knowledge/parse"
	"greendesk/knowledge/reader/limit"
	"greendesk/knowledge/reader/pdf"
)

// Variables that a reading process is told by.
const (
	cacheVariable  = "READER_CACHE"
	memoryVariable = "READER_MEMORY"
)

// maxWritten is the largest file that a reading process, or what it starts, may write.
const maxWritten = 256 << 20

// Asked reports whether a command line asks for a reading process. Test binaries look
// here before they run tests.
func Asked(args []string) bool {
	return len(args) == 2 && args[1] == Command && os.Getenv(inside) != ""
}

// Serve is the reading process: it answers requests from standard input until that ends,
// and then ends what it started, even in the middle of a file.
func Serve() error {
	requests := make(chan request)
	go func() {
		defer close(requests)
		for {
			var q request
			if err := readFrame(os.Stdin, &q); err != nil {
				if !errors.Is(err, io.EOF) {
					fmt.Fprintln(os.Stderr, err)
				}
				return
			}
			requests <- q
		}
	}()
	s := &server{cache: os.Getenv(cacheVariable)}
	hello := answer{Hello: greeting}
	if memory, err := strconv.ParseInt(os.Getenv(memoryVariable), 10, 64); err == nil && memory > 0 {
		hello.Missing = limit.Set(limit.Bounds{Memory: memory, File: maxWritten})
	}
	if err := writeFrame(os.Stdout, hello); err != nil {
		return err
	}
	ctx := context.Background() // a reading process is ended from outside
	for q := range requests {
		done := make(chan answer, 1)
		go func() { done <- s.answer(ctx, q) }()
		select {
		case a := <-done:
			if err := writeFrame(os.Stdout, a); err != nil {
				return err
			}
		case _, more := <-requests:
			if !more { // nobody waits for this file any longer
				return syscall.Kill(0, syscall.SIGKILL)
			}
			return errors.New("reader: a second file before the first is read")
		}
	}
	return nil
}

// server reads the files of one reading process.
type server struct {
	cache  string
	engine *pdf.Engine // nil before the first PDF
}

// answer reads one file. A panic is the file's doing and only its own fault.
func (s *server) answer(ctx context.Context, q request) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{Fault: "文件有问题，读的时候出错了，没有导入；请用原来的软件打开后另存，再试一次"}
			s.engine = nil // whatever it was doing, it is not trusted any more
		}
	}()
	if q.Name == "" {
		if err := s.pdfEngine(ctx); err != nil {
			return answer{Fault: err.Error()}
		}
		return answer{}
	}
	d, err := s.read(ctx, q)
	if err != nil {
		return answer{Fault: fault(err)}
	}
	return answer{Document: d}
}

// format is a way of reading.
type format int

const (
	formatOther format = iota
	formatText         // package parse reads it
	formatPDF
	formatWord  // LibreOffice makes it .docx
	formatSheet // LibreOffice makes it .xlsx
)

func formatOf(name string) format {
	if parse.Supported(name) {
		return formatText
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".pdf":
		return formatPDF
	case ".doc", ".wps", ".rtf", ".odt":
		return formatWord
	case ".xls", ".et", ".ods":
		return formatSheet
	}
	return formatOther
}

// Supported reports whether Read knows files with this name. Whether LibreOffice is
// there shows when one is read.
func Supported(name string) bool { return formatOf(name) != formatOther }

func (s *server) read(ctx context.Context, q request) (parse.Document, error) {
	switch formatOf(q.Name) {
	case formatText:
		return parse.Parse(q.Name, q.Data)
	case formatPDF:
		return s.pdf(ctx, q)
	case formatWord:
		return s.converted(ctx, q, "docx")
	case formatSheet:
		return s.converted(ctx, q, "xlsx")
	}
	return parse.Document{}, parse.ErrFormat
}

func (s *server) pdfEngine(ctx context.Context) error {
	if s.engine != nil {
		return nil
	}
	e, err := pdf.New(ctx, s.cache)
	s.engine = e
	return err
}

// pdf reads the text layer, or the pictures of a scan.
func (s *server) pdf(ctx context.Context, q request) (parse.Document, error) {
	if !pdf.Looks(q.Data) {
		return parse.Document{}, pdf.ErrBroken
	}
	if err := s.pdfEngine(ctx); err != nil {
		return parse.Document{}, err
	}
	pages, err := s.engine.Pages(q.Data)
	if err != nil {
		return parse.Document{}, err
	}
	d, err := parse.Pages(q.Name, pages)
	if errors.Is(err, parse.ErrScan) {
		return s.scan(ctx, q)
	}
	return d, err
}

// fault says in Chinese what is wrong with a file.
func fault(err error) string {
	var told *Error
	if errors.As(err, &told) {
		return told.Text
	}
	for _, known := range []error{pdf.ErrBroken, pdf.ErrPassword, pdf.ErrPages, pdf.ErrChars} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return parse.Reason(err)
}
