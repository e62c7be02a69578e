package admin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"greendesk/desk"
	"greendesk/desk/staff"
	"greendesk/internal/apperr"
	"greendesk/internal/web"
)

// caseView is the page of a consultation.
type caseView struct {
	desk.Case
	Due        due
	Pulse      string // of what is shown: the page follows from here
	Mode       string // what the actor's part is: see mode
	Holds      bool   // the actor holds it
	Part       bool   // the actor was invited
	Posts      []postView
	Events     []eventView
	Deliveries []deliveryView
	Files      []fileView // what came with the question
	Came       string     // why it came to the experts
	Industry   string
	Permit     string
	Colleagues []colleague // to whom it may be given
	Topics     []string    // that it may be about instead
	Phrases    []desk.Canned
	Editor     editorView
	Found      *foundView        // clauses beside the draft, nil without a search
	Typed      map[string]string // what was typed into a form that was refused
}

// What an actor may do with a consultation now.
const (
	modeAccept = "accept" // take it
	modeAnswer = "answer" // write the answer
	modeSign   = "sign"   // give the second signature
	modeReview = "review" // wait for it, as the author
	modeDone   = "done"   // it is answered
	modeRead   = "read"   // none of these
)

type postView struct {
	desk.Post
	Title string
	Files []fileView
}

// fileView is an attachment: in words, and where its bytes are, if anywhere.
type fileView struct {
	Text, Path string
	Shown      bool // it is a picture that a page may show
}

type eventView struct {
	desk.Event
	What string
}

type deliveryView struct {
	desk.Delivery
	What, How, State, Class string
}

// editorView is the draft and its citations.
type editorView struct {
	ID      string
	Body    string
	Cites   []desk.Cited
	SavedAt time.Time
}

// Urgent reports whether it is urgent.
func (v caseView) Urgent() bool { return v.Urgency == desk.UrgencyUrgent }

// Path is the address of the consultation's page.
func (v caseView) Path() string { return "/admin/work/" + v.ID }

// Answer is the latest answer, nil if there is none.
func (v caseView) Answer() *postView {
	for i, p := range slices.Backward(v.Posts) {
		if p.Kind == desk.PostAnswer {
			return &v.Posts[i]
		}
	}
	return nil
}

// openCase shows a consultation.
func (k *Console) openCase(c echo.Context) error { return k.caseProblem(c, nil) }

// caseProblem shows a consultation with what was wrong with what was sent, and
// with all that was typed.
func (k *Console) caseProblem(c echo.Context, problem error) error {
	if problem != nil && web.Status(problem) >= 500 {
		return problem
	}
	ctx, a, id := c.Request().Context(), actor(c), c.Param("id")
	pulse, err := k.desk.Pulse(ctx, a, id)
	if err != nil {
		return err
	}
	open := k.desk.Open
	if follows(c) {
		open = k.desk.Follow
	}
	opened, err := open(ctx, a, id)
	if err != nil {
		return err
	}
	v := newCaseView(opened, a, k.cfg.Now())
	v.Pulse = pulse
	if v.MayDirect {
		list, err := k.desk.Colleagues(ctx, a, id)
		if err != nil {
			return err
		}
		for _, x := range list {
			v.Colleagues = append(v.Colleagues, colleague{x})
		}
	}
	if v.Topics, err = k.desk.Topics(); err != nil {
		return err
	}
	if v.Mode == modeAnswer {
		if v.Phrases, err = k.desk.Canned(ctx, a); err != nil {
			return err
		}
		q := c.QueryParam("q")
		if q == "" {
			q = v.Question
		}
		if v.Found, err = k.find(ctx, v.ID, q); err != nil {
			return err
		}
	}
	if problem != nil {
		v.keep(c)
	}
	return k.renderProblem(c, "case.html", "咨询 "+v.Number, v, problem)
}

// done ends a change: it shows the consultation anew, or what was wrong.
func (k *Console) done(c echo.Context, err error, said string) error {
	if err != nil {
		return k.caseProblem(c, err)
	}
	return k.flash(c, "/admin/work/"+c.Param("id"), said)
}

