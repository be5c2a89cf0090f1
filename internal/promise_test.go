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
	page, err := os.ReadFile(filepath.Join(root, "docs", "security", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	names := named.FindAllStringSubmatch(string(page), -1)
	if len(names) < 50 {
		t.Fatalf("found %d names: the page is read wrongly", len(names))
	}
	for _, name := range names {
		if !exists[name[1]] {
			t.Errorf("docs/security/README.md names %s, which doesn't exist", name[1])
		}
	}
}
