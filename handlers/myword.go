package handlers

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/internal/apperr"
)

// Limits of one form with files.
const (
	maxFiles   = 6
	maxOnce    = 64
	maxField   = 64 << 10 // bytes of a text
	maxForm    = maxFiles*desk.MaxAttachment + 1<<20
	uploadTime = 5 * time.Minute // photos over a slow network
)

// wordForm is what a contact adds to a thread.
type wordForm struct {
	Once     string   // tells a second press of the button
	Body     string   // the words
	Attached []string // ids of what was uploaded
	Problem  string   // why it was not taken
}

// token tells one submission of a form from another, "" when the form has none.
func (f wordForm) token(consultation string) string {
	if f.Once == "" {
		return ""
	}
	return "page:" + consultation + ":" + f.Once
}

// readWord reads the form and keeps its files one by one as they come in. A
// file that is not taken becomes the form's problem; what was read stays.
func (m *my) readWord(c echo.Context, openid string) (wordForm, error) {
	var form wordForm
	req := c.Request()
	// A server that cannot wait longer reads what comes in its time.
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(uploadTime))
	req.Body = http.MaxBytesReader(c.Response(), req.Body, maxForm)
	parts, err := req.MultipartReader()
	if err != nil {
		return form, apperr.Wrap(apperr.Invalid, "提交的内容不完整，请返回上一页再提交一次。", err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		if err == nil {
			err = m.readPart(c, openid, part, &form)
		}
		if tooMuch := (*http.MaxBytesError)(nil); errors.As(err, &tooMuch) {
			form.Problem = "照片和文件加起来太大了，请分几次提交。"
			return form, nil
		}
		if err != nil {
			return form, err
		}
	}
}

func (m *my) readPart(c echo.Context, openid string, part *multipart.Part, form *wordForm) error {
	if part.FileName() != "" {
		return m.readFile(c, openid, part, form)
	}
	raw, err := io.ReadAll(io.LimitReader(part, maxField))
	if err != nil {
		return brokenOff(err)
	}
	switch text := string(raw); part.FormName() {
	case "once":
		form.Once = text[:min(len(text), maxOnce)]
	case "body":
		form.Body = text
	case "attached":
		form.Attached = append(form.Attached, text)
	}
	return nil
}

func (m *my) readFile(c echo.Context, openid string, part *multipart.Part, form *wordForm) error {
	if form.Problem != "" {
		return nil
	}
	if len(form.Attached) >= maxFiles {
		form.Problem = "一次最多附 6 个文件，多的请再提交一次。"
		return nil
	}
	if err := m.throttle(c, openid, "upload", uploadsAnHour); err != nil {
		return err
	}
	a, err := m.desk.Attach(c.Request().Context(), openid, part.FileName(), part)
	switch apperr.CodeOf(err) {
	case "":
		form.Attached = append(form.Attached, a.ID)
	case apperr.Invalid, apperr.TooLarge:
		form.Problem = part.FileName() + "：" + apperr.MessageOf(err)
	default:
		return brokenOff(err)
	}
	return nil
}

// brokenOff tells a connection that ended in the middle from a fault of ours.
func brokenOff(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return apperr.Wrap(apperr.Invalid, "网络断了，没有传完，请再提交一次。", err)
	}
	return err
}
