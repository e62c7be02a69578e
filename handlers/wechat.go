package handlers

import (
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"greendesk/internal/wechat"
)

// wechatHandler is the platform's way in. GET and POST are routes of their
// own: a POST never echoes.
type wechatHandler struct {
	callback *wechat.Callback
	exchange *Exchange
	log      *slog.Logger
}

// verify answers the console's check of our address.
func (h *wechatHandler) verify(c echo.Context) error {
	echoed, err := h.callback.VerifyURL(c.QueryParams())
	if err != nil {
		return h.refuse(c, err)
	}
	return c.Blob(http.StatusOK, echo.MIMETextPlainCharsetUTF8, []byte(echoed))
}

// push answers one push within the platform's five seconds: with sealed XML or
// with success. Only what the platform did not sign gets anything else.
func (h *wechatHandler) push(c echo.Context) error {
	req := c.Request()
	body, err := wechat.ReadBody(req.Body)
	if err != nil {
		return h.refuse(c, err)
	}
	p, err := h.callback.Open(c.QueryParams(), req.Header.Get(echo.HeaderContentType), body)
	if err != nil {
		return h.refuse(c, err)
	}
	sealed, err := h.callback.Seal(p, wechat.TextReply(h.exchange.Answer(req.Context(), p)))
	if err != nil {
		h.log.Error("reply not sealed", "error", err)
		return c.String(http.StatusOK, success)
	}
	if string(sealed) == success {
		return c.String(http.StatusOK, success)
	}
	return c.Blob(http.StatusOK, echo.MIMETextXMLCharsetUTF8, sealed)
}

// success is the platform's word for "nothing to say, do not send again".
const success = "success"

// refuse answers what is not from the platform, or broken, with a bare status.
func (h *wechatHandler) refuse(c echo.Context, err error) error {
	code := http.StatusForbidden
	switch wechat.ReasonOf(err) {
	case wechat.ReasonTooLarge:
		code = http.StatusRequestEntityTooLarge
	case wechat.ReasonBadBody, wechat.ReasonTooDeep, wechat.ReasonUnsupported:
		code = http.StatusBadRequest
	case wechat.ReasonPanic:
		code = http.StatusInternalServerError
	}
	h.log.Warn("callback refused", "ip", c.RealIP(), "error", err)
	return c.NoContent(code)
}
