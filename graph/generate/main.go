// Command generate writes graph/generated and docs/access from the schema, after it has made sure that every field of Query
// and Mutation says who may use it: a field without @access fails the build.
package main

import (
	"fmt"
	"os"
	"regexp"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// roots are the types whose every field is a door.
var roots = []string{"Query", "Mutation"}

func generate() error {
	settings, err := config.LoadConfig("gqlgen.yml")
	if err != nil {
		return err
	}
	if err := settings.LoadSchema(); err != nil {
		return err
	}
	for _, root := range roots {
		for _, field := range settings.Schema.Types[root].Fields {
			if field.Directives.ForName("access") == nil && field.Name[:2] != "__" {
				return fmt.Errorf("%s.%s doesn't say who may use it: give it @access", root, field.Name)
			}
		}
	}
	if err := writeAccess(settings.Schema); err != nil {
		return err
	}
	if err := api.Generate(settings); err != nil {
		return err
	}
	return trim(settings.Exec.Filename)
}

// unused is a table of all input types that gqlgen's code builds anew by reflection in every request, for a feature that
// nothing here uses; it more than doubled the time of a small query.
var unused = regexp.MustCompile(`(?m)^\tinputUnmarshalMap := graphql\.BuildUnmarshalerMap\((?s:.*?)^\t\)\n|^\t+ctx = graphql\.WithUnmarshalerMap\(ctx, inputUnmarshalMap\)\n`)

func trim(filename string) error {
	code, err := os.ReadFile(filename)
	if err != nil {
		return err
	}
	trimmed := unused.ReplaceAll(code, nil)
	if len(trimmed) == len(code) {
		return fmt.Errorf("%s: the table of input types isn't where it was: look at what gqlgen writes now", filename)
	}
	quickened, err := quicken(string(trimmed))
	if err != nil {
		return fmt.Errorf("%s: %w", filename, err)
	}
	return os.WriteFile(filename, []byte(quickened), 0o644)
}
