package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Pages are html templates, which escape whatever they show.
type Pages struct{ html *template.Template }

// ParsePages reads all *.html of a folder as one set. They may use
// {{when T}} (11月25日 14:03) and {{stamp T}} (2026-11-25 14:03:09), both in
// China's time and "" for the zero time.
func ParsePages(folder fs.FS) (*Pages, error) {
	html, err := template.New("").Funcs(template.FuncMap{
		"when":  inChina("1月2日 15:04"),
		"stamp": inChina("2006-01-02 15:04:05"),
	}).ParseFS(folder, "*.html")
	if err != nil {
		return nil, fmt.Errorf("web: pages: %w", err)
	}
	return &Pages{html: html}, nil
}

// inChina writes times in China's standard time (UTC+8, all year).
func inChina(layout string) func(time.Time) string {
	zone := time.FixedZone("CST", 8*60*60)
	return func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format(layout)
	}
}

// Render writes a page. Nothing is sent when the template fails.
func (p *Pages) Render(c echo.Context, status int, name string, view any) error {
	var b bytes.Buffer
	if err := p.html.ExecuteTemplate(&b, name, view); err != nil {
		return fmt.Errorf("web: render %s: %w", name, err)
	}
	return c.HTMLBlob(status, b.Bytes())
}

// Asset serves one of the pages' own files.
func Asset(mime string, body []byte) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "public, max-age=3600")
		return c.Blob(http.StatusOK, mime, body)
	}
}
