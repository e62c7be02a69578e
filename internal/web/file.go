package web

import (
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// File is something that somebody has sent. Name is as they called it.
type File struct {
	Name  string
	Type  string // media type, as found in the bytes
	Shown bool   // a browser may show it in a page; otherwise it only saves it
	At    time.Time
	Body  io.ReadSeeker
}

// ServeFile serves it so that nothing in it is ever run: the type is ours and
// not guessed, and what is no picture is saved rather than opened.
func ServeFile(c echo.Context, f File) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, f.Type)
	h.Set(echo.HeaderContentDisposition, disposition(f))
	h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderCacheControl, "private, max-age=3600")
	http.ServeContent(c.Response(), c.Request(), "", f.At, f.Body)
	return nil
}

func disposition(f File) string {
	kind := "attachment"
	if f.Shown {
		kind = "inline"
	}
	if f.Name != "" {
		if named := mime.FormatMediaType(kind, map[string]string{"filename": f.Name}); named != "" {
			return named
		}
	}
	return kind
}
