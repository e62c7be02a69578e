package admin

import (
	"context"

	"github.com/labstack/echo/v4"

	"greendesk/desk/staff"
)

// gone ends a change after which the consultation may be out of sight.
func (k *Console) gone(c echo.Context, err error, said string) error {
	if err != nil {
		return k.caseProblem(c, err)
	}
	return k.flash(c, "/admin/work", said)
}

// change makes a change of a consultation as the page showed it.
func (k *Console) change(c echo.Context, said string, do func(ctx context.Context, a staff.Actor, id string, version int64) error) error {
	version, err := versionOf(c)
	if err == nil {
		err = do(c.Request().Context(), actor(c), c.Param("id"), version)
	}
	return k.done(c, err, said)
}

// accept takes a consultation.
func (k *Console) accept(c echo.Context) error {
	return k.change(c, "已受理，请在时限前答复。", k.desk.Accept)
}

// transfer gives it to a colleague.
func (k *Console) transfer(c echo.Context) error {
	version, err := versionOf(c)
	if err == nil {
		err = k.desk.Transfer(c.Request().Context(), actor(c), c.Param("id"), version, c.FormValue("to"), c.FormValue("transfer_reason"))
	}
	return k.gone(c, err, "已转办。")
}

// topic says what it is really about; then it is routed anew.
func (k *Console) topic(c echo.Context) error {
	version, err := versionOf(c)
	if err == nil {
		err = k.desk.SetTopic(c.Request().Context(), actor(c), c.Param("id"), version, c.FormValue("topic"), c.FormValue("topic_reason"))
	}
	return k.gone(c, err, "已改主题，并按新主题重新分派。")
}

// attend records what a lead did about a poor rating.
func (k *Console) attend(c echo.Context) error {
	return k.change(c, "已记下处理情况。", func(ctx context.Context, a staff.Actor, id string, version int64) error {
		return k.desk.Attend(ctx, a, id, version, c.FormValue("attended"))
	})
}

// invite asks a colleague to study it together.
func (k *Console) invite(c echo.Context) error {
	return k.done(c, k.desk.Invite(c.Request().Context(), actor(c), c.Param("id"), c.FormValue("colleague")), "已邀请。")
}

// leaveCase ends taking part. Then the consultation may be out of sight.
func (k *Console) leaveCase(c echo.Context) error {
	return k.gone(c, k.desk.Leave(c.Request().Context(), actor(c), c.Param("id")), "已退出这件咨询。")
}

// urgency changes how soon the answer is due.
func (k *Console) urgency(c echo.Context) error {
	return k.change(c, "已调整缓急。", func(ctx context.Context, a staff.Actor, id string, version int64) error {
		return k.desk.SetUrgency(ctx, a, id, version, c.FormValue("urgency"), c.FormValue("urgency_reason"))
	})
}

// closeCase ends it.
func (k *Console) closeCase(c echo.Context) error {
	return k.change(c, "已办结。", func(ctx context.Context, a staff.Actor, id string, version int64) error {
		return k.desk.Close(ctx, a, id, version, c.FormValue("close_reason"))
	})
}

// note adds a word among staff.
func (k *Console) note(c echo.Context) error {
	return k.done(c, k.desk.Note(c.Request().Context(), actor(c), c.Param("id"), c.FormValue("note")), "备注已记下，企业看不到。")
}

// ask sends the enterprise a question.
func (k *Console) ask(c echo.Context) error {
	return k.change(c, "已发给企业，等它补充时不计时。", func(ctx context.Context, a staff.Actor, id string, version int64) error {
		return k.desk.AskBack(ctx, a, id, version, c.FormValue("ask"))
	})
}

// returnReview gives an answer back to its author.
func (k *Console) returnReview(c echo.Context) error {
	return k.change(c, "已退回修改。", func(ctx context.Context, a staff.Actor, id string, version int64) error {
		return k.desk.ReturnReview(ctx, a, id, version, c.FormValue("remark"))
	})
}

// withdraw takes back an answer that nobody has signed.
func (k *Console) withdraw(c echo.Context) error {
	return k.change(c, "已撤回，可以继续修改。", k.desk.WithdrawReview)
}
