package internal_test

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

const (
	longestFile     = 300 // lines
	longestFunction = 80
	aScreen         = 40 // 95 % of all functions fit it
	aGlance         = 12 // and half of them this
)

func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	for _, file := range sources(t) {
		if file.written && file.lines() > longestFile {
			t.Errorf("%s has %d lines, more than %d: it holds more than one concept", file.path, file.lines(), longestFile)
		}
	}
}

func TestFunctionsFitAScreen(t *testing.T) {
	t.Parallel()
	var lengths []int
	for _, file := range sources(t) {
		if !file.written || file.test() {
			continue
		}
		for _, declaration := range file.tree.Decls {
			function, is := declaration.(*ast.FuncDecl)
			if !is {
				continue
			}
			first := file.spots.Position(function.Pos())
			length := file.spots.Position(function.End()).Line - first.Line + 1
			lengths = append(lengths, length)
			if length > longestFunction {
				t.Errorf("%s:%d: %s has %d lines, more than %d", file.path, first.Line, function.Name.Name, length, longestFunction)
			}
		}
	}
	slices.Sort(lengths)
	if median := lengths[len(lengths)/2]; median > aGlance {
		t.Errorf("half of all functions have %d lines or more; at most %d was meant", median, aGlance)
	}
	if most := lengths[len(lengths)*95/100]; most > aScreen {
		t.Errorf("one in twenty functions has %d lines or more; at most %d was meant", most, aScreen)
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, file := range sources(t) {
		if file.written && !strings.HasSuffix(file.tree.Name.Name, "_test") {
			said[file.folder] = said[file.folder] || file.tree.Doc != nil
		}
	}
	for folder, says := range said {
		if !says {
			t.Errorf("package %s has no comment that says what it is", folder)
		}
	}
}

func TestNoPackageIsADrawerForOddments(t *testing.T) {
	t.Parallel()
	drawers := []string{"util", "utils", "common", "helper", "helpers", "model", "models", "type", "types", "base", "manager", "misc"}
	for _, file := range sources(t) {
		if slices.Contains(drawers, path.Base(file.folder)) {
			t.Errorf("%s: a package is named for what it holds, and %s says nothing", file.path, path.Base(file.folder))
		}
	}
}
