package graph

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAQueryIsAnswered(t *testing.T) {
	t.Parallel()
	answer := answerTo(t, newTestTransport(t), postQuery(`query Q { viewer { id user { id displayName } } }`, nil))
	if want := `{"data":{"viewer":{"id":"x","user":{"displayName":"x","id":"x"}}}}`; answer.status != http.StatusOK || answer.body != want {
		t.Errorf("status %d, body %s, want 200 and %s", answer.status, answer.body, want)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/graphql-response+json; charset=utf-8", "Cache-Control": "no-store",
		"X-Content-Type-Options": "nosniff", "Content-Length": "66",
	} {
		if got := answer.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestRequestsAreRefusedWithAStatusAndACode(t *testing.T) {
	t.Parallel()
	handler := newTestTransport(t)
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	for name, test := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"no body":               {``, 400, codeInput},
		"a batch":               {` [{"query":"{__typename}"}]`, 400, codeInput},
		"two objects":           {`{"query":"{__typename}"} {}`, 400, codeInput},
		"a string":              {`"{__typename}"`, 400, codeInput},
		"an empty query":        {`{"query":""}`, 400, codeInput},
		"variables in a string": {`{"query":"{__typename}","variables":"{}"}`, 400, codeInput},
		"deep JSON":             {`{"query":"{__typename}","variables":{"a":` + deep + `}}`, 400, codeInput},
		"a large body":          {`{"query":"` + strings.Repeat(" ", 128<<10) + `"}`, 413, codeTooComplex},
		"a syntax error":        {`{"query":"{ viewer"}`, 400, codeSyntax},
		"an unknown field":      {`{"query":"{ nothing }"}`, 400, codeInvalid},
		"only a fragment":       {`{"query":"fragment F on User { id }"}`, 400, codeInvalid},
		"a subscription":        {`{"query":"subscription { viewer { id } }"}`, 400, codeInvalid},
		"a deferred part":       {`{"query":"{ ... @defer { viewer { id } } }"}`, 400, codeInvalid},
		"no such operation":     {`{"query":"query A { __typename }","operationName":"B"}`, 400, codeInput},
		"which operation":       {`{"query":"query A { __typename } query B { __typename }"}`, 400, codeInput},
		"a missing variable":    {`{"query":"query Q($n: Int!) { users(first: $n) { totalCount } }"}`, 400, codeInput},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := answerTo(t, handler, postBody(test.body))
			if answer.status != test.status || answer.code() != test.code || answer.Data != nil {
				t.Errorf("status %d, code %s, data %s, want %d %s and no data: %s", answer.status, answer.code(), answer.Data, test.status, test.code, answer.body)
			}
			for _, e := range answer.Errors {
				if e.Extensions.RequestID != "req_1" {
					t.Errorf("an error has request id %q, want req_1", e.Extensions.RequestID)
				}
			}
		})
	}
}

func TestAChunkedBodyIsLimitedToo(t *testing.T) {
	t.Parallel()
	request := postBody(`{"query":"` + strings.Repeat(" ", 128<<10) + `"}`)
	request.ContentLength = -1
	if answer := answerTo(t, newTestTransport(t), request); answer.status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d, want 413", answer.status)
	}
}

func TestInApplicationJSONARefusedOperationHasStatus200(t *testing.T) {
	t.Parallel()
	handler := newTestTransport(t)
	for body, status := range map[string]int{`{"query":"{"}`: 200, `{"query":"{ nothing }"}`: 200, `{"query":1}`: 400, `{`: 400} {
		request := postBody(body)
		request.Header.Set("Accept", mediaJSON)
		if answer := answerTo(t, handler, request); answer.status != status {
			t.Errorf("%s: status %d, want %d", body, answer.status, status)
		}
	}
}

func TestOnlyJSONInUTF8IsARequest(t *testing.T) {
	t.Parallel()
	handler := newTestTransport(t)
	for content, status := range map[string]int{
		"application/json": 200, "Application/JSON; charset=UTF-8": 200, "application/json;charset=\"utf-8\"": 200,
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "multipart/form-data; boundary=x": 415,
		"application/json; charset=utf-16": 415, "application/json; profile=x": 415, "application/jsonp": 415,
		"application/graphql": 415, "text/plain; application/json": 415,
	} {
		request := postBody(`{"query":"{__typename}"}`)
		request.Header.Set("Content-Type", content)
		if answer := answerTo(t, handler, request); answer.status != status {
			t.Errorf("%q: status %d, want %d", content, answer.status, status)
		}
	}
	request := postBody(`{"query":"{__typename}"}`)
	request.Header.Add("Content-Type", "application/json")
	if answer := answerTo(t, handler, request); answer.status != http.StatusUnsupportedMediaType {
		t.Errorf("two content types: status %d, want 415", answer.status)
	}
}

