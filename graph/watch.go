package graph

import (
	"context"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel/attribute"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// Outcome is how an operation ended.
type Outcome string

// The outcomes. What is refused in a payload's userErrors was answered.
const (
	Answered Outcome = "answered"
	Refused  Outcome = "refused"
	Faulted  Outcome = "fault"
)

// Outcomes lists all of them.
var Outcomes = []Outcome{Answered, Refused, Faulted}

// watch tells metrics and traces of operations.
type watch struct{ options Options }

type watchKey struct{}

// operation runs around an operation.
func (w watch) operation(ctx context.Context, operation *graphql.OperationContext, run func(context.Context) *graphql.Response) *graphql.Response {
	ctx, span := trace.Step(ctx, "operation")
	if span.IsRecording() {
		describe(span, operation.Operation)
	}
	if w.options.Refused != nil {
		ctx = context.WithValue(ctx, watchKey{}, w)
	}
	began := time.Now()
	response := run(ctx)
	outcome := outcomeOf(response.Errors)
	if w.options.Operated != nil {
		w.options.Operated(string(operation.Operation.Operation), outcome, time.Since(began))
	}
	span.End(outcome == Faulted)
	return response
}

func outcomeOf(errs gqlerror.List) Outcome {
	outcome := Answered
	for _, err := range errs {
		if err.Extensions["code"] == codeInternal {
			return Faulted
		}
		outcome = Refused
	}
	return outcome
}

// traced makes a span of each field that asks the application something. A resolver is one call, so that is the use case, by the
// schema's name for it. A refusal is no failure of it.
func traced(ctx context.Context, next graphql.Resolver) (any, error) {
	field := graphql.GetFieldContext(ctx)
	if field == nil || !field.IsResolver {
		return next(ctx)
	}
	ctx, span := trace.Step(ctx, field.Object+"."+field.Field.Name)
	found, err := next(ctx)
	_, refused := identity.Refusals(err)
	span.End(err != nil && !refused)
	return found, err
}

const (
	longestName = 64 // of an operation, in a trace
	mostNames   = 10 // of its fields
)

// describe names an operation by what it does, and says what its writer calls it: never a variable, nor a value in it.
func describe(span trace.Span, operation *ast.OperationDefinition) {
	var fields []string
	for _, selection := range operation.SelectionSet {
		if field, is := selection.(*ast.Field); is && len(fields) < mostNames {
			fields = append(fields, field.Name)
		}
	}
	span.Name(strings.Join(append([]string{string(operation.Operation)}, fields...), " "),
		attribute.String("graphql.operation.type", string(operation.Operation)),
		attribute.String("graphql.operation.name", operation.Name[:min(len(operation.Name), longestName)]))
}

// noteRefusals tells whoever counts refusals.
func noteRefusals(ctx context.Context, refusals []*identity.Error) {
	w, counted := ctx.Value(watchKey{}).(watch)
	if !counted {
		return
	}
	field := rootField(ctx)
	for _, refusal := range refusals {
		w.options.Refused(actorOf(ctx).Portal.Slug, field, refusal.Code)
	}
}

// rootField is the field of Query or Mutation that is being answered, by the schema's name for it.
func rootField(ctx context.Context) string {
	name := ""
	for at := graphql.GetFieldContext(ctx); at != nil; at = at.Parent {
		if at.Field.Field != nil {
			name = at.Field.Name
		}
	}
	return name
}
