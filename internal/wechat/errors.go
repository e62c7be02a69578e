package wechat

import "errors"

// Reason says why a callback was refused or a reply could not be built. Reasons are stable words for logs and counters.
type Reason string

// The reasons of a CallbackError.
const (
	ReasonBadSignature  Reason = "bad_signature" // signature or msg_signature is missing or wrong
	ReasonStale         Reason = "stale"         // the signed timestamp is outside the accepted window
	ReasonDowngrade     Reason = "downgrade"     // an AES key is set and the push is not encrypted
	ReasonUndecryptable Reason = "undecryptable" // no configured AES key opens the push
	ReasonBadAppID      Reason = "bad_appid"     // decrypted, but meant for another AppID
	ReasonBadRecipient  Reason = "bad_recipient" // ToUserName is not the configured original id
	ReasonBadBody       Reason = "bad_body"      // not the XML the platform sends
	ReasonTooLarge      Reason = "too_large"     // more than MaxBody bytes
	ReasonTooDeep       Reason = "too_deep"      // nested more than maxDepth levels
	ReasonUnsupported   Reason = "unsupported"   // content type or encrypt_type that this account does not use
	ReasonBadReply      Reason = "bad_reply"     // a reply the platform would not accept
	ReasonPanic         Reason = "panic"         // a bug of ours or of a library, contained
)

// CallbackError is the error of every refused callback and every reply that cannot be built.
// Its text holds no key, no token and nothing a sender wrote.
type CallbackError struct {
	Reason Reason
	Err    error // the cause, may be nil
}

// Error names the reason and its cause.
func (e *CallbackError) Error() string {
	if e.Err == nil {
		return "wechat callback: " + string(e.Reason)
	}
	return "wechat callback: " + string(e.Reason) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *CallbackError) Unwrap() error { return e.Err }

// ReasonOf returns the reason of a CallbackError anywhere in err's chain, or "" when there is none.
func ReasonOf(err error) Reason {
	var e *CallbackError
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

func refuse(reason Reason, text string) error {
	return &CallbackError{Reason: reason, Err: errors.New(text)}
}
