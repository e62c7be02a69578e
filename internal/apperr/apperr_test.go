package apperr_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"greendesk/internal/apperr"
)

func TestCodeAndMessageOfAnError(t *testing.T) {
	driver := errors.New(`pq: password authentication failed for user "greendesk"`)
	const busy = "系统正忙，请稍等一会儿再试。"
	const broken = "系统出了点问题，我们已经记录下来，请稍后再试。"
	for name, c := range map[string]struct {
		err     error
		code    apperr.Code
		message string
	}{
		"no error":                   {nil, "", ""},
		"ours":                       {apperr.New(apperr.Invalid, "请填写企业名称。"), apperr.Invalid, "请填写企业名称。"},
		"ours with a cause":          {apperr.Wrap(apperr.Conflict, "该时段已被预约，请换一个。", driver), apperr.Conflict, "该时段已被预约，请换一个。"},
		"ours below":                 {fmt.Errorf("book: %w", apperr.New(apperr.NotFound, "没有这位专家。")), apperr.NotFound, "没有这位专家。"},
		"the outermost of two":       {apperr.Wrap(apperr.Forbidden, "无权查看。", apperr.New(apperr.NotFound, "没有。")), apperr.Forbidden, "无权查看。"},
		"unknown":                    {driver, apperr.Internal, broken},
		"internal with a message":    {apperr.Wrap(apperr.Internal, driver.Error(), driver), apperr.Internal, broken},
		"deadline":                   {fmt.Errorf("query: %w", context.DeadlineExceeded), apperr.Unavailable, busy},
		"cancelled":                  {context.Canceled, apperr.Unavailable, busy},
		"unavailable, no message":    {apperr.New(apperr.Unavailable, ""), apperr.Unavailable, busy},
		"no message":                 {apperr.New(apperr.TooLarge, ""), apperr.TooLarge, broken},
		"no code over a real one":    {&apperr.Error{Err: apperr.New(apperr.Invalid, "请检查。")}, apperr.Internal, broken},
		"ours over an ended context": {apperr.Wrap(apperr.Invalid, "请检查。", context.Canceled), apperr.Invalid, "请检查。"},
	} {
		if got := apperr.CodeOf(c.err); got != c.code {
			t.Errorf("%s: code %q, want %q", name, got, c.code)
		}
		if got := apperr.MessageOf(c.err); got != c.message {
			t.Errorf("%s: message %q, want %q", name, got, c.message)
		}
	}
}

func TestTheLogTextHasEverythingAndTheCauseIsFound(t *testing.T) {
	cause := errors.New("disk full")
	err := apperr.Wrap(apperr.Unavailable, "请稍后再试。", fmt.Errorf("db: commit: %w", cause))
	if !errors.Is(err, cause) {
		t.Error("cause not found")
	}
	for _, part := range []string{"unavailable", "请稍后再试。", "db: commit: disk full"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
}

func TestWrapOfNilIsStillAnError(t *testing.T) {
	if err := apperr.Wrap(apperr.Invalid, "请检查。", nil); err == nil || apperr.CodeOf(err) != apperr.Invalid {
		t.Fatal(err)
	}
}
