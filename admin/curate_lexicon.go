package admin

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/knowledge"
	"greendesk/knowledge/lang"
)

// curatedPage is how many entries a page of a curators' list shows.
const curatedPage = 50

// lexiconView is the lexicon as far as it was asked for.
type lexiconView struct {
	Text       string // that was searched for, "" for what curators have changed
	Terms      []knowledge.Term
	Form       termForm
	Gap        *desk.Gap // the question that the entry is to be made for
	Kinds      []kindName
	Prev, Next string // addresses of other pages, "" at the ends
}

// termForm is an entry as it was typed.
type termForm struct{ Term, Means, Kind string }

type kindName struct{ Kind, Name string }

// KindName is what people call a kind.
func (v lexiconView) KindName(kind string) string {
	for _, k := range v.Kinds {
		if k.Kind == kind {
			return k.Name
		}
	}
	return kind
}

// kindNames are the kinds of entries, in the lexicon's order.
func kindNames() []kindName {
	names := map[string]string{"abbr": "简称", "colloq": "俗称", "syn": "同义（两边都算）", "law": "法规的简称", "pollutant": "污染物", "facility": "设施", "industry": "行业",
		"penalty": "处罚", "authority": "部门", "verb": "动作", "time": "时间", "asking": "问话的词", "place": "地名", "stop": "客套话（不参加检索）"}
	var out []kindName
	for _, k := range lang.Kinds() {
		out = append(out, kindName{k, names[k]})
	}
	return out
}

// lexicon shows what curators have changed, or what is found.
func (k *Console) lexicon(c echo.Context) error {
	form := termForm{Kind: "colloq"}
	if term := c.QueryParam("term"); term != "" {
		form.Term = term
		words, err := k.cfg.Engine.Terms(c.Request().Context(), term)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(words, func(w lang.Word) bool { return w.Term == term }); i >= 0 {
			form = termForm{term, strings.Join(words[i].Means, "\n"), words[i].Kind}
		}
	}
	return k.lexiconProblem(c, form, nil)
}

// lexiconProblem shows the page with what was wrong with the form.
func (k *Console) lexiconProblem(c echo.Context, form termForm, problem error) error {
	v := lexiconView{Text: cutText(c.QueryParam("q")), Form: form, Kinds: kindNames()}
	gap, err := k.gapOf(c)
	if err != nil {
		return err
	}
	v.Gap = gap
	if v.Terms, err = k.termsOf(c, v.Text); err != nil {
		return err
	}
	page, here := pageOf(c), url.Values{"q": {v.Text}}
	v.Terms, v.Prev, v.Next = paged(v.Terms, page, "/admin/lexicon", here)
	return k.renderProblem(c, "lexicon.html", "词库", v, problem)
}

// termsOf are the entries with a text in them as they count now and those that
// are switched off; without a text, what curators have changed.
func (k *Console) termsOf(c echo.Context, text string) ([]knowledge.Term, error) {
	ctx := c.Request().Context()
	changed, err := k.cfg.Knowledge.ChangedTerms(ctx)
	if err != nil || text == "" {
		return changed, err
	}
	words, err := k.cfg.Engine.Terms(ctx, text)
	if err != nil {
		return nil, err
	}
	fold := k.cfg.Engine.Folder().Fold
	by := map[string]knowledge.Term{}
	var out []knowledge.Term
	for _, t := range changed {
		by[fold(t.Term)] = t
		if t.Off && strings.Contains(fold(t.Term), fold(text)) {
			out = append(out, t)
		}
	}
	for _, w := range words {
		t := by[w.Term]
		t.Change = lang.Change{Term: w.Term, Means: w.Means, Kind: w.Kind}
		out = append(out, t)
	}
	return out, nil
}

// saveTerm makes an entry, or another of one that there is.
func (k *Console) saveTerm(c echo.Context) error {
	ctx := c.Request().Context()
	form := termForm{Term: strings.TrimSpace(c.FormValue("term")), Means: writes(c.FormValue("means")), Kind: c.FormValue("kind")}
	means := strings.FieldsFunc(form.Means, func(r rune) bool { return r == '\n' || r == '|' })
	for i := range means {
		means[i] = strings.TrimSpace(means[i])
	}
	terms := []knowledge.NewTerm{{Change: lang.Change{Term: form.Term, Means: means, Kind: form.Kind}}}
	if err := k.cfg.Engine.SetTerms(ctx, terms, account(c).Login, k.noted(c, "set", "term:"+form.Term, strings.Join(means, "|"))); err != nil {
		return k.lexiconProblem(c, form, err)
	}
	doubts, err := k.cfg.Engine.Doubts(ctx, terms)
	if err != nil {
		return err
	}
	text := "已记下“" + form.Term + "”，几秒后生效。"
	if len(doubts) > 0 {
		text += "请核对：" + strings.Join(doubts, "")
	}
	return k.flash(c, "/admin/lexicon", text)
}

// removeTerm takes an entry out.
func (k *Console) removeTerm(c echo.Context) error {
	term := c.FormValue("term")
	done, err := k.cfg.Engine.RemoveTerm(c.Request().Context(), term, account(c).Login, k.noted(c, "remove", "term:"+term, ""))
	if err != nil {
		return k.lexiconProblem(c, termForm{Kind: "colloq"}, err)
	}
	return k.flash(c, "/admin/lexicon", "“"+term+"”："+done+"几秒后生效。")
}

// cutText is a text to search for, no longer than searches are.
func cutText(text string) string {
	rs := []rune(strings.TrimSpace(text))
	return string(rs[:min(len(rs), longestSearch)])
}

// furthestPage bounds what a page's number can ask of the database.
const furthestPage = 10000

// pageOf is the number of the page that is asked for, from 0.
func pageOf(c echo.Context) int {
	n, _ := strconv.Atoi(c.QueryParam("page")) // what is no number is the first page
	return min(max(n, 0), furthestPage)
}

// paged cuts a page out of a list and makes the addresses of those beside it.
func paged[T any](list []T, page int, path string, query url.Values) (shown []T, prev, next string) {
	from := min(page*curatedPage, len(list))
	to := min(from+curatedPage, len(list))
	prev, next = beside(page, to < len(list), path, query)
	return list[from:to], prev, next
}

// beside are the addresses of the pages before and after one.
func beside(page int, more bool, path string, query url.Values) (prev, next string) {
	at := func(n int) string {
		query.Set("page", strconv.Itoa(n))
		return path + "?" + query.Encode()
	}
	if page > 0 {
		prev = at(page - 1)
	}
	if more {
		next = at(page + 1)
	}
	return prev, next
}
