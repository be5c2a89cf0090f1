// Package quick is what the generated code works with in place of gqlgen's own where that costs more than the answer
// itself: a goroutine for every item of a list, a context for every field of it, and a set of names for every object.
// Command graph/generate puts it there. What an answer looks like, and what becomes of its errors, is the same.
package quick

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// FieldSet is an object of an answer while it is put together: gqlgen's graphql.FieldSet without @defer.
type FieldSet struct {
	// Values are those of the fields, in their order; graphql.Null for one that is null.
	Values []graphql.Marshaler
	// Invalids counts fields that must not be null and are.
	Invalids uint32

	fields  []graphql.CollectedField
	delayed []delayed
}

type delayed struct {
	index   int
	resolve func(context.Context) graphql.Marshaler
}

// NewFieldSet makes an object with these fields, whose response keys must differ.
func NewFieldSet(fields []graphql.CollectedField) *FieldSet {
	return &FieldSet{fields: fields, Values: make([]graphql.Marshaler, len(fields))}
}

// Concurrently puts a field off until Dispatch.
func (s *FieldSet) Concurrently(index int, resolve func(context.Context) graphql.Marshaler) {
	s.delayed = append(s.delayed, delayed{index, resolve})
}

// Dispatch resolves what was put off, all at once, and waits for it.
func (s *FieldSet) Dispatch(ctx context.Context) {
	if len(s.delayed) == 0 {
		return
	}
	var others sync.WaitGroup
	for _, d := range s.delayed[1:] {
		others.Go(func() { s.Values[d.index] = d.resolve(ctx) })
	}
	first := s.delayed[0]
	s.Values[first.index] = first.resolve(ctx)
	others.Wait()
}

// MarshalGQL writes the object. Response keys are GraphQL names, in which there is nothing to escape.
func (s *FieldSet) MarshalGQL(w io.Writer) {
	out, isBuffer := w.(*bytes.Buffer)
	if !isBuffer {
		out = &bytes.Buffer{}
		defer func() { _, _ = out.WriteTo(w) }() // marshalers have no way to tell
	}
	out.WriteByte('{')
	for i, value := range s.Values {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('"')
		out.WriteString(s.fields[i].Alias)
		out.WriteString(`":`)
		if value == nil { // it panicked
			value = graphql.Null
		}
		value.MarshalGQL(out)
	}
	out.WriteByte('}')
}

// Each marshals the items of a list, one after the other. Where one panics the list is null, as with gqlgen's
// MarshalSliceConcurrently.
func Each(ctx context.Context, length int, marshal func(ctx context.Context, i int) graphql.Marshaler) (list graphql.Array) {
	list = make(graphql.Array, length)
	contexts, indexes := make([]graphql.FieldContext, length), make([]int, length)
	at := ctx
	defer func() {
		if fault := recover(); fault != nil {
			graphql.AddError(at, graphql.Recover(at, fault))
			list = nil
		}
	}()
	for i := range length {
		indexes[i] = i
		contexts[i].Index = &indexes[i]
		at = graphql.WithFieldContext(ctx, &contexts[i])
		list[i] = marshal(at, i)
	}
	return list
}

// Asks tells whether a selection asks for one of the fields, itself or in a fragment.
func Asks(selections ast.SelectionSet, names ...string) bool {
	for _, selection := range selections {
		switch s := selection.(type) {
		case *ast.Field:
			for _, name := range names {
				if s.Name == name {
					return true
				}
			}
		case *ast.InlineFragment:
			if Asks(s.SelectionSet, names...) {
				return true
			}
		case *ast.FragmentSpread:
			if Asks(s.Definition.SelectionSet, names...) {
				return true
			}
		}
	}
	return false
}
