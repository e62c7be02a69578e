package admin

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/db"
	"greendesk/knowledge"
)

// propose hands an answered question to the curators: as a way to ask for a
// clause that the answer cites, or as a new entry with the answer.
func (k *Console) propose(c echo.Context) error {
	ctx, a, id := c.Request().Context(), actor(c), c.Param("id")
	opened, err := k.desk.Open(ctx, a, id)
	if err != nil {
		return err
	}
	question, err := knowledge.CheckQuestion(c.FormValue("question"))
	if err != nil {
		return k.caseProblem(c, err)
	}
	answer := newCaseView(opened, a, k.cfg.Now()).Answer()
	if answer == nil {
		return k.caseProblem(c, apperr.New(apperr.Conflict, "这件咨询还没有答复，答复之后再提建议。"))
	}
	// What the enterprise's question led to goes when its data are erased.
	by, as := desk.Fingerprint(opened.OpenID), "新的问答条目“"+question+"”"
	if clause := c.FormValue("clause"); clause != "" {
		as = "条款的问法“" + question + "”"
		err = k.proposeQuestion(ctx, answer.Citations, clause, question, by)
	} else {
		err = k.cfg.Knowledge.ProposeEntry(ctx, knowledge.ProposedEntry{Question: question, Answer: c.FormValue("entry"), Sources: sources(answer.Citations)}, by)
	}
	if err == nil {
		err = k.desk.Proposed(ctx, a, id, as)
	}
	return k.done(c, err, "已交给知识管理员，采纳后同样的问题就能直接答复。")
}

// share releases a text of the answer to enterprises that ask alike, or takes
// it back.
func (k *Console) share(c echo.Context) error {
	text := writes(c.FormValue("shared"))
	if c.FormValue("take") == "back" {
		return k.done(c, k.desk.Share(c.Request().Context(), actor(c), c.Param("id"), ""), "已收回，别的企业看不到了。")
	}
	if strings.TrimSpace(text) == "" {
		return k.caseProblem(c, apperr.New(apperr.Invalid, "请写下要给别的企业看的答复。"))
	}
	return k.done(c, k.desk.Share(c.Request().Context(), actor(c), c.Param("id"), text), "已公开，问类似问题的企业会先看到它。")
}

// proposeQuestion suggests a question for one of the clauses that were cited.
func (k *Console) proposeQuestion(ctx context.Context, cites []desk.Cited, clause, question, by string) error {
	for _, x := range cites {
		if x.Clause != clause {
			continue
		}
		err := k.cfg.Engine.Propose(ctx, clause, question, knowledge.FromExpert, by)
		if apperr.CodeOf(err) == apperr.NotFound {
			return apperr.Wrap(apperr.Invalid, "知识库里已经没有这条，请改选别的依据，或提为新条目。", err)
		}
		return err
	}
	return apperr.New(apperr.Invalid, "答复里没有引用这条，请重新选择。")
}

// sources names clauses for people, each once.
func sources(cites []desk.Cited) string {
	var out []string
	seen := map[string]bool{}
	for _, x := range cites {
		if s := "《" + x.Document + "》" + x.Ref; !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return strings.Join(out, "；")
}

// proposalsView is what waits for a curator.
type proposalsView struct {
	Questions []knowledge.StandardQuestion
	Entries   []knowledge.ProposedEntry
	Unfit     string // why the bureau's own weights are not used
}

// OriginName is where a proposed question comes from.
func (proposalsView) OriginName(o knowledge.QuestionOrigin) string {
	switch o {
	case knowledge.FromExpert:
		return "专家用它答复过"
	case knowledge.FromUseful:
		return "企业说有用"
	case knowledge.FromCurator:
		return "知识管理员"
	}
	return string(o)
}

// proposals lists what waits for a curator. It holds what enterprises asked: who
// reads it stands in the audit log.
func (k *Console) proposals(c echo.Context) error {
	ctx := c.Request().Context()
	if err := k.desk.NoteRead(ctx, actor(c), "proposals"); err != nil {
		return err
	}
	return k.proposalsProblem(c, nil, nil)
}

func (k *Console) proposalsProblem(c echo.Context, typed *knowledge.ProposedEntry, problem error) error {
	ctx := c.Request().Context()
	v := proposalsView{Unfit: k.cfg.Engine.Weights().Unfit}
	var err error
	if v.Questions, err = k.cfg.Knowledge.Questions(ctx, knowledge.Proposed); err != nil {
		return err
	}
	if v.Entries, err = k.cfg.Knowledge.ProposedEntries(ctx); err != nil {
		return err
	}
	for i := range v.Entries {
		if typed != nil && v.Entries[i].ID == typed.ID {
			v.Entries[i].Question, v.Entries[i].Answer, v.Entries[i].Sources = typed.Question, typed.Answer, typed.Sources
		}
	}
	return k.renderProblem(c, "proposals.html", "知识建议", v, problem)
}

// noted writes what a curator does into the audit log, if it is done.
func (k *Console) noted(c echo.Context, action, object, detail string) knowledge.Also {
	a := actor(c)
	return func(ctx context.Context, tx *db.Tx) error {
		return staff.Record(ctx, tx, staff.Entry{At: k.cfg.Now(), Actor: a.Account, Action: action, Object: object, Detail: detail, IP: a.IP})
	}
}

// decideProposal accepts or refuses a proposed question or entry.
func (k *Console) decideProposal(c echo.Context) error {
	ctx, by := c.Request().Context(), account(c).Login
	accept := c.FormValue("decision") == "accept"
	entry := knowledge.ProposedEntry{ID: c.FormValue("entry"), Question: c.FormValue("question"), Answer: writes(c.FormValue("answer")), Sources: c.FormValue("sources")}
	var err error
	switch question := c.FormValue("id"); {
	case entry.ID != "" && accept:
		err = k.cfg.Knowledge.AcceptEntry(ctx, entry, by, k.noted(c, "accept-proposal", "entry:"+entry.ID, ""))
	case entry.ID != "":
		err = k.cfg.Knowledge.RejectEntry(ctx, entry.ID, by, k.noted(c, "reject-proposal", "entry:"+entry.ID, ""))
	case len(question) < 8: // Decide also takes the beginning of an id
		err = apperr.New(apperr.Invalid, "没有这一条建议，请刷新页面。")
	case accept:
		err = k.cfg.Knowledge.Decide(ctx, []string{question}, knowledge.Accepted, by, k.noted(c, "accept-proposal", "question:"+question, ""))
	default:
		err = k.cfg.Knowledge.Decide(ctx, []string{question}, knowledge.Rejected, by, k.noted(c, "reject-proposal", "question:"+question, ""))
	}
	if err != nil {
		return k.proposalsProblem(c, &entry, err)
	}
	if accept {
		return k.flash(c, "/admin/proposals", "已采纳，几秒后就能检索到。")
	}
	return k.flash(c, "/admin/proposals", "没有采纳，同样的建议不会再出现。")
}
