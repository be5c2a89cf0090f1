package internal_test

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// drawing says which package may import which of ours; internal/ is left out
// of the names. Everything may import identity, so no line says it; x/... means
// x and all below it; * means anything. To add a package is to add a line, and
// a line that isn't to be drawn is a decision for docs/decisions.
const drawing = `
cmd/sleutelbos   →  *
demo             →  app  secret  demo/broker
demo/broker      →
server           →  graph  app  export  trace
export           →
graph            →  graph/generated  graph/page  app  trace
graph/generated  →  graph/page  graph/quick  graph/scalar  app
graph/page       →  app
graph/quick      →
graph/scalar     →
graph/generate   →
app              →  store  secret  phone  webauthn  federation  kvk
store            →  migrations  trace
migrations       →

outbox           →  store  mail  sms  webhook  kvk  secret  trace
mail             →
sms              →  trace
phone            →
webhook          →  trace

federation/...   →  trace
kvk              →  trace
webauthn         →
secret           →
config           →  secret  phone
portals          →
trace            →
identity         →

testrig/...      →  *
bench/...        →  *
examples/...     →
`

// standard is what identity may import of the standard library: nothing that
// waits, asks the time, throws dice, or reaches outside the process. The one
// package from elsewhere is Unicode's own tables, without which two spellings
// of one name are two names.
const standard = `
bytes  cmp  errors  fmt  iter  maps  math  math/bits  regexp  slices  sort  strconv  strings  time
unicode  unicode/utf8  encoding/base32  encoding/base64  encoding/hex  encoding/json  crypto/sha256
net/mail  net/netip  net/url  golang.org/x/text/unicode/norm
`

func TestEveryImportIsInTheDrawing(t *testing.T) {
	t.Parallel()
	layers := layers(t)
	forgotten := map[string]bool{}
	for _, file := range sources(t) {
		if file.folder == "internal" {
			continue // these tests
		}
		may, drawn := layers.of(name(file.folder))
		if !drawn {
			forgotten[file.folder] = true
			continue
		}
		if file.test() {
			may = append(may, name(file.folder), "testrig/...")
		}
		for _, imported := range imports(t, file) {
			ours, found := strings.CutPrefix(imported, module+"/")
			if found && !covers(may, name(ours)) {
				t.Errorf("%s: %s may not import %s", file.path, name(file.folder), name(ours))
			}
		}
	}
	for folder := range forgotten {
		t.Errorf("%s isn't in the drawing: add a line to internal/architecture_test.go", folder)
	}
}

func TestTheRulesImportAShortListOfTheStandardLibraryAndNothingElse(t *testing.T) {
	t.Parallel()
	short := strings.Fields(standard)
	for _, file := range sources(t) {
		if name(file.folder) != "identity" || file.test() {
			continue
		}
		for _, imported := range imports(t, file) {
			if !slices.Contains(short, imported) {
				t.Errorf("%s: the rules may not import %s", file.path, imported)
			}
		}
	}
}

func TestTheDrawingSaysNo(t *testing.T) {
	t.Parallel()
	layers := layers(t)
	for _, wrong := range [][2]string{
		{"identity", "store"},
		{"store", "app"},
		{"app", "graph"},
		{"graph", "store"},
		{"mail", "store"},
		{"secret", "config"},
		{"app", "outbox"},
		{"graph", "testrig/postgres"},
	} {
		may, drawn := layers.of(wrong[0])
		if !drawn || covers(may, wrong[1]) {
			t.Errorf("%s may import %s, by a drawing that says nothing of the kind", wrong[0], wrong[1])
		}
	}
	if _, drawn := layers.of("util"); drawn {
		t.Error("a package nobody drew is in the drawing")
	}
}

// A chart is the drawing, read: from each package's pattern to what it may import.
type chart map[string][]string

func layers(t *testing.T) chart {
	t.Helper()
	read := chart{}
	for line := range strings.Lines(drawing) {
		from, to, arrow := strings.Cut(line, "→")
		if !arrow {
			continue
		}
		from = strings.TrimSpace(from)
		if _, twice := read[from]; twice {
			t.Fatalf("%s is drawn twice", from)
		}
		read[from] = append(strings.Fields(to), "identity")
	}
	return read
}

// of returns what the package may import, and whether it is drawn at all.
func (c chart) of(layer string) (may []string, drawn bool) {
	if may, drawn = c[layer]; drawn {
		return slices.Clone(may), true
	}
	for above := layer; above != "."; above = path.Dir(above) {
		if may, drawn = c[above+"/..."]; drawn {
			return append(slices.Clone(may), above+"/..."), true
		}
	}
	return nil, false
}

// covers tells whether one of the patterns means the package.
func covers(patterns []string, layer string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		family, whole := strings.CutSuffix(pattern, "/...")
		return pattern == "*" || pattern == layer ||
			whole && (layer == family || strings.HasPrefix(layer, family+"/"))
	})
}

// name is a folder's name in the drawing.
func name(folder string) string { return strings.TrimPrefix(folder, "internal/") }

func imports(t *testing.T, file source) (all []string) {
	t.Helper()
	for _, spec := range file.tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, imported)
	}
	return all
}
