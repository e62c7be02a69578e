package handlers

import (
	"slices"
	"strings"
	"time"

	"greendesk/bot"
	"greendesk/desk"
)

type listView struct {
	Flash string
	Rows  []listRow
}

// listRow is one consultation in the list.
type listRow struct {
	Path, Number, Question string
	State                  stateView
	At                     time.Time
}

// stateView is a state as the enterprise reads it. Tone is good, calm or due: how
// the badge looks.
type stateView struct{ Name, Tone string }

// Due reports whether it is the enterprise's turn.
func (v stateView) Due() bool { return v.Tone == "due" }

func contactState(s desk.State) stateView {
	switch s {
	case desk.StateWaiting:
		return stateView{"等您补充", "due"}
	case desk.StateReplied:
		return stateView{"已答复", "good"}
	case desk.StateClosed:
		return stateView{"已办结", "calm"}
	case desk.StateNew, desk.StateAssigned:
		return stateView{"等待专家", "calm"}
	}
	return stateView{"办理中", "calm"}
}

func listRows(cs []desk.Consultation) []listRow {
	var out []listRow
	for _, c := range cs {
		out = append(out, listRow{Path: bot.ConsultationPath(c.ID), Number: c.Number, Question: c.Question, State: contactState(c.State), At: c.CreatedAt})
	}
	return out
}

// threadForms is what was written into the forms of a thread and not taken.
type threadForms struct {
	Word   wordForm
	Rating ratingForm
	Reopen reopenForm
}

// withoutForms says at the top what was wrong with a form that the consultation
// no longer has. What was added to one that has ended is not lost: it becomes
// the reason to take it up again.
func (v *threadView) withoutForms() {
	f := &v.Forms
	switch {
	case f.Word.Problem != "" && !v.T.MayWrite:
		v.Problem, f.Reopen.Reason = f.Word.Problem, f.Word.Body
	case f.Rating.Problem != "" && !v.T.MayRate:
		v.Problem = f.Rating.Problem
	case f.Reopen.Problem != "" && !v.T.MayReopen:
		v.Problem, f.Word.Body = f.Reopen.Problem, f.Reopen.Reason
	}
}

type ratingForm struct {
	Stars         int
	Word, Problem string
}

type reopenForm struct{ Reason, Problem string }

type threadView struct {
	Flash   string
	Problem string // of a form that is not there any more
	State   stateView
	Path    string
	T       desk.Thread
	Asked   []fileView
	Posts   []postView
	Expect  time.Time // when to expect an answer, zero when none is due
	Forms   threadForms
	Stars   []starView
}

type postView struct {
	desk.Post
	Mine  bool
	Who   string
	Files []fileView
}

type fileView struct {
	Path, Name, Problem string
	Image, Place        bool
	Fetching            bool
}

type starView struct {
	Value   int
	Label   string
	Checked bool
}

func newThreadView(t desk.Thread, forms threadForms) threadView {
	v := threadView{State: contactState(t.State), Path: bot.ConsultationPath(t.ID), T: t, Asked: fileViews(t.Attachments), Forms: forms}
	if t.State.Open() && !t.Paused {
		v.Expect = t.AnswerDue
	}
	for _, p := range t.Posts {
		v.Posts = append(v.Posts, newPostView(p))
	}
	v.withoutForms()
	if v.Forms.Rating.Problem == "" {
		v.Forms.Rating.Stars, v.Forms.Rating.Word = t.Rating, t.RatingWord
	}
	for i, label := range []string{"很不满意", "不满意", "一般", "满意", "很满意"} {
		v.Stars = append(v.Stars, starView{Value: i + 1, Label: label, Checked: v.Forms.Rating.Stars == i+1})
	}
	return v
}

func newPostView(p desk.Post) postView {
	v := postView{Post: p, Mine: p.Kind == desk.PostWord, Files: fileViews(p.Attachments)}
	switch {
	case v.Mine:
		v.Who = "您"
	case p.AuthorName != "":
		v.Who = p.AuthorName
	default:
		v.Who = "专家"
	}
	return v
}

