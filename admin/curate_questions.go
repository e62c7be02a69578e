package admin

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/knowledge"
)

// questionsView are the standard questions: how people ask for clauses.
type questionsView struct {
	proposalsView
	Text       string     // that was searched for
	Found      *foundView // clauses, nil when none were looked for
	Gap        *desk.Gap  // the question that was not answered well
	Asked      *knowledge.AskedFor
	Typed      string // the question in the form
	Rejected   bool   // the list is of those that are not wanted
	List       []knowledge.StandardQuestion
	Prev, Next string
}

// questions shows the standard questions, or clauses to write some for. It holds
// what enterprises asked: who reads it stands in the audit log.
func (k *Console) questions(c echo.Context) error {
	if err := k.desk.NoteRead(c.Request().Context(), actor(c), "questions"); err != nil {
		return err
	}
	return k.questionsProblem(c, "", nil)
}

// questionsProblem shows the page with what was wrong with the form.
func (k *Console) questionsProblem(c echo.Context, typed string, problem error) error {
	ctx := c.Request().Context()
	v := questionsView{Text: cutText(c.QueryParam("q")), Typed: typed, Rejected: c.QueryParam("state") == string(knowledge.Rejected)}
	var err error
	if v.Gap, err = k.gapOf(c); err != nil {
		return err
	}
	search := v.Text
	if v.Gap != nil {
		if v.Typed == "" {
			v.Typed = v.Gap.Question
		}
		if search == "" {
			search = v.Gap.Question
		}
	}
	if clause := c.FormValue("clause"); clause != "" {
		asked, err := k.cfg.Engine.AskedFor(ctx, clause)
		if err != nil {
			return err
		}
		v.Asked = &asked
		return k.renderProblem(c, "questions.html", "问法", v, problem)
	}
	if search != "" {
		if v.Found, err = k.find(ctx, "", search); err != nil {
			return err
		}
	}
	if err := k.listQuestions(c, &v); err != nil {
		return err
	}
	return k.renderProblem(c, "questions.html", "问法", v, problem)
}

// listQuestions fills a page of the list.
func (k *Console) listQuestions(c echo.Context, v *questionsView) error {
	page, state := pageOf(c), knowledge.Accepted
	if v.Rejected {
		state = knowledge.Rejected
	}
	list, err := k.cfg.Knowledge.FindQuestions(c.Request().Context(), knowledge.QuestionFilter{State: state, Text: v.Text, Skip: page * curatedPage, Limit: curatedPage + 1})
	if err != nil {
		return err
	}
	v.List = list[:min(len(list), curatedPage)]
	v.Prev, v.Next = beside(page, len(list) > curatedPage, "/admin/questions", url.Values{"q": {v.Text}, "state": {string(state)}})
	return nil
}

// writeQuestion accepts a question for a clause, or takes one back that the
// program carries.
func (k *Console) writeQuestion(c echo.Context) error {
	ctx, clause, question := c.Request().Context(), c.FormValue("clause"), c.FormValue("question")
	asked, err := k.cfg.Engine.AskedFor(ctx, clause)
	if err != nil {
		return err
	}
	state, action, done := knowledge.Accepted, "accept-proposal", "已采纳，几秒后就能检索到。"
	if c.FormValue("decision") == "reject" {
		state, action, done = knowledge.Rejected, "reject-proposal", "已去掉，几秒后不再用它。"
	}
	q := knowledge.NewQuestion{Place: asked.Place, Question: question}
	err = k.cfg.Knowledge.Settle(ctx, []knowledge.NewQuestion{q}, state, account(c).Login, k.noted(c, action, "question:"+asked.Document+asked.Ref, ""))
	if err != nil {
		return k.questionsProblem(c, question, err)
	}
	return k.flash(c, "/admin/questions?"+url.Values{"clause": {clause}}.Encode(), done)
}

// decideQuestion takes a question back that was accepted, or accepts one that
// was not.
func (k *Console) decideQuestion(c echo.Context) error {
	ctx, id := c.Request().Context(), c.Param("id")
	if len(id) < 8 { // Decide also takes the beginning of an id
		return apperr.New(apperr.NotFound, "没有这个问法，请刷新页面。")
	}
	state, action, done := knowledge.Rejected, "reject-proposal", "已去掉，几秒后不再用它。在“不要的”里可以找回。"
	if c.FormValue("decision") == "accept" {
		state, action, done = knowledge.Accepted, "accept-proposal", "已采纳，几秒后就能检索到。"
	}
	if err := k.cfg.Knowledge.Decide(ctx, []string{id}, state, account(c).Login, k.noted(c, action, "question:"+id, "")); err != nil {
		return k.questionsProblem(c, "", err)
	}
	back := "/admin/questions"
	if clause := c.FormValue("clause"); clause != "" {
		back += "?" + url.Values{"clause": {clause}}.Encode()
	}
	return k.flash(c, back, done)
}