func TestTheClientChoosesTheMediaTypeOfTheAnswer(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": mediaJSON, "*/*": mediaJSON, "application/*": mediaJSON,
		"application/graphql-response+json, application/json":                     mediaResponse,
		"application/json, application/graphql-response+json":                     mediaResponse,
		"application/json, application/graphql-response+json;q=0.9":               mediaJSON,
		"application/graphql-response+json; charset=utf-8, application/json; q=1": mediaResponse,
		"text/html, */*;q=0.1":         mediaJSON,
		"application/json;q=0, */*":    mediaResponse,
		"text/html":                    "",
		"application/json;q=0":         "",
		"application/json;q=NaN":       "",
		"multipart/mixed; boundary=\"": "",
	} {
		media, ok := negotiate([]string{accept})
		if ok != (want != "") || ok && media != want {
			t.Errorf("%q: %s %t, want %s", accept, media, ok, want)
		}
	}
	request := postBody(`{"query":"{__typename}"}`)
	request.Header.Set("Accept", "text/html")
	if answer := answerTo(t, newTestTransport(t), request); answer.status != http.StatusNotAcceptable {
		t.Errorf("status %d, want 406", answer.status)
	}
}

func TestGETExecutesQueriesOnly(t *testing.T) {
	t.Parallel()
	handler := newTestTransport(t)
	for query, want := range map[string]struct {
		status int
		allow  string
	}{
		"query=%7B__typename%7D": {200, ""},
		"query=query+Q(%24n:Int!)%7Busers(first:%24n)%7BtotalCount%7D%7D&variables=%7B%22n%22:2%7D": {200, ""},
		"query=mutation%7Bfail%7D":                        {405, "POST"},
		"query=%7B__typename%7D&query=mutation%7Bfail%7D": {400, ""},
		"query=%7B__typename%7D&variables=%5B%5D":         {400, ""},
		"query=%zz":                             {400, ""},
		"":                                      {400, ""},
		"query=" + strings.Repeat("+", 128<<10): {414, ""},
		"query=%7B__typename%7D&variables=" + nested(`%7B`):  {400, ""},
		"query=%7B__typename%7D&extensions=" + nested(`%7B`): {400, ""},
	} {
		request := httptest.NewRequest(http.MethodGet, "/graphql?"+query, nil)
		request.Header.Set("Accept", mediaResponse)
		answer := answerTo(t, handler, request)
		if answer.status != want.status || answer.header.Get("Allow") != want.allow {
			t.Errorf("%.90s: status %d, Allow %q, want %+v: %s", query, answer.status, answer.header.Get("Allow"), want, answer.body)
		}
	}
}

// nested is JSON that nests deeper than is allowed.
func nested(open string) string {
	return strings.Repeat(open+"%22a%22:", 40) + "1" + strings.Repeat("%7D", 40)
}

func TestOtherMethodsAreRefused(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
		answer := answerTo(t, newTestTransport(t), httptest.NewRequest(method, "/graphql", nil))
		if answer.status != http.StatusMethodNotAllowed || answer.header.Get("Allow") != "GET, POST" {
			t.Errorf("%s: status %d, Allow %q", method, answer.status, answer.header.Get("Allow"))
		}
	}
}

func TestNoRefusalRepeatsAValue(t *testing.T) {
	t.Parallel()
	handler := newTestTransport(t)
	signIn := `mutation M($input: SignInInput!) { signIn(input: $input) { id } }`
	requests := map[string]*http.Request{
		"an undecodable body":         postBody(`{"query":"{__typename}","variables":{"password":"hunter2"`),
		"a syntax error":              postQuery(`mutation { signIn(input: { password: "hunter2" "hunter2" }) { id } }`, nil),
		"an unexpected string":        postQuery(`"hunter2" "hunter2"`, nil),
		"an unexpected name":          postQuery(`hunter2`, nil),
		"a bad escape":                postQuery(`{ a(b: "\hunter2") }`, nil),
		"a bad Unicode escape":        postQuery(`{ a(b: "\uhunter2") }`, nil),
		"a password without quotes":   postQuery(`mutation { signIn(input: { username: "a", password: hunter2 }) { id } }`, nil),
		"a password for a role":       postQuery(`mutation { signIn(input: { username: "a", password: "b", role: hunter2 }) { id } }`, nil),
		"a quoted role":               postQuery(`mutation { signIn(input: { username: "a", password: "b", role: "hunter2" }) { id } }`, nil),
		"a password for a number":     postQuery(`mutation { signIn(input: { username: "a", password: "b", attempts: ["hunter2"] }) { id } }`, nil),
		"a password for the input":    postQuery(`mutation { signIn(input: "hunter2") { id } }`, nil),
		"a variable for a role":       postQuery(signIn, map[string]any{"input": map[string]any{"username": "a", "password": "b", "role": "hunter2"}}),
		"a variable for the input":    postQuery(signIn, map[string]any{"input": "hunter2"}),
		"a variable for a number":     postQuery(signIn, map[string]any{"input": map[string]any{"username": "a", "password": "b", "attempts": []any{"hunter2"}}}),
		"an operation name":           postBody(`{"query":"query A { __typename }","operationName":"hunter2"}`),
		"a resolver's error":          postQuery(`mutation { fail }`, nil),
		"a panic":                     postQuery(`{ panic }`, nil),
		"a query string":              httptest.NewRequest(http.MethodGet, "/graphql?query=%7B__typename%7D&variables=hunter2", nil),
		"a default value of the type": postQuery(`query Q($n: Int = "hunter2") { users(first: $n) { totalCount } }`, nil),
	}
	for name, request := range requests {
		answer := answerTo(t, handler, request)
		if len(answer.Errors) == 0 || strings.Contains(answer.body, "hunter2") {
			t.Errorf("%s: %s", name, answer.body)
		}
	}
}

