package handlers

import (
	"crypto/rand"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"greendesk/bot"
	"greendesk/internal/apperr"
	"greendesk/internal/web"
)

// Most of what a contact may do in an hour.
const (
	wordsAnHour   = 60
	uploadsAnHour = 40
	changesAnHour = 60
)

// list shows a contact's consultations.
func (m *my) list(c echo.Context, openid string) error {
	ctx := c.Request().Context()
	mine, err := m.desk.Mine(ctx, openid)
	if err != nil {
		return err
	}
	return m.pages.render(c, "my.html", listView{Flash: web.TakeFlash(ctx, m.sessions), Rows: listRows(mine)})
}

// thread shows one consultation: what was owed to the contact of it before is
// then read; what comes to be owed while the page is made does not stand on it.
// That this cannot be recorded costs the contact nothing: it is logged.
func (m *my) thread(c echo.Context, openid string) error {
	ctx := c.Request().Context()
	owed, err := m.desk.Unread(ctx, openid, c.Param("id"))
	if err != nil {
		return err
	}
	if err := m.showThread(c, openid, http.StatusOK, threadForms{}); err != nil {
		return err
	}
	if err := m.desk.ReadOnPage(ctx, owed); err != nil {
		m.log.ErrorContext(ctx, "reading on the page not recorded", "consultation", c.Param("id"), "error", err)
	}
	return nil
}

// showThread shows a consultation with what was written into its forms.
func (m *my) showThread(c echo.Context, openid string, status int, forms threadForms) error {
	ctx := c.Request().Context()
	t, err := m.desk.Thread(ctx, openid, c.Param("id"))
	if err != nil {
		return err
	}
	if t.Similar, err = m.exchange.bot.StillRight(ctx, t.Similar); err != nil {
		return err
	}
	if forms.Word.Once == "" {
		forms.Word.Once = rand.Text()
	}
	view := newThreadView(t, forms)
	view.Flash = web.TakeFlash(ctx, m.sessions)
	return m.pages.renderStatus(c, status, "thread.html", view)
}

// word takes what a contact adds, with photos and files. What cannot be taken
// is said beside the form, which keeps the rest.
func (m *my) word(c echo.Context, openid string) error {
	if err := m.throttle(c, openid, "word", wordsAnHour); err != nil {
		return err
	}
	form, err := m.readWord(c, openid)
	if err != nil {
		return err
	}
	if form.Problem != "" {
		return m.showThread(c, openid, http.StatusBadRequest, threadForms{Word: form})
	}
	_, err = m.desk.Word(c.Request().Context(), openid, c.Param("id"), form.token(c.Param("id")), form.Body, form.Attached)
	if err != nil {
		form.Problem = apperr.MessageOf(err)
		return m.again(c, openid, err, threadForms{Word: form})
	}
	return m.done(c, "已提交，专家会看到。")
}

// rate takes the stars for an answer and a word.
func (m *my) rate(c echo.Context, openid string) error {
	if err := m.throttle(c, openid, "rate", changesAnHour); err != nil {
		return err
	}
	stars, _ := strconv.Atoi(c.FormValue("stars")) // 0 is refused with words
	err := m.desk.RateAnswer(c.Request().Context(), openid, c.Param("id"), stars, c.FormValue("word"))
	if err != nil {
		return m.again(c, openid, err, threadForms{Rating: ratingForm{Stars: stars, Word: c.FormValue("word"), Problem: apperr.MessageOf(err)}})
	}
	return m.done(c, "谢谢您的评价。")
}

// reopen takes a consultation up again.
func (m *my) reopen(c echo.Context, openid string) error {
	if err := m.throttle(c, openid, "reopen", changesAnHour); err != nil {
		return err
	}
	reason := c.FormValue("reason")
	if err := m.desk.Reopen(c.Request().Context(), openid, c.Param("id"), reason); err != nil {
		return m.again(c, openid, err, threadForms{Reopen: reopenForm{Reason: reason, Problem: apperr.MessageOf(err)}})
	}
	return m.done(c, "已重新办理，专家会再看您的问题。")
}

// again shows the thread with what was written and why it was not taken. What
// the contact cannot mend goes to the mapper of errors.
func (m *my) again(c echo.Context, openid string, err error, forms threadForms) error {
	switch apperr.CodeOf(err) {
	case apperr.Invalid, apperr.TooLarge, apperr.Conflict:
		return m.showThread(c, openid, web.Status(err), forms)
	}
	return err
}

func (m *my) done(c echo.Context, flash string) error {
	web.SetFlash(c.Request().Context(), m.sessions, flash)
	return c.Redirect(http.StatusSeeOther, bot.ConsultationPath(c.Param("id")))
}

// file serves one of the contact's own attachments. Pictures of four types are
// shown; everything else is only ever saved.
func (m *my) file(c echo.Context, openid string) error {
	a, f, err := m.desk.AttachmentOf(c.Request().Context(), openid, c.Param("id"))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	return web.ServeFile(c, web.File{Name: a.Name, Type: a.Type, Shown: a.Shown(), At: a.At, Body: f})
}
