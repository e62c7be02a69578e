package admin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"greendesk/internal/web"
)

// workRoutes are the workbench: consultations, canned replies, and what
// curators decide of what experts propose. Who may see which consultation is
// the desk's to say.
func workRoutes() []route {
	at := func(method, path string, do func(*Console, echo.Context) error) route {
		return route{method, path, consulting(), "", do}
	}
	return []route{
		{http.MethodGet, "/admin/work.js", everybody(), "", asset("text/javascript; charset=utf-8", "pages/work.js")},
		{http.MethodGet, "/admin/work-live.js", everybody(), "", asset("text/javascript; charset=utf-8", "pages/work-live.js")},
		{http.MethodGet, "/admin/work.css", everybody(), "", asset("text/css; charset=utf-8", "pages/work.css")},

		{http.MethodGet, "/admin/work", consulting(), "咨询", (*Console).queue},
		at(http.MethodGet, "/admin/work/events", (*Console).followQueue),
		at(http.MethodGet, "/admin/work/:id", (*Console).openCase),
		at(http.MethodGet, "/admin/work/:id/events", (*Console).followCase),
		at(http.MethodGet, "/admin/work/:id/clauses", (*Console).clauses),

		at(http.MethodGet, "/admin/files/:id", (*Console).file),
		at(http.MethodPost, "/admin/notices/seen", (*Console).seeNotices),
		at(http.MethodPost, "/admin/notices/:id/seen", (*Console).seeNotice),

		at(http.MethodPost, "/admin/work/:id/accept", (*Console).accept),
		at(http.MethodPost, "/admin/work/:id/transfer", (*Console).transfer),
		at(http.MethodPost, "/admin/work/:id/invite", (*Console).invite),
		at(http.MethodPost, "/admin/work/:id/leave", (*Console).leaveCase),
		at(http.MethodPost, "/admin/work/:id/urgency", (*Console).urgency),
		at(http.MethodPost, "/admin/work/:id/topic", (*Console).topic),
		at(http.MethodPost, "/admin/work/:id/attend", (*Console).attend),
		at(http.MethodPost, "/admin/work/:id/close", (*Console).closeCase),
		at(http.MethodPost, "/admin/work/:id/note", (*Console).note),
		at(http.MethodPost, "/admin/work/:id/ask", (*Console).ask),

		at(http.MethodPost, "/admin/work/:id/draft", (*Console).saveDraft),
		at(http.MethodPost, "/admin/work/:id/search", (*Console).searchClauses),
		at(http.MethodPost, "/admin/work/:id/cite", (*Console).cite),
		at(http.MethodPost, "/admin/work/:id/uncite", (*Console).uncite),
		at(http.MethodPost, "/admin/work/:id/phrase", (*Console).phrase),
		at(http.MethodPost, "/admin/work/:id/submit", (*Console).submit),
		at(http.MethodPost, "/admin/work/:id/sign", (*Console).sign),
		at(http.MethodPost, "/admin/work/:id/return", (*Console).returnReview),
		at(http.MethodPost, "/admin/work/:id/withdraw", (*Console).withdraw),
		at(http.MethodPost, "/admin/work/:id/propose", (*Console).propose),
		at(http.MethodPost, "/admin/work/:id/share", (*Console).share),

		{http.MethodGet, "/admin/phrases", consulting(), "常用语", (*Console).phrases},
		at(http.MethodPost, "/admin/phrases", (*Console).savePhrase),
		at(http.MethodPost, "/admin/phrases/:id/drop", (*Console).dropPhrase),

		{http.MethodGet, "/admin/proposals", curating(), "知识建议", (*Console).proposals},
		{http.MethodPost, "/admin/proposals", curating(), "", (*Console).decideProposal},
		{http.MethodGet, "/admin/gaps", curating(), "没答好的问题", (*Console).gaps},
		{http.MethodGet, "/admin/questions", curating(), "问法", (*Console).questions},
		{http.MethodPost, "/admin/questions", curating(), "", (*Console).writeQuestion},
		{http.MethodPost, "/admin/questions/:id", curating(), "", (*Console).decideQuestion},
		{http.MethodGet, "/admin/lexicon", curating(), "词库", (*Console).lexicon},
		{http.MethodPost, "/admin/lexicon", curating(), "", (*Console).saveTerm},
		{http.MethodPost, "/admin/lexicon/remove", curating(), "", (*Console).removeTerm},
	}
}

// asset is a handler that serves one of the pages' own files.
func asset(mime, file string) func(*Console, echo.Context) error {
	return func(_ *Console, c echo.Context) error {
		body, err := pageFiles.ReadFile(file)
		if err != nil {
			return err
		}
		return web.Asset(mime, body)(c)
	}
}
