package graph

import (
	"encoding/json"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/99designs/gqlgen/graphql/introspection"
)

// price is what an operation costs, in fields of its answer.
type price struct {
	data   int  // fields of data
	schema int  // fields of introspection
	varies bool // a page size is a variable, so that each request must be priced anew
}

// plus adds the price of a sibling.
func (p price) plus(o price) price {
	return price{saturate(p.data + o.data), saturate(p.schema + o.schema), p.varies || o.varies}
}

// times multiplies by a page size.
func (p price) times(n int) price {
	n = min(max(n, 1), 1<<20)
	return price{saturate(p.data * n), saturate(p.schema * n), p.varies}
}

// pricing prices one operation with one set of variables. The document must be valid and within limits.Fields, which
// bounds the walk.
type pricing struct {
	sizes     map[string]int // how long introspection's lists are
	variables map[string]any
}

// set prices a selection set.
func (p *pricing) set(selections ast.SelectionSet) price {
	var total price
	for _, selection := range selections {
		switch s := selection.(type) {
		case *ast.Field:
			total = total.plus(p.field(s))
		case *ast.InlineFragment:
			total = total.plus(p.set(s.SelectionSet))
		case *ast.FragmentSpread:
			total = total.plus(p.set(s.Definition.SelectionSet))
		}
	}
	return total
}

// field prices a field with everything below it.
func (p *pricing) field(field *ast.Field) price {
	if introspects(field) {
		return price{data: 1, schema: p.introspection(field.SelectionSet)}
	}
	below := p.set(field.SelectionSet)
	size, varies := p.pageSize(field)
	return price{data: 1, varies: varies}.plus(below.times(size))
}

// pageSize is the argument "first" of a field, or 1 for a field without one, and whether it is a variable.
func (p *pricing) pageSize(field *ast.Field) (size int, varies bool) {
	definition := field.Definition.Arguments.ForName("first")
	if definition == nil {
		return 1, false
	}
	if argument := field.Arguments.ForName("first"); argument != nil {
		value, err := argument.Value.Value(p.variables)
		if n, ok := wholeNumber(value); ok && err == nil {
			return n, argument.Value.Kind == ast.Variable
		}
		varies = argument.Value.Kind == ast.Variable
	}
	if definition.DefaultValue != nil {
		value, _ := definition.DefaultValue.Value(nil)
		size, _ = wholeNumber(value)
	}
	return size, varies
}

// wholeNumber reads a number as the parser or JSON gave it.
func wholeNumber(value any) (int, bool) {
	switch n := value.(type) {
	case int64:
		return int(n), true
	case int:
		return n, true
	case json.Number:
		i, err := strconv.Atoi(n.String())
		return i, err == nil
	}
	return 0, false
}

// introspection prices what is selected below __schema or __type by the schema's own average sizes.
func (p *pricing) introspection(selections ast.SelectionSet) int {
	total := 0
	for _, selection := range selections {
		switch s := selection.(type) {
		case *ast.Field:
			below := p.introspection(s.SelectionSet)
			switch s.Name {
			case "ofType", "interfaces", "possibleTypes": // mostly null or empty
				below /= 2
			default:
				below *= max(p.sizes[s.Name], 1)
			}
			total += 1 + below
		case *ast.InlineFragment:
			total += p.introspection(s.SelectionSet)
		case *ast.FragmentSpread:
			total += p.introspection(s.Definition.SelectionSet)
		}
		total = saturate(total)
	}
	return total
}

// introspectionSizes is how long each list of introspection is, on average and rounded up.
func introspectionSizes(schema *ast.Schema) map[string]int {
	types := max(len(schema.Types), 1)
	fields, inputs, arguments, values := 0, 0, 0, 0
	for _, t := range schema.Types {
		values += len(t.EnumValues)
		if t.Kind == ast.InputObject {
			inputs += len(t.Fields)
			continue
		}
		fields += len(t.Fields)
		for _, f := range t.Fields {
			arguments += len(f.Arguments)
		}
	}
	return map[string]int{
		"types":       types,
		"directives":  len(schema.Directives),
		"fields":      1 + fields/types,
		"inputFields": 1 + inputs/types,
		"args":        1 + arguments/max(fields, 1),
		"enumValues":  1 + values/types,
	}
}

// standardIntrospection is what the introspection query that tools send costs on this schema.
func standardIntrospection(schema *ast.Schema) int {
	doc, err := parser.ParseQuery(&ast.Source{Input: introspection.Query})
	if err != nil || len(validator.ValidateWithRules(schema, doc, nil)) > 0 {
		panic("graph: the schema refuses the standard introspection query")
	}
	p := pricing{sizes: introspectionSizes(schema)}
	return p.set(doc.Operations[0].SelectionSet).schema
}
