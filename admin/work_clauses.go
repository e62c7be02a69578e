package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/internal/apperr"
	"greendesk/knowledge"
	"greendesk/knowledge/parse"
)

// foundView is what a search of the knowledge base found.
type foundView struct {
	ID      string // of the consultation
	Text    string // what was searched for
	Clauses []clauseView
}

type clauseView struct {
	knowledge.Citation
	Whole string // the whole clause, "" when the quote is that
}

// Pick is the value of the button that quotes what answers.
func (v clauseView) Pick() string { return pick(v.Clause, v.Quote.String()) }

// PickWhole is the value of the button that quotes the whole clause.
func (v clauseView) PickWhole() string { return pick(v.Clause, v.Whole) }

const (
	clausesShown  = 8
	longestSearch = 200 // characters
)

// clauses is the search beside the draft, for the script.
func (k *Console) clauses(c echo.Context) error {
	found, err := k.find(c.Request().Context(), c.Param("id"), c.QueryParam("q"))
	if err != nil {
		return err
	}
	return k.pages.Render(c, http.StatusOK, "found", found)
}

// searchClauses is the same without a script: what is written is kept.
func (k *Console) searchClauses(c echo.Context) error {
	if _, err := k.edit(c, nil); err != nil {
		return k.caseProblem(c, err)
	}
	return c.Redirect(http.StatusSeeOther, "/admin/work/"+c.Param("id")+"?"+url.Values{"q": {c.FormValue("q")}}.Encode()+"#found")
}

// find searches the knowledge base, as an enterprise's question would.
func (k *Console) find(ctx context.Context, id, text string) (*foundView, error) {
	text = strings.TrimSpace(text)
	if rs := []rune(text); len(rs) > longestSearch {
		text = string(rs[:longestSearch])
	}
	v := &foundView{ID: id, Text: text}
	if text == "" {
		return v, nil
	}
	res, err := k.cfg.Engine.Ask(ctx, knowledge.Ask{Text: text, Want: clausesShown})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(res.Citations))
	for i, x := range res.Citations {
		ids[i] = x.Clause
	}
	whole, err := k.cfg.Knowledge.Clauses(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, x := range res.Citations {
		w := clauseView{Citation: x}
		if text := strings.TrimSpace(whole[x.Clause].Text); text != x.Quote.String() {
			w.Whole = text
		}
		v.Clauses = append(v.Clauses, w)
	}
	return v, nil
}

// cited is a citation of a clause, when the quote stands in it word for word.
// All but the quote comes from the knowledge base.
func (k *Console) cited(ctx context.Context, clause, quote string) (desk.Cited, error) {
	page, err := k.cfg.Knowledge.ClausePage(ctx, clause)
	if apperr.CodeOf(err) == apperr.NotFound {
		return desk.Cited{}, apperr.Wrap(apperr.NotFound, "知识库里已经没有这条，请重新检索。", err)
	}
	if err != nil {
		return desk.Cited{}, err
	}
	v := page.Version
	x := knowledge.Citation{Clause: clause, Document: v.Title, Number: v.Number, Version: v.Label, Ref: page.Clause.Ref, Quote: knowledge.ReadQuote(quote)}
	if err := k.cfg.Engine.Verify(ctx, x); errors.Is(err, knowledge.ErrNotVerbatim) {
		return desk.Cited{}, apperr.Wrap(apperr.Invalid, "要引用的文字与知识库里的原文不一致，没有插入。请从检索结果里选。", err)
	} else if err != nil {
		return desk.Cited{}, err
	}
	return desk.Cited{Clause: clause, Document: x.Document, Number: x.Number, Version: x.Version, Ref: x.Ref, Quote: quote, Path: x.PagePath(), Own: page.Document.Level == parse.QA,
		Past: past(v, k.cfg.Engine.Today())}, nil
}

// past says why a text is not in force on a day, "" when it is.
func past(v knowledge.Version, today string) string {
	switch state := knowledge.State(v, today); {
	case state == knowledge.StateInForce:
		return ""
	case state == knowledge.StatePending:
		return state + "，" + v.ValidFrom + "起施行"
	case v.ValidTo != "":
		return state + "，" + v.ValidTo + "起不再适用"
	default:
		return state
	}
}

// verify compares the quotes of an answer with the knowledge base as it is
// now, their words and whether they are in force. No answer leaves without it.
func (k *Console) verify(ctx context.Context, cites []desk.Cited) error {
	for i, x := range cites {
		which := "第 " + strconv.Itoa(i+1) + " 条依据（" + x.Name() + "）"
		now, err := k.cited(ctx, x.Clause, x.Quote)
		switch code := apperr.CodeOf(err); {
		case code == apperr.Invalid || code == apperr.NotFound:
			return apperr.Wrap(apperr.Invalid, which+"与知识库现在的原文不一致，可能条文已经更新。请移除它，重新检索后再插入。", err)
		case err != nil:
			return err
		case now.Past != x.Past && now.Past != "":
			return apperr.New(apperr.Invalid, which+"现在的状态是“"+now.Past+"”。请移除它，重新检索现行的条文；确实要引用当时的规定，移除后再插入一次，会注明不再适用。")
		case now.Past != x.Past:
			return apperr.New(apperr.Invalid, which+"现在已经施行。请移除后再插入一次，去掉注明的状态。")
		}
	}
	return nil
}
