package house_test

import (
	"bytes"
	"go/ast"
	"os"
	"strings"
	"testing"
)

// What outgrows these is usually two things.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
)

func TestFilesStayShort(t *testing.T) {
	walk(t, []string{".go", ".js", ".css", ".html", ".sh"}, func(rel, full string) {
		if strings.HasSuffix(rel, "_test.go") {
			return
		}
		text, err := os.ReadFile(full)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n > maxFileLines {
			t.Errorf("%s has %d lines, %d are allowed", rel, n, maxFileLines)
		}
	})
}

func TestFunctionsStayShort(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if n := s.line(f.Body.Rbrace) - s.line(f.Pos()) + 1; n > maxFunctionLines {
				t.Errorf("%s:%d: %s has %d lines, %d are allowed", s.path, s.line(f.Pos()), f.Name.Name, n, maxFunctionLines)
			}
		}
	}
}

// TestNoTestSkips: a test that can skip is a test that one day never runs.
// What is missing is installed, or fails the test with what to install.
func TestNoTestSkips(t *testing.T) {
	skips := map[string]bool{"Skip": true, "Skipf": true, "SkipNow": true}
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !skips[sel.Sel.Name] {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && isTesting(s, x.Name) {
				t.Errorf("%s:%d: %s.%s", s.path, s.line(call.Pos()), x.Name, sel.Sel.Name)
			}
			return true
		})
	}
}

// isTesting tells whether a receiver in a file is a test's t, b or f by the
// names that Go gives them.
func isTesting(s source, receiver string) bool {
	for _, p := range s.imports() {
		if p == "testing" || strings.HasSuffix(p, "/rapid") {
			return receiver == "t" || receiver == "b" || receiver == "f" || receiver == "tb"
		}
	}
	return false
}
