package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// maskQuery prints a query with tokens, secrets and codes cut to six letters.
func maskQuery(q url.Values) string {
	masked := url.Values{}
	for name, values := range q {
		for _, v := range values {
			switch name {
			case "access_token", "secret", "refresh_token", "code":
				v = v[:min(6, len(v))] + "…"
			}
			masked.Add(name, v)
		}
	}
	readable, err := url.QueryUnescape(masked.Encode())
	if err != nil {
		return masked.Encode()
	}
	return readable
}

// maxLogged is how much of a body the log keeps, in bytes.
const maxLogged = 8 << 10

// printable is a request's body for the log.
func printable(r *http.Request, body []byte) string {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return fmt.Sprintf("(multipart, %d bytes)", len(body))
	}
	return cut(string(body), maxLogged)
}

func printableAnswer(contentType string, answer []byte) string {
	if strings.HasPrefix(contentType, "application/json") || strings.HasPrefix(contentType, "text/") {
		return cut(string(answer), maxLogged)
	}
	return fmt.Sprintf("(%s, %d bytes)", contentType, len(answer))
}

// toUser is whom a sending call is for, "" for other calls.
func toUser(body []byte) string {
	var m struct {
		ToUser string `json:"touser"`
	}
	if len(body) == 0 || body[0] != '{' || json.Unmarshal(body, &m) != nil {
		return ""
	}
	return m.ToUser
}
