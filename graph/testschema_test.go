package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// testSchema is small and has what limits are about: pages, a cycle of types, a mutation with a secret, introspection.
const testSchema = `
type Query { viewer: Viewer  panic: String  organisations(first: Int! = 50): OrganisationConnection!  users(first: Int): UserConnection! }
type Mutation { signIn(input: SignInInput!): Viewer  fail: String }
input SignInInput { username: String!  password: String!  role: Role  attempts: [Int!] }
enum Role { MAIN_USER SUB_USER }
type Viewer { id: ID!  user: User! }
type User { id: ID!  displayName: String!  friend: User!  organisation: Organisation! }
type Organisation { id: ID!  name: String!  users(first: Int! = 50): UserConnection! }
type OrganisationConnection { nodes: [Organisation!]!  totalCount: Int! }
type UserConnection { nodes: [User!]!  totalCount: Int! }
`

// testExecutable executes testSchema: every object is there, every list has one element, and every value is 0 or "x".
type testExecutable struct{ schema *ast.Schema }

func newTestExecutable() testExecutable {
	return testExecutable{gqlparser.MustLoadSchema(&ast.Source{Name: "test", Input: testSchema})}
}

func (e testExecutable) Schema() *ast.Schema { return e.schema }

func (e testExecutable) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (e testExecutable) Exec(ctx context.Context) graphql.ResponseHandler {
	return func(ctx context.Context) *graphql.Response {
		operation := graphql.GetOperationContext(ctx)
		root := e.schema.Query
		if operation.Operation.Operation == ast.Mutation {
			root = e.schema.Mutation
			responseHeader(ctx).Add("Set-Cookie", "session=1")
		}
		data, err := json.Marshal(e.object(ctx, operation, root, operation.Operation.SelectionSet))
		if err != nil {
			panic(err)
		}
		return &graphql.Response{Data: data}
	}
}

func (e testExecutable) object(ctx context.Context, operation *graphql.OperationContext, of *ast.Definition, set ast.SelectionSet) map[string]any {
	object := map[string]any{}
	for _, field := range graphql.CollectFields(operation, set, []string{of.Name}) {
		switch field.Name {
		case "__typename":
			object[field.Alias] = of.Name
		case "panic":
			panic("hunter2")
		case "fail":
			graphql.AddError(ctx, errors.New("table hunter2 is missing"))
			object[field.Alias] = nil
		default:
			object[field.Alias] = e.value(ctx, operation, field.Definition.Type, field.Selections)
		}
	}
	return object
}

func (e testExecutable) value(ctx context.Context, operation *graphql.OperationContext, of *ast.Type, set ast.SelectionSet) any {
	if of.Elem != nil {
		return []any{e.value(ctx, operation, of.Elem, set)}
	}
	switch definition := e.schema.Types[of.NamedType]; definition.Kind {
	case ast.Object:
		return e.object(ctx, operation, definition, set)
	default:
		return map[bool]any{true: 0, false: "x"}[of.NamedType == "Int"]
	}
}

// newTestTransport serves testSchema within the limits of the product.
func newTestTransport(t testing.TB) http.Handler {
	t.Helper()
	return newTransport(newTestExecutable(), defaultLimits(), hooks{
		RequestID: func(context.Context) string { return "req_1" },
		Present: func(ctx context.Context, err error) *gqlerror.Error {
			return &gqlerror.Error{Message: "Something went wrong.", Path: graphql.GetPath(ctx)}
		},
		Recover: func(_ context.Context, fault any) error { return errors.New("panic") },
	})
}

// testAnswer is an answer as a test looks at it.
type testAnswer struct {
	status int
	header http.Header
	body   string
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct{ Code, RequestID string }
	}
}

// code is the code of the first error.
func (r testAnswer) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].Extensions.Code
}

// answerTo gives a request to a handler and reads the answer.
func answerTo(t testing.TB, handler http.Handler, request *http.Request) testAnswer {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	answer := testAnswer{status: recorder.Code, header: recorder.Header(), body: recorder.Body.String()}
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		t.Fatalf("the answer is no JSON: %v\n%s", err, answer.body)
	}
	return answer
}

// postBody is a POST of a body, answered in application/graphql-response+json.
func postBody(body string) *http.Request {
	request := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", mediaResponse)
	return request
}

// postQuery is a POST of a document.
func postQuery(query string, variables map[string]any) *http.Request {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		panic(err)
	}
	return postBody(string(body))
}