func TestABadVariableIsNamed(t *testing.T) {
	t.Parallel()
	query := `mutation M($input: SignInInput!) { signIn(input: $input) { id } }`
	for want, input := range map[string]any{
		`Variable "$input": cannot be null.`:                      nil,
		`Variable "$input.password": must be defined.`:            map[string]any{"username": "a"},
		`Variable "$input.attempts[1]": cannot be used as Int.`:   map[string]any{"username": "a", "password": "b", "attempts": []any{1, "x"}},
		`Variable "$input.role": The value is not a valid Role.`:  map[string]any{"username": "a", "password": "b", "role": "x"},
		`Variable "$input.nothing": unknown field.`:               map[string]any{"username": "a", "password": "b", "nothing": 1},
		`Variable "$input": must be a SignInInput, not a string.`: "x",
		`Variable "$input.username": cannot be used as String.`:   map[string]any{"username": true, "password": "b"},
		`Variable "$input.attempts[0]": cannot be null.`:          map[string]any{"username": "a", "password": "b", "attempts": []any{nil}},
	} {
		answer := answerTo(t, newTestTransport(t), postQuery(query, map[string]any{"input": input}))
		if answer.Errors[0].Message != want {
			t.Errorf("%q, want %q", answer.Errors[0].Message, want)
		}
	}
}

func TestAFaultIsPresented(t *testing.T) {
	t.Parallel()
	handler := newTestTransport(t)
	panicked := answerTo(t, handler, postQuery(`{ panic }`, nil))
	if panicked.status != http.StatusInternalServerError || panicked.code() != codeInternal || panicked.Data != nil {
		t.Errorf("a panic: %d %s", panicked.status, panicked.body)
	}
	failed := answerTo(t, handler, postQuery(`mutation { fail }`, nil))
	if failed.status != http.StatusOK || failed.code() != codeInternal || string(failed.Data) != `{"fail":null}` {
		t.Errorf("a resolver's error: %d %s", failed.status, failed.body)
	}
}

func TestAMutationSetsTheHeaderOfItsAnswer(t *testing.T) {
	t.Parallel()
	answer := answerTo(t, newTestTransport(t), postQuery(`mutation { fail }`, nil))
	if got := answer.header.Get("Set-Cookie"); got != "session=1" {
		t.Errorf("Set-Cookie %q", got)
	}
}

func TestAQueryHasNoHeaderToSet(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a query got at the header of its answer")
		}
	}()
	responseHeader(t.Context())
}

func TestOnlyAPOSTKeepsItsCookies(t *testing.T) {
	t.Parallel()
	var seen string
	handler := WithoutCookies(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Get("Cookie") }))
	for method, want := range map[string]string{http.MethodPost: "a=b", http.MethodGet: "", http.MethodHead: ""} {
		request := httptest.NewRequest(method, "/graphql", &bytes.Reader{})
		request.Header.Set("Cookie", "a=b")
		handler.ServeHTTP(httptest.NewRecorder(), request)
		if seen != want {
			t.Errorf("%s: cookies %q, want %q", method, seen, want)
		}
		if request.Header.Get("Cookie") != "a=b" {
			t.Errorf("%s: the caller's request was changed", method)
		}
	}
}

func TestDocumentsAreExecutedFromTheCacheAlike(t *testing.T) {
	t.Parallel()
	handler := newTestTransport(t)
	query := `query Q($n: Int) { users(first: $n) { nodes { id } } }`
	for _, n := range []int{2, 3, 2} {
		if answer := answerTo(t, handler, postQuery(query, map[string]any{"n": n})); answer.status != http.StatusOK {
			t.Errorf("first: %d: %s", n, answer.body)
		}
	}
	if answer := answerTo(t, handler, postQuery(query, map[string]any{"n": 1_000_000})); answer.code() != codeTooComplex {
		t.Errorf("a remembered document was not priced anew: %s", answer.body)
	}
}
