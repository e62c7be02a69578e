package wechat

// Class says what to do about a failed API call.
type Class string

// The classes, after facts: match on the errcode only.
const (
	ClassRetry        Class = "retry"         // busy, network, HTTP status, unreadable answer: back off and retry
	ClassRetryLater   Class = "retry_later"   // a quota is used up: back off for long
	ClassToken        Class = "token"         // access_token bad or expired, even after one refetch
	ClassPermanent    Class = "permanent"     // this user cannot be reached: bad openid, not following, blacklisted
	ClassWindowClosed Class = "window_closed" // the 客服 window is closed or its count used up: keep for the next contact
	ClassNoPermission Class = "no_permission" // the account lacks the right: passive replies only
	ClassOperator     Class = "operator"      // allow list, appid or secret: a person must act
	ClassTooLong      Class = "too_long"      // split the text
	ClassConsent      Class = "consent"       // the user's consent is refused or used up
	ClassBadField     Class = "bad_field"     // template id or field wrong: a bug or a setting of ours
	ClassOAuthCode    Class = "oauth_code"    // OAuth code invalid or used: log in again
	ClassUnknown      Class = "unknown"       // any other code
)

// APIError is the error of every failed API call.
type APIError struct {
	Code     int    // errcode; 0 when no readable answer came
	Status   int    // HTTP status; 0 when no answer came
	Msg      string // errmsg, redacted
	Endpoint string // path, without the query
	Err      error  // the cause when no readable answer came, redacted
}

// Error is safe to log: it never holds a token, a secret or an appid.
func (e *APIError) Error() string { return e.Endpoint }

// Unwrap returns the cause.
func (e *APIError) Unwrap() error { return e.Err }

// Class says what to do about the error.
func (e *APIError) Class() Class { return ClassUnknown }
