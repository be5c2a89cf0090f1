package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// accessPage is the readable form of what @access says, all over the schema.
const accessPage = "docs/access/README.md"

const accessIntroduction = `# Who may use what

The access matrix, from the schema: ` + "`go generate ./...`" + ` writes this page, and ` + "`make test`" + ` fails where it is out of date. Who
isn't in a field's row is refused before anything is looked up. What isn't here needs nothing beyond the field through which it is
reached.

Being in a row opens the door, and no more than that: whose objects somebody reaches behind it is decided by the wall around their
organisation, or their portal, and an object behind another wall looks like one that doesn't exist. The tests ask every row as
every audience, with its own, a sibling organisation's, a foreign organisation's and a foreign portal's objects
(` + "`graph/matrix_test.go`" + `).

`

// writeAccess writes the access matrix of a schema.
func writeAccess(schema *ast.Schema) error {
	var page strings.Builder
	page.WriteString(accessIntroduction)
	audiences := schema.Types["Audience"].EnumValues
	writeLegend(&page, audiences)
	for _, definition := range doors(schema) {
		writeDoors(&page, definition, audiences)
	}
	if err := os.MkdirAll(filepath.Dir(accessPage), 0o755); err != nil {
		return err
	}
	return os.WriteFile(accessPage, []byte(page.String()), 0o644)
}

func writeLegend(page *strings.Builder, audiences ast.EnumValueList) {
	page.WriteString("| audience | who |\n|---|---|\n")
	for _, audience := range audiences {
		fmt.Fprintf(page, "| `%s` | %s |\n", audience.Name, audience.Description)
	}
	page.WriteString("\n`session` is the weakest session that will do, where one factor won't; `proof` is how fresh the proof of who is behind it must be.\n" +
		"Neither binds API tokens. In the column `PARTNER` stands the scope that a token needs.\n")
}

// doors are the types with fields that say who may use them: the roots first, then the others by name.
func doors(schema *ast.Schema) []*ast.Definition {
	var found []*ast.Definition
	for _, definition := range schema.Types {
		if slices.ContainsFunc(definition.Fields, isDoor) {
			found = append(found, definition)
		}
	}
	slices.SortFunc(found, func(a, b *ast.Definition) int {
		return cmp.Or(place(roots, a.Name)-place(roots, b.Name), strings.Compare(a.Name, b.Name))
	})
	return found
}

func isDoor(field *ast.FieldDefinition) bool { return field.Directives.ForName("access") != nil }

// place is where a name stands in a list; behind it where it doesn't.
func place(names []string, name string) int {
	if at := slices.Index(names, name); at >= 0 {
		return at
	}
	return len(names)
}

func writeDoors(page *strings.Builder, definition *ast.Definition, audiences ast.EnumValueList) {
	fmt.Fprintf(page, "\n## %s\n\n| field |", definition.Name)
	for _, audience := range audiences {
		fmt.Fprintf(page, " %s |", audience.Name)
	}
	page.WriteString(" session | proof |\n|---|" + strings.Repeat(":-:|", len(audiences)) + "---|---|\n")
	for _, field := range definition.Fields {
		if isDoor(field) {
			writeDoor(page, field, audiences)
		}
	}
}

func writeDoor(page *strings.Builder, field *ast.FieldDefinition, audiences ast.EnumValueList) {
	access := field.Directives.ForName("access")
	fmt.Fprintf(page, "| `%s` |", field.Name)
	for _, audience := range audiences {
		fmt.Fprintf(page, " %s |", opening(access, audience.Name))
	}
	fmt.Fprintf(page, " %s | %s |\n", strength(access), freshness(access))
}

// opening is what stands in an audience's column.
func opening(access *ast.Directive, audience string) string {
	admitted := slices.ContainsFunc(access.Arguments.ForName("to").Value.Children, func(to *ast.ChildValue) bool { return to.Value.Raw == audience })
	scope := access.Arguments.ForName("scope")
	switch {
	case !admitted:
		return ""
	case audience == "PARTNER" && scope != nil:
		return "`" + scope.Value.Raw + "`"
	}
	return "●"
}

func strength(access *ast.Directive) string {
	if strength := access.Arguments.ForName("strength"); strength != nil {
		return "`" + strength.Value.Raw + "`"
	}
	return ""
}

func freshness(access *ast.Directive) string {
	if within := access.Arguments.ForName("proofWithin"); within != nil {
		return within.Value.Raw + " s"
	}
	return ""
}
