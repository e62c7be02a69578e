package handlers

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/internal/web"
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
	html  *web.Pages
	style echo.HandlerFunc
	icon  echo.HandlerFunc
}

func newPages(store *knowledge.Store, now func() time.Time) (*pages, error) {
	sub, err := fs.Sub(pageFiles, "pages")
	if err != nil {
		return nil, fmt.Errorf("handlers: pages: %w", err)
	}
	html, err := web.ParsePages(sub)
	if err != nil {
		return nil, err
	}
	style, err := fs.ReadFile(sub, "style.css")
	if err != nil {
		return nil, fmt.Errorf("handlers: pages: %w", err)
	}
	icon, err := fs.ReadFile(sub, "icon.svg")
	if err != nil {
		return nil, fmt.Errorf("handlers: pages: %w", err)
	}
	return &pages{store: store, now: now, html: html,
		style: web.Asset("text/css; charset=utf-8", style), icon: web.Asset("image/svg+xml", icon)}, nil
}

// clause shows one clause: the quoted words marked, its neighbours, and what
// document it stands in.
func (p *pages) clause(c echo.Context) error {
	ctx := c.Request().Context()
	page, err := p.store.ClausePage(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	head, err := p.head(ctx, page.Version, page.Document)
	if err != nil {
		return err
	}
	cl := page.Clause
	lines := marked(cl, strings.Split(c.QueryParam("m"), "|"))
	return p.render(c, "clause.html", clauseView{
		Head: head, Ref: lastPart(cl), Long: utf8.RuneCountInString(lastPart(cl)) > longTitle, Path: cl.Headings(), Quoted: cl.Quoted,
		Lines: lines, Marked: anyMark(lines), Table: cl.Kind == parse.Row, Prev: neighbour(page.Prev, "上一"), Next: neighbour(page.Next, "下一"),
		Full: "/documents/" + page.Version.ID + "#" + cl.ID, Others: p.others(page.Versions, page.Version.ID),
	})
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
	versions, err := p.store.Versions(ctx, doc.ID)
	if err != nil {
		return err
	}
	head, err := p.head(ctx, version, doc)
	if err != nil {
		return err
	}
	rows := documentRows(clauses)
	return p.render(c, "document.html", documentView{Head: head, Contents: contents(rows), Clauses: rows, Others: p.others(versions, version.ID)})
}

// others are the versions of a document besides the one shown.
func (p *pages) others(versions []knowledge.Version, shown string) []otherVersion {
	var out []otherVersion
	for _, v := range versions {
		if v.ID != shown {
			state := knowledge.State(v, p.today())
			out = append(out, otherVersion{Label: edition(v.Label), State: state, Tone: tone(state), Path: "/documents/" + v.ID})
		}
	}
	return out
}

func (p *pages) today() string {
	return desk.China(p.now()).Format(time.DateOnly)
}

func (p *pages) render(c echo.Context, name string, view any) error {
	return p.renderStatus(c, http.StatusOK, name, view)
}

func (p *pages) renderStatus(c echo.Context, status int, name string, view any) error {
	return p.html.Render(c, status, name, view)
}

// head says which document and version this is, whether it is in force, and
// what took its place.
func (p *pages) head(ctx context.Context, v knowledge.Version, d knowledge.Document) (documentHead, error) {
	h := newHead(v, d, knowledge.State(v, p.today()))
	if h.Ended == "" || v.EndedBy == "" {
		return h, nil
	}
	by, err := p.store.Version(ctx, v.EndedBy)
	if apperr.CodeOf(err) == apperr.NotFound {
		return h, nil
	}
	if err != nil {
		return h, err
	}
	h.Successor = &successor{Title: by.Title, Label: edition(by.Label), Path: "/documents/" + by.ID}
	return h, nil
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
	if message == "" {
		message = "没有找到这个页面，请从公众号的消息里重新打开。"
	}
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
