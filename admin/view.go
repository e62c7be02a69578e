package admin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/web"
)

// frame is what every page is given: its own part is Body.
type frame struct {
	Title   string
	Account staff.Account // the zero value when nobody is signed in
	Nav     []navItem
	Search  *searchLine // nil for whom it does not concern
	Flash   string
	Problem string // what was wrong with the form below
	Body    any
}

type navItem struct {
	Name, Path string
	Here       bool
}

// render shows a page in its frame.
func (k *Console) render(c echo.Context, page, title string, body any) error {
	return k.renderProblem(c, page, title, body, nil)
}

// renderProblem shows a page with what was wrong with what was sent, so that
// nothing that was typed is lost: body holds it.
func (k *Console) renderProblem(c echo.Context, page, title string, body any, problem error) error {
	f := frame{Title: title, Account: account(c), Flash: web.TakeFlash(c.Request().Context(), k.sessions), Body: body}
	status := http.StatusOK
	if problem != nil {
		if status = web.Status(problem); status >= http.StatusInternalServerError {
			return problem
		}
		f.Problem = message(problem)
	}
	if ready(f.Account) {
		f.Nav = navigation(f.Account.Actor(""), c.Request().URL.Path)
		f.Search = k.searchLine(f.Account.Actor(""))
	}
	return k.pages.Render(c, status, page, f)
}

// message is what a person reads of a problem.
func message(problem error) string {
	var he *echo.HTTPError
	if errors.As(problem, &he) {
		if text, ok := he.Message.(string); ok {
			return text
		}
	}
	return apperr.MessageOf(problem)
}

// navigation are the entries that an actor may use.
func navigation(a staff.Actor, here string) []navItem {
	var out []navItem
	for _, r := range routes() {
		if r.nav != "" && r.who.allows(a) {
			out = append(out, navItem{Name: r.nav, Path: r.path, Here: here == r.path || strings.HasPrefix(here, r.path+"/")})
		}
	}
	return out
}

// flash leaves a sentence for the next page and sends the person there.
func (k *Console) flash(c echo.Context, path, text string) error {
	web.SetFlash(c.Request().Context(), k.sessions, text)
	return c.Redirect(http.StatusSeeOther, path)
}

// errorPage implements web.ErrorPage.
func (k *Console) errorPage(c echo.Context, status int, text string) error {
	if text == "" {
		switch status {
		case http.StatusUnauthorized:
			text = "登录已过期，请重新登录。"
		case http.StatusRequestEntityTooLarge:
			text = "内容太长了，请删减后再提交。"
		case http.StatusNotFound:
			text = "没有这个页面。"
		default:
			text = "这个请求没有被接受。"
		}
	}
	if !strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/html") {
		return c.String(status, text)
	}
	f := frame{Title: "没有完成", Account: account(c), Body: text}
	if ready(f.Account) {
		f.Nav = navigation(f.Account.Actor(""), "")
	}
	return k.pages.Render(c, status, "error.html", f)
}

// style serves the style sheet.
func (k *Console) style(c echo.Context) error {
	css, err := pageFiles.ReadFile("pages/style.css")
	if err != nil {
		return err
	}
	return web.Asset("text/css; charset=utf-8", css)(c)
}

// home sends a member of staff to the first page of their navigation.
func (k *Console) home(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, navigation(actor(c), "")[0].Path)
}
