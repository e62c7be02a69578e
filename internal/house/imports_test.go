package house_test

import (
	"slices"
	"strings"
	"testing"
)

const module = "greendesk"

// rooms says who may import whom: for each room, the rooms it may open. A room
// reaches its own subfolders, and a subfolder that is no room of its own
// belongs to the room above it. A folder that is in no room fails the test:
// give it a place here, and say why in the commit.
var rooms = map[string][]string{
	"": {"bot", "knowledge", "knowledge/meili", "desk", "handlers", "admin", "eval", "internal/apperr", "internal/db", "internal/jobs", "internal/kv",
		"internal/web", "internal/wechat", "internal/wechat/simulator", "internal/embeddings"},
	"handlers": {"bot", "knowledge", "desk", "internal/apperr", "internal/db", "internal/jobs", "internal/kv", "internal/web",
		"internal/wechat"},
	"admin":                     {"knowledge", "desk", "internal/web", "internal/db", "internal/jobs", "internal/apperr", "internal/kv"},
	"eval":                      {"bot", "knowledge"},
	"bot":                       {"knowledge", "desk", "internal/apperr"},
	"knowledge":                 {"knowledge/meili", "internal/db", "internal/jobs", "internal/apperr", "internal/embeddings"},
	"knowledge/meili":           {"knowledge"}, // of it: the entries of knowledge/index
	"desk":                      {"internal/db", "internal/jobs", "internal/apperr"},
	"internal/jobs":             {"internal/db", "internal/apperr"},
	"internal/db":               {"internal/apperr"},
	"internal/web":              {"internal/apperr", "internal/kv"}, // sessions lie in the store
	"internal/wechat/simulator": {"internal/wechat"},
	"internal/wechat":           {},
	"internal/apperr":           {},
	"internal/kv":               {},
	"internal/embeddings":       {},
	"internal/testenv":          {"internal/db", "internal/apperr"},
	"internal/house":            {},
}

// testSupport may be imported by tests of every room: the test servers, and
// the real database, queue and session store to stand on instead of mocks.
var testSupport = []string{"internal/testenv", "internal/db", "internal/jobs", "internal/kv"}

// libraries keeps a library, with the packages below it, behind the rooms that
// wrap it. Tests may use any.
var libraries = map[string][]string{
	"database/sql":                    {"internal/db", "internal/jobs", "knowledge", "desk", "admin"},
	"net/http":                        {"", "handlers", "admin", "internal/web", "internal/wechat", "internal/wechat/simulator", "knowledge/meili", "internal/testenv", "internal/embeddings"},
	"github.com/labstack/echo":        {"", "handlers", "admin", "internal/web"},
	"github.com/alexedwards/scs":      {"handlers", "admin", "internal/web"},
	"github.com/alexedwards/argon2id": {"desk"},
	"github.com/pquerna/otp":          {"desk"},
	"github.com/riverqueue/river":     {"internal/jobs", "internal/db"},
	"github.com/jackc/pgx":            {"internal/jobs", "internal/db", "internal/testenv"},
	"github.com/pressly/goose":        {"internal/db"},
	"modernc.org/sqlite":              {"internal/db"},
	"github.com/redis/go-redis":       {"internal/kv"},
	"github.com/silenceper/wechat":    {"internal/wechat", "internal/wechat/simulator"},
	"github.com/meilisearch":          {"knowledge/meili"},
	"github.com/prometheus":           {"", "knowledge"},
	"github.com/sony/gobreaker":       {"knowledge"},
	"github.com/klippa-app":           {"knowledge"},
	"github.com/tetratelabs":          {"knowledge"},
	"github.com/xuri":                 {"knowledge"},
	"github.com/go-rod/rod":           {},
	"go.uber.org/goleak":              {},
	"pgregory.net/rapid":              {},
}

// banned packages nobody imports: the SDK's root pulls in every product of
// WeChat's.
var banned = []string{"github.com/silenceper/wechat/v2"}

