package graph

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql/introspection"
)

// bomb is a document of nested fragments, each spreading the next twice: 1.3 kB that writes out to 2^levels fields.
func bomb(levels int) string {
	var text strings.Builder
	text.WriteString("{ viewer { user { ...F0 } } }")
	for i := range levels {
		fmt.Fprintf(&text, " fragment F%d on User { ...F%d ...F%d }", i, i+1, i+1)
	}
	fmt.Fprintf(&text, " fragment F%d on User { id }", levels)
	return text.String()
}

// chain nests a selection.
func chain(open string, times int) string {
	return strings.Repeat(open+" { ", times) + "id" + strings.Repeat(" }", times)
}

// many repeats a field under different aliases.
func many(field string, times int) string {
	var text strings.Builder
	for i := range times {
		fmt.Fprintf(&text, "a%d: %s ", i, field)
	}
	return text.String()
}

func TestRequestsPastALimitAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	handler := newTestTransport(t)
	for name, test := range map[string]struct{ query, code, message string }{
		"nested fragments":         {bomb(28), codeTooComplex, "1000 fields"},
		"unused nested fragments":  {strings.Replace(bomb(28), "...F0", "id", 1), codeTooComplex, "1000 fields"},
		"nested introspection":     {strings.ReplaceAll(strings.Replace(bomb(28), "viewer { user", "__schema { queryType", 1), "User", "__Type"), codeTooComplex, "1000 fields"},
		"tokens":                   {"{ " + strings.Repeat("__typename ", 1000) + "}", codeTooComplex, "1000 tokens"},
		"directives":               {"{ viewer " + strings.Repeat("@skip(if: false) ", 400) + "{ id } }", codeTooComplex, "1000 tokens"},
		"comments":                 {strings.Repeat("#\n", 2000) + "{ __typename }", codeTooComplex, "1000 tokens"},
		"depth":                    {"{ viewer { user { " + chain("friend", 10) + " } } }", codeTooComplex, "12 deep"},
		"depth through fragments":  {"{ viewer { user { ...A } } } fragment A on User { " + strings.Replace(chain("friend", 9), "id", "...B", 1) + " } fragment B on User { friend { id } }", codeTooComplex, "12 deep"},
		"depth of values":          {"mutation { signIn(input: " + strings.Repeat("[", 900) + ") { id } }", codeSyntax, ""},
		"depth of introspection":   {"{ __type(name: \"a\") { " + strings.Replace(chain("ofType", 21), "id", "name", 1) + " } }", codeTooComplex, "20 fields deep"},
		"aliases of a query":       {"{ " + many("__typename", 21) + "}", codeTooComplex, "20 root fields"},
		"aliases in fragments":     {"{ " + strings.Repeat("...A ", 3) + "} fragment A on Query { " + many("__typename", 7) + "}", codeTooComplex, "20 root fields"},
		"aliases in inline ones":   {"{ ... { " + many("__typename", 11) + "} ... on Query { " + many("__typename", 10) + "} }", codeTooComplex, "20 root fields"},
		"aliases of a mutation":    {"mutation { " + many("fail", 6) + "}", codeTooComplex, "5 root fields"},
		"many operations":          {strings.Repeat("query A { ...A } ", 30) + "fragment A on Query { viewer { " + many("id", 40) + "} }", codeTooComplex, "1000 fields"},
		"one field over and over":  {"{ viewer { " + strings.Repeat("id ", 900) + "} }", codeTooComplex, "150 times"},
		"an unknown one":           {"{ viewer { " + strings.Repeat("x: y ", 300) + "} }", codeTooComplex, "150 times"},
		"page sizes":               {"{ organisations(first: 200) { nodes { users(first: 200) { nodes { id } } } } }", codeTooComplex, "20000"},
		"a page size from nowhere": {"{ users(first: 2147483647) { nodes { organisation { users(first: 2147483647) { nodes { id } } } } } }", codeTooComplex, "20000"},
		"default page sizes":       {"{ organisations { nodes { users { nodes { organisation { users { totalCount } } } } } } }", codeTooComplex, "20000"},
		"introspection by aliases": {"{ __schema { " + many("types { fields { args { type { name kind } } } }", 40) + "} }", codeTooComplex, "standard introspection"},
		"introspection at roots":   {"{ " + many("__schema { types { fields { name args { name description } } } }", 19) + "}", codeTooComplex, "standard introspection"},
		"introspection too deep":   {"{ __schema { types { " + strings.Replace(chain("fields { type", 3), "id", "name", 1) + " } } } } } }", codeInvalid, "introspection depth"},
		"a fragment in itself":     {"{ viewer { user { ...A } } } fragment A on User { friend { ...A } }", codeInvalid, "within itself"},
		"a cycle of fragments":     {"{ viewer { user { ...A } } } fragment A on User { ...B } fragment B on User { ...A }", codeInvalid, "within itself"},
		"an unused cycle":          {"{ __typename } fragment A on User { ...B ...B } fragment B on User { ...A ...A }", codeInvalid, "within itself"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			answer := answerTo(t, handler, postQuery(test.query, nil))
			if took := time.Since(start); took > 250*time.Millisecond {
				t.Errorf("took %v", took)
			}
			if answer.status != http.StatusBadRequest || answer.code() != test.code || !strings.Contains(answer.body, test.message) || len(answer.Errors) > 10 {
				t.Errorf("%d %s, want %s with %q", answer.status, answer.body, test.code, test.message)
			}
		})
	}
}