func fileViews(as []desk.Attachment) []fileView {
	var out []fileView
	for _, a := range as {
		if a.State == desk.AttachmentErased {
			continue
		}
		v := fileView{Name: a.Name, Problem: a.Problem, Place: a.Kind == desk.AttachedLocation, Fetching: a.State == desk.AttachmentFetching}
		if v.Name == "" {
			v.Name = kindName(a.Kind)
		}
		if a.State == desk.AttachmentKept && !v.Place {
			v.Path, v.Image = "/my/files/"+a.ID, a.Shown()
		}
		out = append(out, v)
	}
	return out
}

func kindName(kind string) string {
	switch kind {
	case desk.AttachedImage:
		return "图片"
	case desk.AttachedVoice:
		return "语音"
	case desk.AttachedVideo:
		return "视频"
	case desk.AttachedLocation:
		return "位置"
	}
	return "文件"
}

// profileView is the form of a contact's data.
type profileView struct {
	Flash, Problem string
	Bound, Agreed  bool
	AgreedAt       time.Time
	Notice         []string // paragraphs
	Fingerprint    string
	Fields         []fieldView
}

// fieldView is one field of the form.
type fieldView struct {
	ID, Title, Value, Problem, Hint string
	Optional                        bool
	Mode                            string // of a phone's keyboard
	Auto                            string // what a browser may fill in
	Groups                          []optionGroup
}

type optionGroup struct {
	Title   string // "" for options that stand by themselves
	Options []option
}

type option struct {
	Value, Name string
	Chosen      bool
}

func newProfileView(profile desk.Profile, privacy desk.Privacy, wrong map[desk.Field]string) profileView {
	v := profileView{Bound: profile.Bound(), Agreed: profile.Agreed == privacy.Fingerprint, AgreedAt: profile.AgreedAt, Fingerprint: privacy.Fingerprint}
	for line := range strings.Lines(privacy.Text) {
		if line = strings.TrimSpace(line); line != "" {
			v.Notice = append(v.Notice, line)
		}
	}
	for _, f := range desk.Fields() {
		fv := fieldView{ID: string(f), Title: f.Title(), Value: profile.Get(f), Problem: wrong[f], Optional: f.Optional(), Mode: "text", Auto: "off"}
		switch f {
		case desk.FieldCode:
			fv.Hint = "18 位，在营业执照上"
		case desk.FieldCompany:
			fv.Auto = "organization"
		case desk.FieldName:
			fv.Auto = "name"
		case desk.FieldPosition:
			fv.Auto = "organization-title"
		case desk.FieldPhone:
			fv.Mode, fv.Auto, fv.Hint = "tel", "tel", "手机或带区号的座机，专家需要时打给您"
		case desk.FieldCounty:
			fv.Groups = counties(fv.Value)
		case desk.FieldIndustry:
			fv.Groups = industries(fv.Value)
		case desk.FieldPermit:
			fv.Groups = permits(fv.Value)
		}
		v.Fields = append(v.Fields, fv)
	}
	return v
}

func counties(chosen string) []optionGroup {
	var g optionGroup
	for _, c := range desk.Counties() {
		g.Options = append(g.Options, option{Value: c, Name: c, Chosen: c == chosen})
	}
	return []optionGroup{g}
}

func permits(chosen string) []optionGroup {
	var g optionGroup
	for _, p := range desk.Permits() {
		g.Options = append(g.Options, option{Value: p, Name: desk.PermitName(p), Chosen: p == chosen})
	}
	return []optionGroup{g}
}

// industries are grouped by their 门类; a 中类 stands under its 大类. Industry,
// the most common, comes first.
func industries(chosen string) []optionGroup {
	var out []optionGroup
	for _, i := range desk.Industries() {
		if i.Section() {
			out = append(out, optionGroup{Title: i.Name})
			continue
		}
		name := i.Name
		if len(i.Code) > 2 {
			name = "　" + name
		}
		g := &out[len(out)-1]
		g.Options = append(g.Options, option{Value: i.Code, Name: name, Chosen: i.Code == chosen})
	}
	slices.SortStableFunc(out, func(a, b optionGroup) int {
		first := func(g optionGroup) int {
			if g.Title == "制造业" {
				return 0
			}
			return 1
		}
		return first(a) - first(b)
	})
	return out
}
