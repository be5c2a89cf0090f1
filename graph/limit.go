package graph

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// limits bounds the work that one request can ask for. Every limit is checked before the work it bounds is begun,
// and takes time linear in the size of the document, however its fragments are nested. A request past one of
// them is refused as a whole with QUERY_TOO_COMPLEX (or status 413 for a body) and a message that names the limit.
type limits struct {
	// BodyBytes is the largest POST body, and the longest query string of a GET.
	BodyBytes int
	// JSONDepth is how deep objects and arrays may nest in a body, the request's own object included.
	JSONDepth int
	// Tokens is the number of lexical tokens in a document, comments included.
	Tokens int
	// Depth is how deep fields may nest. A field at the root has depth 1. Introspection has a limit of its own.
	Depth int
	// IntrospectionDepth is how deep fields may nest below __schema and __type. Introspection queries ask for the
	// chain of ofType nine deep, so it is more than Depth.
	IntrospectionDepth int
	// QueryRoots is the number of fields at the root of a query, aliases counted one by one.
	QueryRoots int
	// MutationRoots is the number of fields at the root of a mutation. Root fields of a mutation run in order, so
	// each may be a try at a password or code. Every try is counted where it is made (in the database, per account and
	// factor), which is what limits guessing; this only keeps one request from being many.
	MutationRoots int
	// Fields is the number of fields in all operations of a document together once every fragment is written out;
	// each fragment counts as one more wherever it is spread. No fragment may by itself be larger, used or not.
	Fields int
	// Repeats is how often one response key (a field's alias, or its name) may be written in a document, because
	// validation compares each pair of them: a thousand times "id" would take it a tenth of a second.
	Repeats int
	// Cost is the most fields that an answer can have, as far as page sizes tell: the cost of a field is 1 plus the cost
	// of what is selected below it, the latter times the argument "first" where the field has one. Lists without
	// "first" are short by contract and count once. 20,000 is a page of 200 with a hundred fields each.
	Cost int
	// Introspection is how many times the cost of the standard introspection query a document may ask for.
	Introspection int
	// Errors is the number of validation errors told at once.
	Errors int
}

// defaultLimits are the limits of the product.
func defaultLimits() limits {
	return limits{
		BodyBytes:          128 << 10,
		JSONDepth:          32,
		Tokens:             1000,
		Depth:              12,
		IntrospectionDepth: 20,
		QueryRoots:         20,
		MutationRoots:      5,
		Fields:             1000,
		Repeats:            150,
		Cost:               20_000,
		Introspection:      2,
		Errors:             10,
	}
}

// check refuses a parsed document that is past a limit. It runs before validation, which is quadratic in the number of
// fields, and so it trusts nothing in the document: unknown fragments weigh nothing (validation refuses them)
// and a cycle of fragments is refused here.
func (l limits) check(doc *ast.QueryDocument) *gqlerror.Error {
	m := measure{fragments: doc.Fragments, known: make(map[string]weight, len(doc.Fragments)), keys: make(map[string]int)}
	fields := 0
	for _, operation := range doc.Operations {
		w := m.set(operation.SelectionSet)
		if err := l.checkOperation(operation, w); err != nil {
			return err
		}
		fields = saturate(fields + w.fields)
	}
	for _, fragment := range doc.Fragments {
		fields = max(fields, m.fragment(fragment.Name).fields)
	}
	if m.cycle != "" {
		return refuse(codeInvalid, "Cannot spread fragment %q within itself.", m.cycle)
	}
	switch {
	case fields > l.Fields:
		return refuse(codeTooComplex, "A document may have at most %d fields, fragments written out.", l.Fields)
	case m.repeats > l.Repeats:
		return refuse(codeTooComplex, "A document may select the same field at most %d times.", l.Repeats)
	}
	return nil
}

// checkOperation holds the limits that each operation has to itself.
func (l limits) checkOperation(operation *ast.OperationDefinition, w weight) *gqlerror.Error {
	roots := l.QueryRoots
	if operation.Operation == ast.Mutation {
		roots = l.MutationRoots
	}
	switch {
	case w.depth > l.Depth:
		return refuse(codeTooComplex, "Fields may nest at most %d deep.", l.Depth)
	case w.introspection > l.IntrospectionDepth:
		return refuse(codeTooComplex, "Introspection may nest at most %d fields deep.", l.IntrospectionDepth)
	case w.roots > roots:
		return refuse(codeTooComplex, "A %s may have at most %d root fields, aliases included.", operation.Operation, roots)
	}
	return nil
}

// weight is what a selection set comes to with its fragments written out.
type weight struct {
	depth         int // deepest field, introspection left out
	introspection int // deepest field below __schema or __type
	fields        int // all fields
	roots         int // fields of the set itself
}

// add takes up a sibling.
func (w *weight) add(o weight) {
	w.depth = max(w.depth, o.depth)
	w.introspection = max(w.introspection, o.introspection)
	w.fields = saturate(w.fields + o.fields)
	w.roots = saturate(w.roots + o.roots)
}

// measure weighs selection sets, each fragment once.
type measure struct {
	fragments ast.FragmentDefinitionList
	known     map[string]weight
	open      []string // the fragments being weighed, outermost first
	cycle     string   // a fragment that spreads itself, if there is one
	keys      map[string]int
	repeats   int // the most that a response key is written
}

// set weighs a selection set.
func (m *measure) set(selections ast.SelectionSet) weight {
	var total weight
	for _, selection := range selections {
		switch s := selection.(type) {
		case *ast.Field:
			total.add(m.field(s))
		case *ast.InlineFragment:
			total.add(m.set(s.SelectionSet))
			total.add(weight{fields: 1})
		case *ast.FragmentSpread:
			total.add(m.fragment(s.Name))
			total.add(weight{fields: 1})
		}
	}
	return total
}

// field weighs a field with everything below it.
func (m *measure) field(field *ast.Field) weight {
	m.keys[field.Alias]++
	m.repeats = max(m.repeats, m.keys[field.Alias])
	below := m.set(field.SelectionSet)
	w := weight{depth: 1 + below.depth, introspection: below.introspection, fields: saturate(1 + below.fields), roots: 1}
	if introspects(field) {
		w.depth, w.introspection = 1, below.depth
	}
	return w
}

// fragment weighs a fragment, the first time it is met.
func (m *measure) fragment(name string) weight {
	if w, ok := m.known[name]; ok {
		return w
	}
	for _, open := range m.open {
		if open == name {
			m.cycle = name
			return weight{}
		}
	}
	definition := m.fragments.ForName(name)
	if definition == nil {
		return weight{}
	}
	m.open = append(m.open, name)
	w := m.set(definition.SelectionSet)
	m.open = m.open[:len(m.open)-1]
	m.known[name] = w
	return w
}

// introspects tells whether a field asks about the schema and not about the data.
func introspects(field *ast.Field) bool {
	return field.Name == "__schema" || field.Name == "__type"
}

// saturate keeps a count of what fragments multiply from overflowing. It is far above any limit.
func saturate(n int) int {
	return min(n, 1<<30)
}

// jsonDepth is how deep objects and arrays nest in a JSON text, which need not be valid.
func jsonDepth(text []byte) int {
	depth, deepest := 0, 0
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}', c == ']':
			depth--
		}
	}
	return deepest
}
