package wechat

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Class says what to do about a failed API call.
type Class string

// The classes. The platform words its errmsg as it likes: only the errcode decides.
const (
	ClassRetry        Class = "retry"         // busy, network, HTTP status, unreadable answer: back off and retry
	ClassRetryLater   Class = "retry_later"   // a quota is used up: back off for minutes, or until tomorrow
	ClassToken        Class = "token"         // access_token refused, even after one refetch: retry later
	ClassPermanent    Class = "permanent"     // this user cannot be reached: bad openid, not following, blacklisted
	ClassWindowClosed Class = "window_closed" // the 客服 window is closed or its count used up: keep for the next contact
	ClassNoPermission Class = "no_permission" // the account lacks the right: passive replies only
	ClassOperator     Class = "operator"      // allow list, appid or secret: a person must act
	ClassTooLong      Class = "too_long"      // split the text
	ClassConsent      Class = "consent"       // the user's consent is refused or used up
	ClassBadField     Class = "bad_field"     // template id or field wrong: a bug or a setting of ours
	ClassOAuthCode    Class = "oauth_code"    // OAuth code invalid or used: log in again
	ClassGone         Class = "gone"          // the media id is unknown or has lapsed: it cannot be fetched any more
	ClassUnknown      Class = "unknown"       // any other code
)

// classes is the table of errcodes, from the platform's list of global return codes.
var classes = map[int]Class{
	-1:    ClassRetry,
	40001: ClassToken, 40014: ClassToken, 42001: ClassToken,
	40003: ClassPermanent, 43004: ClassPermanent, 43019: ClassPermanent,
	40164: ClassOperator, 61004: ClassOperator,
	40013: ClassOperator, 40125: ClassOperator, 40243: ClassOperator,
	45002: ClassTooLong,
	45009: ClassRetryLater, 45011: ClassRetryLater,
	45015: ClassWindowClosed, 45047: ClassWindowClosed,
	48001: ClassNoPermission, 50002: ClassNoPermission,
	40037: ClassBadField, 47003: ClassBadField,
	43101: ClassConsent,
	40029: ClassOAuthCode, 40163: ClassOAuthCode,
	40007: ClassGone,
}

// APIError is the error of every failed API call.
type APIError struct {
	Code     int    // errcode; 0 when no readable answer came
	Status   int    // HTTP status; 0 when no answer came
	Msg      string // errmsg, redacted
	Endpoint string // path, without the query
	Err      error  // the cause when no readable answer came, redacted

	unsent bool // no connection was made
}

// Error is safe to log: it holds no token, secret, appid or query.
func (e *APIError) Error() string {
	switch {
	case e.Code != 0:
		return fmt.Sprintf("wechat %s: errcode %d: %s", e.Endpoint, e.Code, e.Msg)
	case e.Err != nil && e.Status != 0:
		return fmt.Sprintf("wechat %s: HTTP %d: %v", e.Endpoint, e.Status, e.Err)
	case e.Err != nil:
		return fmt.Sprintf("wechat %s: %v", e.Endpoint, e.Err)
	}
	return fmt.Sprintf("wechat %s: HTTP %d", e.Endpoint, e.Status)
}

// Unwrap returns the cause, so that errors.Is finds context.DeadlineExceeded.
func (e *APIError) Unwrap() error { return e.Err }

// Class says what to do about the error.
func (e *APIError) Class() Class {
	if e.Code == 0 {
		return ClassRetry
	}
	class, ok := classes[e.Code]
	switch {
	case !ok:
		return ClassUnknown
	case class == ClassToken && e.Endpoint == stableToken:
		return ClassOperator // where the token comes from, 40001 speaks of the secret
	}
	return class
}

// Uncertain reports that the call was sent but no readable answer came: the platform may have done what was asked, so
// that a message sent again may show twice.
func (e *APIError) Uncertain() bool {
	return e.Code == 0 && !e.unsent && e.Endpoint != stableToken
}

// ClassOf returns the class of an APIError anywhere in err's chain, "" for nil and ClassUnknown for other errors.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	var e *APIError
	if errors.As(err, &e) {
		return e.Class()
	}
	return ClassUnknown
}

// secretParams are the query parameters that never reach an error or a log.
var secretParams = regexp.MustCompile(`(?i)\b(access_token|refresh_token|secret|appid|code|ticket|openid)(=|"\s*:\s*")[^&\s"']+`)

// redacted returns err without its secrets. A *url.Error loses its URL, and the chain below it stays intact.
func (c *Client) redacted(err error, tokens ...string) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	text := err.Error()
	clean := c.redact(text, tokens...)
	if clean == text {
		return err
	}
	return &redactedError{text: clean, kind: err}
}

// redact replaces the client's secret and appid, the given tokens and all secret parameters in a text.
func (c *Client) redact(text string, tokens ...string) string {
	for _, s := range append(tokens, c.cfg.Secret, c.cfg.AppID) {
		if s != "" {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return secretParams.ReplaceAllString(text, "$1$2***")
}

// redactedError shows a cleaned text but still answers errors.Is for the error it hides, which it does not hand out.
type redactedError struct {
	text string
	kind error
}

func (e *redactedError) Error() string        { return e.text }
func (e *redactedError) Is(target error) bool { return errors.Is(e.kind, target) }
