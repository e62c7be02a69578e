package handlers

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/knowledge"
	"greendesk/knowledge/parse"
)

//go:embed pages
var pageFiles embed.FS

// pages are what enterprises read in the browser. They work without
// JavaScript.
type pages struct {
	store *knowledge.Store
	now   func() time.Time
	html  *template.Template
	style []byte
}

func newPages(store *knowledge.Store, now func() time.Time) (*pages, error) {
	sub, err := fs.Sub(pageFiles, "pages")
	if err != nil {
		return nil, fmt.Errorf("handlers: pages: %w", err)
	}
	html, err := template.ParseFS(sub, "*.html")
	if err != nil {
		return nil, fmt.Errorf("handlers: pages: %w", err)
	}
	style, err := fs.ReadFile(sub, "style.css")
	if err != nil {
		return nil, fmt.Errorf("handlers: pages: %w", err)
	}
	return &pages{store: store, now: now, html: html, style: style}, nil
}

func (p *pages) register(e *echo.Echo) {
	e.GET("/clauses/:id", p.clause)
	e.GET("/documents/:version", p.document)
	e.GET("/style.css", func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "public, max-age=3600")
		return c.Blob(http.StatusOK, "text/css; charset=utf-8", p.style)
	})
}

// clause shows one clause: the quoted words marked, its neighbours, and what
// document it stands in.
func (p *pages) clause(c echo.Context) error {
	page, err := p.store.ClausePage(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	view := clauseView{
		Head: p.head(page.Version, page.Document), Ref: page.Clause.Ref, Path: page.Clause.Headings(), Quoted: page.Clause.Quoted,
		Lines: marked(page.Clause.Text, strings.Split(c.QueryParam("m"), "|")), Prev: neighbour(page.Prev), Next: neighbour(page.Next),
		Full: "/documents/" + page.Version.ID + "#" + page.Clause.ID,
	}
	for _, v := range page.Versions {
		if v.ID != page.Version.ID {
			view.Others = append(view.Others, otherVersion{Label: v.Label, State: knowledge.State(v, p.today()), Path: "/documents/" + v.ID})
		}
	}
	return p.render(c, "clause.html", view)
}

// document shows the whole text of one version.
func (p *pages) document(c echo.Context) error {
	ctx := c.Request().Context()
	version, err := p.store.Version(ctx, c.Param("version"))
	if err != nil {
		return err
	}
	doc, err := p.store.Document(ctx, version.DocumentID)
	if err != nil {
		return err
	}
	clauses, err := p.store.VersionText(ctx, version.ID)
	if err != nil {
		return err
	}
	view := documentView{Head: p.head(version, doc)}
	before := ""
	for _, cl := range clauses {
		row := documentRow{ID: cl.ID, Ref: lastPart(cl), Lines: strings.Split(cl.Text, "\n")}
		if cl.Path != before {
			row.Headings, before = newHeadings(before, cl.Path), cl.Path
		}
		view.Clauses = append(view.Clauses, row)
	}
	return p.render(c, "document.html", view)
}

func (p *pages) today() string {
	return p.now().In(time.FixedZone("CST", 8*60*60)).Format(time.DateOnly)
}

func (p *pages) render(c echo.Context, name string, view any) error {
	var b bytes.Buffer
	if err := p.html.ExecuteTemplate(&b, name, view); err != nil {
		return fmt.Errorf("handlers: render %s: %w", name, err)
	}
	return c.HTMLBlob(http.StatusOK, b.Bytes())
}

// head says which document and version this is and whether it is in force.
func (p *pages) head(v knowledge.Version, d knowledge.Document) documentHead {
	h := documentHead{Title: v.Title, State: knowledge.State(v, p.today()), Incomplete: v.IncompleteWhy, FAQ: d.Level == parse.QA, Original: safeURL(v.Original)}
	h.Good = h.State == knowledge.StateInForce
	for _, f := range []fact{{"文号", v.Number}, {"发布机关", v.Issuer}, {"效力级别", string(d.Level)}, {"适用地区", d.Region}, {"通过", v.Adopted},
		{"公布", v.Published}, {"施行", v.Effective}, {"失效", v.ValidTo}} {
		if f.Value != "" {
			h.Facts = append(h.Facts, f)
		}
	}
	return h
}

// safeURL admits only web addresses.
func safeURL(s string) string {
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return s
	}
	return ""
}

// writeError shows a kind page, or a bare status to machines.
func writeError(c echo.Context, code int, message string) error {
	if !strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/html") {
		return c.String(code, message)
	}
	t, err := template.ParseFS(pageFiles, "pages/layout.html", "pages/error.html")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "error.html", message); err != nil {
		return err
	}
	return c.HTMLBlob(code, b.Bytes())
}
