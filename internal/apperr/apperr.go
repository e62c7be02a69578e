// Package apperr is the project's one error type: a code for programs, a Chinese
// message for people, and the wrapped cause for the log.
//
// House rule 2: a code, a message a person can act on, the wrapped cause. An error
// that carries no code is internal, and its text never reaches a user.
package apperr

import (
	"context"
	"errors"
)

// Code classifies an error for programs: HTTP status, retry or not, what to count.
type Code string

// The codes. There are no others; a new one needs an entry in the web error mapper.
const (
	Invalid     Code = "invalid"     // the request is wrong; the person can correct it
	NotFound    Code = "not_found"   // the thing asked for does not exist (or may not be seen)
	Conflict    Code = "conflict"    // the thing changed meanwhile, or exists already
	Forbidden   Code = "forbidden"   // this person may not do this
	Unavailable Code = "unavailable" // a dependency is down or too slow; trying again may help
	TooLarge    Code = "too_large"   // the input exceeds a limit
	Internal    Code = "internal"    // our own fault; the message says nothing but that
)

// Texts for people when an error brings none of its own.
const (
	internalMessage    = "系统出了点问题，我们已经记录下来，请稍后再试。"
	unavailableMessage = "系统正忙，请稍等一会儿再试。"
)

// Error is a classified error. Message is Chinese, meant for people, and says what
// to do next. Err is the cause, for the log only; it may be nil.
type Error struct {
	Code    Code
	Message string
	Err     error
}

// Error returns the text for the log: code, message and the chain of causes.
func (e *Error) Error() string {
	text := string(e.Code) + ": " + e.Message
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause, for errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error with a code and a message for people, without a cause.
func New(code Code, message string) error {
	return &Error{Code: code, Message: message}
}

// Wrap returns an error with a code, a message for people and a cause for the log.
// A nil err is allowed and is the same as New: Wrap never turns a failure into nil.
func Wrap(code Code, message string, err error) error {
	return &Error{Code: code, Message: message, Err: err}
}

// CodeOf returns the code of the outermost *Error in the chain: "" for nil,
// Unavailable for a bare context deadline or cancellation, Internal for anything else.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) && e.Code != "" {
		return e.Code
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return Unavailable
	}
	return Internal
}

// MessageOf returns the text that may be shown to a person: "" for nil, the message
// of the outermost *Error in the chain, and a general text for Internal or unknown
// errors, whatever they carry. The text of a cause (a driver, a remote service) is
// never part of it.
func MessageOf(err error) string {
	if err == nil {
		return ""
	}
	code := CodeOf(err)
	if code == Internal {
		return internalMessage
	}
	var e *Error
	if errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	if code == Unavailable {
		return unavailableMessage
	}
	return internalMessage
}
