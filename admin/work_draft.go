package admin

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/internal/apperr"
)

// The draft's form carries the text; the citations lie with the stored draft.
// So whatever button is pressed, the text is saved first, and no page can make
// up a citation.

// writes puts a text field's value in the form in which it is stored.
func writes(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\x00", "")
}

// edit saves the text of the form and what a button does to the draft.
func (k *Console) edit(c echo.Context, change func(*desk.Draft) error) (desk.Draft, error) {
	return k.desk.EditDraft(c.Request().Context(), actor(c), c.Param("id"), func(d *desk.Draft) error {
		d.Body = writes(c.FormValue("draft"))
		if change == nil {
			return nil
		}
		d.Citations = slices.Clone(d.Citations)
		return change(d)
	})
}

// edited shows the draft as it now is: to a script the citations alone.
func (k *Console) edited(c echo.Context, d desk.Draft, err error) error {
	script := c.Request().Header.Get(echo.HeaderAccept) == fragment
	switch {
	case err != nil && script:
		return err
	case err != nil:
		return k.caseProblem(c, err)
	case script:
		return k.pages.Render(c, http.StatusOK, "cites", editorView{ID: c.Param("id"), Body: d.Body, Cites: d.Citations, SavedAt: d.UpdatedAt})
	}
	return c.Redirect(http.StatusSeeOther, "/admin/work/"+c.Param("id")+"#answer")
}

// fragment is what our script accepts: a part of a page.
const fragment = "text/x-fragment"

// saveDraft keeps what is being written.
func (k *Console) saveDraft(c echo.Context) error {
	d, err := k.edit(c, nil)
	return k.edited(c, d, err)
}

// cite adds a clause to the draft's citations.
func (k *Console) cite(c echo.Context) error {
	clause, quote, _ := strings.Cut(c.FormValue("pick"), "|")
	cited, err := k.cited(c.Request().Context(), clause, writes(quote))
	if err != nil {
		return k.edited(c, desk.Draft{}, err)
	}
	d, err := k.edit(c, func(d *desk.Draft) error {
		same := func(x desk.Cited) bool { return x.Clause == cited.Clause && x.Quote == cited.Quote }
		if !slices.ContainsFunc(d.Citations, same) {
			d.Citations = append(d.Citations, cited)
		}
		return nil
	})
	return k.edited(c, d, err)
}

// uncite takes a citation out of the draft: what it was, not the place where
// it stood, for another window may have changed the list.
func (k *Console) uncite(c echo.Context) error {
	clause, quote, _ := strings.Cut(c.FormValue("pick"), "|")
	quote = writes(quote)
	d, err := k.edit(c, func(d *desk.Draft) error {
		d.Citations = slices.DeleteFunc(d.Citations, func(x desk.Cited) bool { return x.Clause == clause && x.Quote == quote })
		return nil
	})
	return k.edited(c, d, err)
}

// phrase adds a canned reply to the draft's text. The script does the same in
// the page, where the cursor is.
func (k *Console) phrase(c echo.Context) error {
	list, err := k.desk.Canned(c.Request().Context(), actor(c))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(x desk.Canned) bool { return x.ID == c.FormValue("phrase") })
	if i < 0 {
		return k.edited(c, desk.Draft{}, apperr.New(apperr.NotFound, "没有找到这条常用语，请重新选择。"))
	}
	d, err := k.edit(c, func(d *desk.Draft) error {
		d.Body = strings.TrimLeft(d.Body+"\n"+list[i].Body, "\n")
		return nil
	})
	return k.edited(c, d, err)
}

// submit gives the answer. Its quotes are compared with the knowledge base
// once more.
func (k *Console) submit(c echo.Context) error {
	ctx := c.Request().Context()
	d, err := k.edit(c, nil)
	if err != nil {
		return k.caseProblem(c, err)
	}
	version, err := versionOf(c)
	if err == nil {
		err = k.verify(ctx, d.Citations)
	}
	if err != nil {
		return k.caseProblem(c, err)
	}
	got, err := k.desk.Submit(ctx, actor(c), c.Param("id"), version, d.Body, d.Citations)
	if got.NeedsSignature {
		return k.done(c, err, got.Why+"。已送去复核，签名后自动发给企业。")
	}
	return k.done(c, err, "答复已交给企业，送达情况在下面看。")
}

// sign gives the second signature, when the quotes still stand.
func (k *Console) sign(c echo.Context) error {
	ctx, a, id := c.Request().Context(), actor(c), c.Param("id")
	version, err := versionOf(c)
	if err != nil {
		return k.caseProblem(c, err)
	}
	opened, err := k.desk.Open(ctx, a, id)
	if err != nil {
		return err
	}
	if opened.Review != nil && opened.Version == version {
		if err := k.verify(ctx, opened.Review.Citations); err != nil {
			return k.caseProblem(c, err)
		}
	}
	return k.done(c, k.desk.Sign(ctx, a, id, version), "已签名，答复已交给企业。")
}

// pick is the value of a button that adds or removes a citation.
func pick(clause, quote string) string { return clause + "|" + quote }
