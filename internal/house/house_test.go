package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is one Go file of the module.
type source struct {
	path string // from the module's root, with slashes
	test bool
	file *ast.File
	fset *token.FileSet
}

// room is the folder of the file: the package's path without the module's
// name, "" for package main.
func (s source) room() string {
	if dir := path.Dir(s.path); dir != "." {
		return dir
	}
	return ""
}

// imports are the import paths of the file.
func (s source) imports() []string {
	var out []string
	for _, spec := range s.file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil { // it was parsed
			out = append(out, p)
		}
	}
	return out
}

func (s source) line(p token.Pos) int { return s.fset.Position(p).Line }

// root is the module's folder, two above this one.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// walk calls fn for every file of the project whose name ends in one of the
// endings: testdata, hidden folders and other modules are not ours to judge.
func walk(t *testing.T, endings []string, fn func(rel, full string)) {
	t.Helper()
	top := root(t)
	err := filepath.WalkDir(top, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if full == top {
				return nil
			}
			_, other := os.Stat(filepath.Join(full, "go.mod"))
			if other == nil || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		if slices.Contains(endings, filepath.Ext(full)) {
			rel, err := filepath.Rel(top, full)
			if err != nil {
				return err
			}
			fn(filepath.ToSlash(rel), full)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sources parses every Go file of the module, whatever its build tags.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	fset := token.NewFileSet()
	walk(t, []string{".go"}, func(rel, full string) {
		f, err := parser.ParseFile(fset, full, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{path: rel, test: strings.HasSuffix(rel, "_test.go"), file: f, fset: fset})
	})
	if len(out) < 10 {
		t.Fatalf("only %d Go files found: the walk is broken", len(out))
	}
	return out
}
