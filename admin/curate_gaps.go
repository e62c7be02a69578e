package admin

import (
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/knowledge"
)

// Sizes of the page of gaps.
const (
	gapsPage      = 20
	gapCandidates = 5 // that are shown of one gap
)

// gapsView are questions that were not answered well.
type gapsView struct {
	Gaps  []gapView
	Newer bool   // this is not the first page
	Older string // address of the next page, "" at the end
}

type gapView struct {
	desk.Gap
	Shown []gapClause
}

type gapClause struct {
	knowledge.Place // empty when the clause is gone
	Clause          string
}

// Useless tells that the enterprise found the answer of no use.
func (v gapView) Useless() bool { return v.Kind == desk.GapUseless }

// gaps shows them, newest first.
func (k *Console) gaps(c echo.Context) error {
	ctx := c.Request().Context()
	older := gapMark(c.QueryParam("older"))
	list, err := k.desk.ReadGaps(ctx, actor(c), older, gapsPage+1)
	if err != nil {
		return err
	}
	v := gapsView{Newer: older.ID != ""}
	if len(list) > gapsPage {
		list = list[:gapsPage]
		last := list[gapsPage-1]
		v.Older = "/admin/gaps?older=" + strconv.FormatInt(last.At.UnixMilli(), 10) + "-" + last.ID
	}
	var ids []string
	for i := range list {
		list[i].Candidates = list[i].Candidates[:min(gapCandidates, len(list[i].Candidates))]
		for _, x := range list[i].Candidates {
			ids = append(ids, x.Clause)
		}
	}
	places, err := k.cfg.Knowledge.Places(ctx, ids)
	if err != nil {
		return err
	}
	for _, g := range list {
		w := gapView{Gap: g}
		for _, x := range g.Candidates {
			w.Shown = append(w.Shown, gapClause{places[x.Clause], x.Clause})
		}
		v.Gaps = append(v.Gaps, w)
	}
	return k.render(c, "gaps.html", "没答好的问题", v)
}

// gapMark reads where a page begins; the zero value for what is no such mark.
func gapMark(text string) desk.Gap {
	at, id, _ := strings.Cut(text, "-")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || id == "" {
		return desk.Gap{}
	}
	return desk.Gap{ID: id, At: time.UnixMilli(ms)}
}

// gapOf is the gap that a page was opened from, nil for none. Its question does
// not stand in the address: addresses are logged.
func (k *Console) gapOf(c echo.Context) (*desk.Gap, error) {
	id := c.FormValue("gap")
	if id == "" {
		return nil, nil
	}
	g, err := k.desk.ReadGap(c.Request().Context(), actor(c), id)
	return &g, err
}
