package graph

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
)

// hooks are what the transport needs to know of its surroundings.
type hooks struct {
	// RequestID names the request in every error. Required.
	RequestID func(ctx context.Context) string
	// Present turns an error of a resolver into what the client sees. Required.
	Present graphql.ErrorPresenterFunc
	// Recover reports a panic and returns the error to present for it. Required.
	Recover graphql.RecoverFunc
	// Field runs around every field. Nil for nothing; each call counts on the hot path.
	Field graphql.FieldMiddleware
	// Operation runs around the execution of an operation, for traces and metrics. Nil for nothing.
	Operation func(ctx context.Context, operation *graphql.OperationContext, run func(context.Context) *graphql.Response) *graphql.Response
}

// transport answers GraphQL over HTTP to the letter of the specification (GraphQL over HTTP, working draft of the GraphQL
// Foundation): POST of application/json, and GET for queries only; answers in application/graphql-response+json or
// application/json, whichever the client accepts. It executes on the generated schema directly: gqlgen's own handler reads bodies
// without a limit, repeats them in errors, and validates before it counts.
//
// In order, and each step bounded before it is begun: method, media types, body, JSON, tokens, fields, validation, variables,
// cost, execution.
type transport struct {
	schema    graphql.ExecutableSchema
	documents *documents
	limits    limits
	hooks     hooks
}

// newTransport serves a schema within limits.
func newTransport(schema graphql.ExecutableSchema, l limits, h hooks) http.Handler {
	if h.Field == nil {
		h.Field = func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) }
	}
	if h.Operation == nil {
		h.Operation = func(ctx context.Context, _ *graphql.OperationContext, run func(context.Context) *graphql.Response) *graphql.Response {
			return run(ctx)
		}
	}
	return &transport{schema: schema, documents: newDocuments(schema.Schema(), l), limits: l, hooks: h}
}

// ServeHTTP answers one request.
func (t *transport) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	media, acceptable := negotiate(r.Header["Accept"])
	var a *answer
	if acceptable {
		a = t.answer(w.Header(), r)
	} else {
		a = refuseWith(http.StatusNotAcceptable, codeInput, "Answers are %s or %s.", mediaResponse, mediaJSON)
	}
	if a.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "POST")
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", "GET, POST")
		}
	}
	if len(a.errors) > 0 {
		t.name(r.Context(), a.errors)
	}
	a.write(w, media)
}

// name makes sure that every error has a code and the id of the request.
func (t *transport) name(ctx context.Context, errs gqlerror.List) {
	id := t.hooks.RequestID(ctx)
	for _, err := range errs {
		if err.Extensions == nil {
			err.Extensions = make(map[string]any, 2)
		}
		if _, ok := err.Extensions["code"]; !ok {
			err.Extensions["code"] = codeInternal
		}
		err.Extensions["requestId"] = id
	}
}

// answer reads a request and executes it. A panic outside the resolvers, whose panics gqlgen catches, is a fault like theirs.
func (t *transport) answer(header http.Header, r *http.Request) (a *answer) {
	ctx := r.Context()
	defer func() {
		if fault := recover(); fault != nil {
			presented := t.hooks.Present(ctx, t.hooks.Recover(ctx, fault))
			a = &answer{status: http.StatusInternalServerError, errors: gqlerror.List{presented}}
		}
	}()
	req, refused := readRequest(r, t.limits)
	if refused != nil {
		return refused
	}
	operation, refused := t.prepare(req)
	if refused != nil {
		return refused
	}
	operation.Headers = r.Header
	if operation.Operation.Operation == ast.Mutation {
		ctx = context.WithValue(ctx, headerKey{}, header)
	}
	return t.execute(ctx, operation)
}

// prepare finds the operation to execute and makes sure that it may be.
func (t *transport) prepare(req request) (*graphql.OperationContext, *answer) {
	doc, errs := t.documents.get(req.query)
	if errs != nil {
		return nil, refuseOperation(errs...)
	}
	operation, price, refusal := doc.operation(req.operation)
	if refusal != nil {
		return nil, refuseOperation(refusal)
	}
	if req.readOnly && operation.Operation != ast.Query {
		return nil, refuseWith(http.StatusMethodNotAllowed, codeInput, "GET executes queries only: send a mutation by POST.")
	}
	variables, err := validator.VariableValues(t.documents.schema, operation, req.variables)
	if err != nil {
		return nil, refuseOperation(badVariables(err))
	}
	if refusal := t.documents.afford(operation, price, variables); refusal != nil {
		return nil, refuseOperation(refusal)
	}
	return &graphql.OperationContext{
		RawQuery:               req.query,
		OperationName:          req.operation,
		Variables:              variables,
		Doc:                    doc.QueryDocument,
		Operation:              operation,
		RecoverFunc:            t.hooks.Recover,
		ResolverMiddleware:     t.hooks.Field,
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	}, nil
}

// execute runs an operation on the generated schema.
func (t *transport) execute(ctx context.Context, operation *graphql.OperationContext) *answer {
	ctx = graphql.WithOperationContext(ctx, operation)
	ctx = graphql.WithResponseContext(ctx, t.hooks.Present, t.hooks.Recover)
	response := t.hooks.Operation(ctx, operation, func(ctx context.Context) *graphql.Response {
		response := t.schema.Exec(ctx)(ctx)
		response.Errors = append(response.Errors, graphql.GetErrors(ctx)...)
		return response
	})
	return &answer{errors: response.Errors, data: response.Data}
}

// headerKey is where the context of a mutation holds the header of its answer.
type headerKey struct{}

// responseHeader is the header of the answer to a mutation, for its cookies. The root fields of a mutation run one after the other
// before the answer is written, so only they may use it. It panics anywhere else: a query sets nothing, by GET or by POST.
func responseHeader(ctx context.Context) http.Header {
	return ctx.Value(headerKey{}).(http.Header)
}

// WithoutCookies takes the cookies off every request but a POST. It belongs around whatever reads cookies: a link or an image on
// a foreign page can make a browser send a GET, so a GET speaks for nobody but its bearer token.
func WithoutCookies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost && len(r.Header["Cookie"]) > 0 {
			stripped := *r
			stripped.Header = r.Header.Clone()
			stripped.Header.Del("Cookie")
			r = &stripped
		}
		next.ServeHTTP(w, r)
	})
}
