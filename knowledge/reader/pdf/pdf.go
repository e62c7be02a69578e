// Package pdf reads the text layer of PDF files with PDFium, which runs as WebAssembly
// inside the process: it can reach neither files nor the network.
package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"time"

	"github.com/klippa-app/go-pdfium"
	pdfiumErrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"greendesk/knowledge/layout"
)

// What a file may ask for.
const (
	maxPages  = 3000
	maxChars  = 40_000   // of one page
	memory    = 4096     // wasm pages of 64 KiB: 256 MiB
	imageDPI  = 200      // for reading the characters of a scan
	maxPixels = 40 << 20 // of one page's image
)

// Errors of a file. The texts are for people.
var (
	ErrBroken   = errors.New("PDF 文件已损坏或不完整，请重新下载或另存后再导入")
	ErrPassword = errors.New("PDF 有密码，请去掉密码后再导入")
	ErrPages    = fmt.Errorf("PDF 超过 %d 页，请拆分后再导入", maxPages)
	ErrChars    = errors.New("PDF 有一页的文字多得不像正常文件，请打印成新的 PDF 再导入")
)

// Looks reports whether data begins like a PDF file: its mark may stand behind some
// other bytes.
func Looks(data []byte) bool { return bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")) }

// Engine is PDFium, ready to read. It is not safe for concurrent use.
type Engine struct {
	pool pdfium.Pool
	lib  pdfium.Pdfium
}

// New starts the engine. cache is a folder for the compiled engine, "" keeps none: the
// first start on a machine takes seconds, later ones a fifth of one.
func New(ctx context.Context, cache string) (*Engine, error) {
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(memory).
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling)
	if cache != "" {
		c, err := wazero.NewCompilationCacheWithDir(cache)
		if err != nil {
			return nil, fmt.Errorf("pdf: cache: %w", err)
		}
		config = config.WithCompilationCache(c)
	}
	pool, err := webassembly.Init(webassembly.Config{Context: ctx, MaxTotal: 1, RuntimeConfig: config, FSConfig: wazero.NewFSConfig(),
		Stdout: io.Discard, Stderr: io.Discard})
	if err != nil {
		return nil, fmt.Errorf("pdf: start: %w", err)
	}
	lib, err := pool.GetInstance(time.Minute)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("pdf: start: %w", err), pool.Close())
	}
	return &Engine{pool, lib}, nil
}

// Close ends the engine.
func (e *Engine) Close() error { return errors.Join(e.lib.Close(), e.pool.Close()) }

// Pages reads where every character and every ruled line of a file stands.
func (e *Engine) Pages(data []byte) (pages []layout.Page, err error) {
	err = e.each(data, func(page references.FPDF_PAGE) error {
		p, err := e.page(page)
		pages = append(pages, p)
		return err
	})
	return pages, err
}

// Images draws every page for reading its characters, and hands each to fn.
func (e *Engine) Images(data []byte, fn func(image.Image) error) error {
	return e.each(data, func(page references.FPDF_PAGE) error {
		size, err := e.lib.GetPageSize(&requests.GetPageSize{Page: requests.Page{ByReference: &page}})
		if err != nil {
			return ErrBroken
		}
		dpi := imageDPI
		for dpi > 50 && size.Width*size.Height/72/72*float64(dpi*dpi) > maxPixels {
			dpi /= 2
		}
		got, err := e.lib.RenderPageInDPI(&requests.RenderPageInDPI{Page: requests.Page{ByReference: &page}, DPI: dpi,
			ImageFormat: requests.RenderImageFormatGrayscale})
		if err != nil {
			return ErrBroken
		}
		defer got.Cleanup()
		return fn(got.Result.RenderedImage)
	})
}

// each opens the file and calls fn for its pages in order. A page that cannot be read
// makes the whole file broken: half a document is worse than none.
func (e *Engine) each(data []byte, fn func(references.FPDF_PAGE) error) error {
	doc, err := e.lib.FPDF_LoadMemDocument64(&requests.FPDF_LoadMemDocument64{Data: &data})
	if err != nil {
		if errors.Is(err, pdfiumErrors.ErrPassword) || errors.Is(err, pdfiumErrors.ErrSecurity) {
			return ErrPassword
		}
		return ErrBroken
	}
	defer func() { // it holds nothing but memory
		_, _ = e.lib.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: doc.Document})
	}()
	count, err := e.lib.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil || count.PageCount == 0 {
		return ErrBroken
	}
	if count.PageCount > maxPages {
		return ErrPages
	}
	for i := range count.PageCount {
		if err := e.onPage(doc.Document, i, fn); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) onPage(doc references.FPDF_DOCUMENT, i int, fn func(references.FPDF_PAGE) error) error {
	page, err := e.lib.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: doc, Index: i})
	if err != nil {
		return ErrBroken
	}
	defer func() { _, _ = e.lib.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: page.Page}) }() // as above
	return fn(page.Page)
}