func TestRequestsAtALimitAreAnswered(t *testing.T) {
	t.Parallel()
	handler := newTestTransport(t)
	for name, query := range map[string]string{
		"depth":                 "{ viewer { user { " + chain("friend", 9) + " } } }",
		"aliases of a query":    "{ " + many("__typename", 20) + "}",
		"aliases of a mutation": "mutation { " + many("fail", 5) + "}",
		"nested fragments":      bomb(7),
		"a page of 200":         "{ users(first: 200) { nodes { " + many("id", 98) + "} } }",
		"fifty by fifty":        "{ organisations(first: 50) { nodes { id users(first: 50) { nodes { id displayName } totalCount } } } }",
		"introspection":         introspection.Query,
		"a null page size":      "{ users(first: null) { totalCount } }",
	} {
		if answer := answerTo(t, handler, postQuery(query, nil)); answer.status != http.StatusOK || answer.Data == nil {
			t.Errorf("%s: %s", name, answer.body)
		}
	}
}

func TestIntrospectionAsGraphiQLAsksIt(t *testing.T) {
	t.Parallel()
	if answer := answerTo(t, newTestTransport(t), postQuery(graphiqlIntrospection, nil)); answer.status != http.StatusOK {
		t.Error(answer.body)
	}
}

func TestTheCostOfAPageCountsEveryRow(t *testing.T) {
	t.Parallel()
	d := newDocuments(newTestExecutable().schema, defaultLimits())
	variables := map[string]any{"n": int64(7), "none": nil}
	for query, want := range map[string]int{
		"{ __typename }": 1,
		"{ viewer { id user { id displayName } } }":                    5,
		"{ organisations(first: 3) { nodes { id name } totalCount } }": 1 + 3*4,
		"{ organisations { totalCount } }":                             1 + 50,
		"{ organisations(first: 0) { totalCount } }":                   2,
		"{ organisations(first: -9) { totalCount } }":                  2,
		"query Q($n: Int!) { organisations(first: $n) { ...A } } fragment A on OrganisationConnection { totalCount nodes { id } }": 1 + 7*3,
		"query Q($none: Int) { users(first: $none) { totalCount } }":                                                               2,
		"{ organisations(first: 2) { nodes { users(first: 3) { nodes { id } } } } }":                                               1 + 2*(1+1+3*2),
		"{ __schema { types { name } } }": 1,
	} {
		doc, errs := d.get(query)
		if errs != nil {
			t.Fatalf("%s: %v", query, errs)
		}
		if got := d.price(doc.Operations[0], variables).data; got != want {
			t.Errorf("%s costs %d, want %d", query, got, want)
		}
		if varies := doc.prices[0].varies; varies != strings.Contains(query, "$") {
			t.Errorf("%s: varies is %t", query, varies)
		}
	}
}

func TestTheDepthOfJSONIsCounted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		``: 0, `1`: 0, `{}`: 1, `[[]]`: 2, `{"a":[{}],"b":{}}`: 3, `"[[["`: 0, `["\"[["]`: 1, `["\\",[]]`: 2, `]]][`: 0, `"\`: 0,
	} {
		if got := jsonDepth([]byte(text)); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

// FuzzDocument asks whatever comes up: there is an answer, soon, and it is no fault of ours.
func FuzzDocument(f *testing.F) {
	for _, query := range []string{
		"", "{", "{ viewer { id } }", bomb(4), bomb(28), introspection.Query, "query Q($n: Int = 3) { users(first: $n) { nodes { id } } }",
		`mutation { signIn(input: { username: "a", password: """b""", role: SUB_USER, attempts: [1, 2] }) { id } }`,
		"{ ...A } fragment A on Query { ...A }", "{ a: __typename @include(if: true) ... @skip(if: false) { __typename } }",
		"subscription S { x }", "{ users(first: 99999999999999999999) { totalCount } }", "query A { __typename } query A { __typename }",
	} {
		f.Add(query, "n", "1")
	}
	handler := newTestTransport(f)
	f.Fuzz(func(t *testing.T, query, name, value string) {
		start := time.Now()
		answer := answerTo(t, handler, postQuery(query, map[string]any{name: value}))
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
		if answer.status >= http.StatusInternalServerError && !strings.Contains(query, "panic") {
			t.Errorf("%d %s", answer.status, answer.body)
		}
	})
}

// graphiqlIntrospection is the longest introspection query that tools built on graphql-js send.
const graphiqlIntrospection = `
query IntrospectionQuery {
      __schema {
        description
        queryType { name kind }
        mutationType { name kind }
        subscriptionType { name kind }
        types {
          ...FullType
        }
        directives {
          name
          description
          isRepeatable
          locations
          args(includeDeprecated: true) {
            ...InputValue
          }
        }
      }
    }
    fragment FullType on __Type {
      kind
      name
      description
      isOneOf
      fields(includeDeprecated: true) {
        name
        description
        args(includeDeprecated: true) {
          ...InputValue
        }
        type {
          ...TypeRef
        }
        isDeprecated
        deprecationReason
      }
      inputFields(includeDeprecated: true) {
        ...InputValue
      }
      interfaces {
        ...TypeRef
      }
      enumValues(includeDeprecated: true) {
        name
        description
        isDeprecated
        deprecationReason
      }
      possibleTypes {
        ...TypeRef
      }
    }
    fragment InputValue on __InputValue {
      name
      description
      type { ...TypeRef }
      defaultValue
      isDeprecated
      deprecationReason
    }
    fragment TypeRef on __Type {
      kind
      name
      ofType {
        name
        kind
        ofType {
          name
          kind
          ofType {
            name
            kind
            ofType {
              name
              kind
              ofType {
                name
                kind
                ofType {
                  name
                  kind
                  ofType {
                    name
                    kind
                    ofType {
                      name
                      kind
                      ofType {
                        name
                        kind
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
`
