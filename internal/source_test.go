// Package internal_test holds the house's own rules to the whole repository:
// which layer knows which, how long a function gets, and that what is deployed
// fits what is documented.
package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	root   = ".." // of the repository, seen from here
	module = "github.com/sleutelbos/sleutelbos"
)

// A source is one Go file of the repository.
type source struct {
	path    string // from the root, with slashes
	folder  string
	tree    *ast.File
	spots   *token.FileSet
	written bool // by hand, not by a generator
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// lines is the file's length.
func (s source) lines() int { return s.spots.File(s.tree.FileStart).LineCount() }

// sources returns every Go file of the repository, parsed once.
func sources(t *testing.T) []source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("found %d Go files: the rules would hold for nothing", len(all))
	}
	return all
}

var parsed = sync.OnceValues(func() (all []source, err error) {
	err = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return skip(file, entry.Name())
		case filepath.Ext(file) != ".go":
			return nil
		}
		found, err := parse(file)
		all = append(all, found)
		return err
	})
	return all, err
})

// skip leaves out what the go command leaves out, and what isn't ours.
func skip(file, name string) error {
	hidden := file != root && (name[0] == '.' || name[0] == '_')
	if hidden || name == "testdata" || name == "node_modules" || name == "var" || name == "bin" {
		return filepath.SkipDir
	}
	return nil
}

func parse(file string) (source, error) {
	spots := token.NewFileSet()
	tree, err := parser.ParseFile(spots, file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	name, err := filepath.Rel(root, file)
	if err != nil {
		return source{}, err
	}
	name = filepath.ToSlash(name)
	return source{name, path.Dir(name), tree, spots, !ast.IsGenerated(tree)}, nil
}
