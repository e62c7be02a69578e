package admin

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"greendesk/desk/staff"
)

var update = flag.Bool("update", false, "write testdata/roles.txt anew; then read what changed")

// TestEveryRouteIsInTheRoleTable walks the router that answers requests: what
// was added past the table fails here.
func TestEveryRouteIsInTheRoleTable(t *testing.T) {
	w := newWorld(t)
	table := map[string]bool{}
	for _, r := range routes() {
		key := r.method + " " + r.path
		if table[key] {
			t.Errorf("%s stands twice in the role table", key)
		}
		table[key] = true
		if w := r.who; (w.open || w.setup) && (w.consult || len(w.roles) > 0) {
			t.Errorf("%s is open and restricted at once", key)
		}
	}
	inRouter := w.console.echo.Routes()
	for _, r := range inRouter {
		if !table[r.Method+" "+r.Path] {
			t.Errorf("%s %s is in no row of the role table", r.Method, r.Path)
		}
	}
	if len(inRouter) != len(table) {
		t.Errorf("%d routes in the router, %d in the table", len(inRouter), len(table))
	}
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// TestTheRoleMatrixIsAsWritten asks every route of the router as everybody,
// over HTTP, and compares who gets in with the matrix that people reviewed.
func TestTheRoleMatrixIsAsWritten(t *testing.T) {
	w := newWorld(t)
	people := []struct {
		name  string
		roles []staff.Role
	}{{"expert", nil}, {"lead", nil}, {"curator", nil}, {"administrator", nil}, {"auditor", nil}, {"enforcement", nil},
		{"expert+enforcement", []staff.Role{staff.RoleExpert, staff.RoleEnforcement}}, {"curator+enforcement", []staff.Role{staff.RoleCurator, staff.RoleEnforcement}},
		{"lead+enforcement", []staff.Role{staff.RoleLead, staff.RoleEnforcement}}, {"administrator+enforcement", []staff.Role{staff.RoleAdministrator, staff.RoleEnforcement}},
		{"auditor+enforcement", []staff.Role{staff.RoleAuditor, staff.RoleEnforcement}}}
	browsers := map[string]*browser{"nobody": w.browser()}
	names := []string{"nobody"}
	for i, p := range people {
		if p.roles == nil {
			p.roles = []staff.Role{staff.Role(p.name)}
		}
		login := fmt.Sprintf("staff.%d", i)
		w.hire(login, p.roles...)
		browsers[p.name] = w.as(login)
		names = append(names, p.name)
	}
	var b strings.Builder
	for _, r := range routes() {
		if r.path == "/admin/sign-out" { // ends the session that the next row needs; TestSigningOut has it
			continue
		}
		var in []string
		for _, name := range names {
			got := browsers[name].do(r.method, parameter.ReplaceAllString(r.path, "none"), nil)
			switch {
			case got.status == http.StatusForbidden || got.status == http.StatusUnauthorized || got.location == "/admin/sign-in":
			case got.status >= http.StatusInternalServerError:
				t.Errorf("%s %s as %s: %d", r.method, r.path, name, got.status)
			default:
				in = append(in, name)
			}
		}
		fmt.Fprintf(&b, "%s %s: %s\n", r.method, r.path, strings.Join(in, " "))
	}
	const file = "testdata/roles.txt"
	if *update {
		must(t, os.WriteFile(file, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if b.String() != string(want) {
		t.Errorf("who gets in differs from %s (go test ./admin -run Matrix -update):\n%s", file, b.String())
	}
}