// roomOf is the room that a folder belongs to: the longest one above it.
func roomOf(folder string) (string, bool) {
	for f := folder; ; {
		if _, ok := rooms[f]; ok && (f != "" || folder == "") {
			return f, true
		}
		cut := strings.LastIndexByte(f, '/')
		if cut < 0 {
			return "", false
		}
		f = f[:cut]
	}
}

// ours is the folder of an import path of this module.
func ours(importPath string) (string, bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// forbidden says why a file of a room may not import a path, or "".
func forbidden(from, importPath string, test bool) string {
	folder, mine := ours(importPath)
	if !mine {
		return forbiddenLibrary(from, importPath, test)
	}
	to, ok := roomOf(folder)
	switch {
	case !ok:
		return "it is in no room"
	case to == from || slices.Contains(rooms[from], to):
		return ""
	case slices.Contains(testSupport, to):
		if test {
			return ""
		}
		return "only tests of room " + show(from) + " may open " + show(to)
	default:
		return "room " + show(from) + " may not open " + show(to)
	}
}

func forbiddenLibrary(from, importPath string, test bool) string {
	if slices.Contains(banned, importPath) {
		return "nobody may"
	}
	if test {
		return ""
	}
	for library, may := range libraries {
		if (importPath == library || strings.HasPrefix(importPath, library+"/")) && !slices.Contains(may, from) {
			return "room " + show(from) + " may not use this library"
		}
	}
	return ""
}

func show(room string) string {
	if room == "" {
		return "main"
	}
	return room
}

func TestImportsFollowTheHouse(t *testing.T) {
	for _, s := range sources(t) {
		from, ok := roomOf(s.room())
		if !ok {
			t.Errorf("%s: folder %s is in no room: see rooms in internal/house/imports_test.go", s.path, s.room())
			continue
		}
		for _, p := range s.imports() {
			if why := forbidden(from, p, s.test); why != "" {
				t.Errorf("%s imports %s: %s", s.path, p, why)
			}
		}
	}
}

func TestForbiddenImportsAreSeen(t *testing.T) {
	for _, c := range []struct {
		from, path string
		test, ok   bool
	}{
		{from: "knowledge", path: "greendesk/desk"},
		{from: "desk", path: "greendesk/knowledge/parse"},
		{from: "bot", path: "greendesk/internal/db"},
		{from: "bot", path: "net/http"},
		{from: "bot", path: "database/sql"},
		{from: "handlers", path: "greendesk/admin"},
		{from: "handlers", path: "greendesk/internal/wechat/simulator"},
		{from: "internal/wechat", path: "greendesk/internal/wechat/simulator"},
		{from: "internal/kv", path: "greendesk/internal/apperr"},
		{from: "internal/db", path: "greendesk/internal/jobs"},
		{from: "internal/wechat", path: "github.com/silenceper/wechat/v2"},
		{from: "desk", path: "github.com/riverqueue/river/rivertype"},
		{from: "desk", path: "pgregory.net/rapid"},
		{from: "", path: "github.com/silenceper/wechat/v2", test: true},
		{from: "knowledge", path: "greendesk/internal/testenv"},
		{from: "knowledge", path: "greendesk/elsewhere"},
		{from: "bot", path: "greendesk/internal/kv", test: true, ok: true},
		{from: "bot", path: "greendesk/internal/wechat", test: true},
		{from: "knowledge", path: "greendesk/internal/testenv", test: true, ok: true},
		{from: "knowledge", path: "greendesk/knowledge/parse", ok: true},
		{from: "internal/jobs", path: "greendesk/internal/db", ok: true},
		{from: "internal/wechat", path: "github.com/silenceper/wechat/v2/util", ok: true},
		{from: "handlers", path: "net/http", ok: true},
		{from: "desk", path: "net/netip", ok: true},
	} {
		if why := forbidden(c.from, c.path, c.test); (why == "") != c.ok {
			t.Errorf("%s imports %s (test %v): got %q", show(c.from), c.path, c.test, why)
		}
	}
}
