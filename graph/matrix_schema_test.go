package graph_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func schema() *ast.Schema { return generated.NewExecutableSchema(generated.Config{}).Schema() }

// accessOf reads what @access says, by field.
func accessOf(t *testing.T) map[string]identity.Access {
	t.Helper()
	doors := map[string]identity.Access{}
	for _, definition := range schema().Types {
		for _, field := range definition.Fields {
			if access := field.Directives.ForName("access"); access != nil {
				doors[definition.Name+"."+field.Name] = readAccess(t, access)
			}
		}
	}
	return doors
}

func readAccess(t *testing.T, directive *ast.Directive) identity.Access {
	t.Helper()
	access := identity.Access{Strength: identity.SingleFactor}
	for _, argument := range directive.Arguments {
		switch argument.Name {
		case "to":
			for _, audience := range argument.Value.Children {
				access.To = append(access.To, identity.Audience(audience.Value.Raw))
			}
		case "strength":
			access.Strength = identity.SessionStrength(argument.Value.Raw)
		case "proofWithin":
			seconds, err := strconv.Atoi(argument.Value.Raw)
			if err != nil {
				t.Fatal(err)
			}
			access.ProofWithin = time.Duration(seconds) * time.Second
		case "scope":
			access.Scope = identity.APIScope(argument.Value.Raw)
		default:
			t.Fatalf("@access has %q, of which the matrix knows nothing", argument.Name)
		}
	}
	return access
}

func TestEveryFieldOfQueryAndMutationSaysWhoMayUseIt(t *testing.T) {
	t.Parallel()
	doors := accessOf(t)
	for _, root := range []*ast.Definition{schema().Query, schema().Mutation} {
		for _, field := range root.Fields {
			if _, said := doors[root.Name+"."+field.Name]; !said && !strings.HasPrefix(field.Name, "__") {
				t.Errorf("%s.%s has no @access", root.Name, field.Name)
			}
		}
	}
}

func TestTheMatrixKnowsEveryDoorAndEveryIDThatCanBeGivenThere(t *testing.T) {
	t.Parallel()
	for field := range accessOf(t) {
		owner, name, _ := strings.Cut(field, ".")
		places, known := placesOf(field)
		if !known {
			t.Errorf("%s isn't in the matrix: add it to entries", field)
			continue
		}
		var ids []string
		for _, argument := range schema().Types[owner].Fields.ForName(name).Arguments {
			ids = append(ids, idsIn(argument.Name, argument.Type)...)
		}
		slices.Sort(ids)
		if !slices.Equal(places, ids) && name != "activateOrganisationTwoFactor" {
			t.Errorf("%s takes the ids %v, and the matrix tries %v", field, ids, places)
		}
	}
	for field := range entries {
		if _, known := accessOf(t)[door(field)]; !known {
			t.Errorf("%s is in the matrix and has no @access", field)
		}
	}
}

// placesOf are the places for ids that the matrix tries at a field; false where it doesn't know the field.
func placesOf(field string) (places []string, known bool) {
	for name, e := range entries {
		if door(name) == field {
			places, known = append(places, slices.Collect(maps.Keys(e.ids))...), true
		}
	}
	slices.Sort(places)
	return places, known
}

// idsIn are the places in an argument that take an id.
func idsIn(path string, kind *ast.Type) []string {
	if kind.Name() == "ID" {
		return []string{path}
	}
	definition := schema().Types[kind.Name()]
	if definition.Kind != ast.InputObject {
		return nil
	}
	var ids []string
	for _, field := range definition.Fields {
		ids = append(ids, idsIn(path+"."+field.Name, field.Type)...)
	}
	return ids
}
