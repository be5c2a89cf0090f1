package internal_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// named finds the tests that a page names: `TestSomething`.
var named = regexp.MustCompile("`(Test[A-Za-z0-9]+)`")

// pages are those that name tests.
var pages = []string{"docs/security/README.md", "docs/security/federation.md"}

func TestEveryTestThatASecurityPageNamesExists(t *testing.T) {
	t.Parallel()
	exists := map[string]bool{}
	for _, file := range sources(t) {
		for _, declared := range file.tree.Decls {
			if function, ok := declared.(*ast.FuncDecl); ok && file.test() {
				exists[function.Name.Name] = true
			}
		}
	}
	for _, path := range pages {
		page, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		names := named.FindAllStringSubmatch(string(page), -1)
		if len(names) < 50 {
			t.Fatalf("found %d names: %s is read wrongly", len(names), path)
		}
		for _, name := range names {
			if !exists[name[1]] {
				t.Errorf("%s names %s, which doesn't exist", path, name[1])
			}
		}
	}
}