// keep puts back what was typed.
func (v *caseView) keep(c echo.Context) {
	form, err := c.FormParams()
	if err != nil {
		return
	}
	v.Typed = map[string]string{}
	for name, values := range form {
		v.Typed[name] = strings.Join(values, "\n")
	}
	if body, ok := v.Typed["draft"]; ok {
		v.Editor.Body = body
	}
}

func newCaseView(opened desk.Case, a staff.Actor, now time.Time) *caseView {
	v := &caseView{Case: opened, Due: dueOf(opened.Consultation, now), Holds: opened.Expert == a.Account, Industry: desk.IndustryName(opened.Asker.Industry), Permit: desk.PermitName(opened.Asker.Permit)}
	v.Part = slices.ContainsFunc(opened.Participants, func(p desk.Person) bool { return p.Account == a.Account })
	v.Mode = mode(opened, a)
	for _, p := range opened.Posts {
		v.Posts = append(v.Posts, postView{Post: p, Title: postName(p.Kind), Files: attachments(p.Attachments)})
	}
	for _, e := range opened.Events {
		what := reasonWords(e.Reason)
		if e.From != e.To && e.From != "" {
			what = e.To.Name() + "：" + what
		}
		v.Events = append(v.Events, eventView{Event: e, What: what})
	}
	if len(v.Events) > 0 {
		v.Came = v.Events[0].What
	}
	for _, d := range opened.Deliveries {
		w := deliveryView{Delivery: d, How: wayWords(d.Way)}
		w.What, w.State, w.Class = deliveryWords(d)
		v.Deliveries = append(v.Deliveries, w)
	}
	v.Files = attachments(opened.Attachments)
	v.Editor.ID = opened.ID
	if d := opened.Draft; d != nil {
		v.Editor = editorView{ID: opened.ID, Body: d.Body, Cites: d.Citations, SavedAt: d.UpdatedAt}
	}
	return v
}

// mode is the actor's part in a consultation as it stands.
func mode(c desk.Case, a staff.Actor) string {
	switch c.State {
	case desk.StateNew, desk.StateAssigned, desk.StateReopened:
		return modeAccept
	case desk.StateAnswering, desk.StateWaiting:
		if c.Expert == a.Account {
			return modeAnswer
		}
	case desk.StateReview:
		switch {
		case c.MaySign:
			return modeSign
		case c.Expert == a.Account:
			return modeReview
		}
	case desk.StateReplied, desk.StateClosed:
		return modeDone
	}
	return modeRead
}

func attachments(list []desk.Attachment) []fileView {
	var out []fileView
	for _, a := range list {
		v := fileView{Text: attachmentWords(a)}
		if a.State == desk.AttachmentKept && a.Kind != desk.AttachedLocation {
			v.Path, v.Shown = "/admin/files/"+a.ID, a.Shown()
		}
		out = append(out, v)
	}
	return out
}

// file serves an attachment of a consultation.
func (k *Console) file(c echo.Context) error {
	a, f, err := k.desk.AttachmentFor(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	return web.ServeFile(c, web.File{Name: a.Name, Type: a.Type, Shown: a.Shown(), At: a.At, Body: f})
}

// colleague is somebody to whom a consultation may be given, in one line.
type colleague struct{ desk.Colleague }

// Line is the name, and in brackets what speaks for and against them.
func (x colleague) Line() string {
	about := slices.DeleteFunc([]string{strings.Join(x.Groups, "、"), strings.Join(x.Topics, " "), fmt.Sprintf("手上 %d 件", x.Load)}, func(s string) bool { return s == "" })
	if x.Limit > 0 && x.Load >= x.Limit {
		about = append(about, "已满")
	}
	if x.Away {
		about = append(about, "今天请假")
	}
	return x.Name + "（" + strings.Join(about, "，") + "）"
}

// versionOf is the version of the consultation that the page showed.
func versionOf(c echo.Context) (int64, error) {
	var v int64
	if err := echo.FormFieldBinder(c).MustInt64("version", &v).BindError(); err != nil {
		return 0, apperr.Wrap(apperr.Invalid, "页面上的内容不完整，请刷新页面再试。", err)
	}
	return v, nil
}
