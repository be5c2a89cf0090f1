package graph_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// doors are the mutations, and what else, whose answer can set a session's cookie or an attempt's. A line more is a decision: nothing else
// signs anybody in.
var doors = []string{
	"BeginSignIn",       // name and password, where no factor is asked for
	"CancelSignIn",      // takes the attempt's cookie away
	"ChangePassword",    // a new token for the same session
	"ConfirmEnrolment",  // the end of a sign-in, or a new token for the same session
	"PostponeTwoFactor", // the end of a sign-in
	"Reauthenticate",    // a new token for the same session
	"RemoveFactor",      // a new token for the same session
	"Returned",          // the end of a sign-in through an identification provider: a browser that comes back, and no mutation
	"SetPassword",       // begins an attempt that can do nothing but enrol; never a session
	"VerifySignIn",      // the end of a sign-in
}

func TestTheDoorsThatCanSignSomebodyInAreCounted(t *testing.T) {
	t.Parallel()
	callers := callersInPackage(t)
	var found []string
	for _, caller := range reaching(callers, "setCookie") {
		if name, isMutation := strings.CutPrefix(caller, "mutation."); isMutation || ast.IsExported(caller) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, doors) {
		t.Errorf("cookies are set by %v, and the list says %v", found, doors)
	}
	// And no way leads around that list.
	for function, allowed := range map[string][]string{
		"Set-Cookie": {"addCookie", "sendAway"}, "sendAway": {"mutation.BeginBusinessSignIn"}, "addCookie": {"dropCookie", "setCookie"}, "setCookie": {"signedIn"}, "dropCookie": {"signedIn", "signedOut"},
	} {
		direct := slices.Sorted(slices.Values(callers[function]))
		if !slices.Equal(direct, allowed) {
			t.Errorf("%s is used by %v: only %v may", function, direct, allowed)
		}
	}
}

// callersInPackage answers, for each function of package graph and for the name of the header, in which functions it is named.
func callersInPackage(t *testing.T) map[string][]string {
	t.Helper()
	callers := map[string][]string{}
	for _, file := range parsed(t, "*.go") {
		for _, declared := range file.Decls {
			if function, is := declared.(*ast.FuncDecl); is {
				name := nameOf(function)
				for _, used := range namesIn(function) {
					if !slices.Contains(callers[used], name) {
						callers[used] = append(callers[used], name)
					}
				}
			}
		}
	}
	return callers
}

// parsed are the files of a package, without its tests.
func parsed(t *testing.T, pattern string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files are %s: %v", pattern, err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

func nameOf(function *ast.FuncDecl) string {
	if function.Recv != nil {
		if receiver, is := function.Recv.List[0].Type.(*ast.Ident); is {
			return receiver.Name + "." + function.Name.Name
		}
	}
	return function.Name.Name
}

func namesIn(function *ast.FuncDecl) []string {
	var names []string
	ast.Inspect(function.Body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.Ident:
			names = append(names, node.Name)
		case *ast.SelectorExpr:
			if node.Sel.Name == "SetCookie" {
				names = append(names, "Set-Cookie")
			}
		case *ast.BasicLit:
			names = append(names, strings.Trim(node.Value, `"`))
		}
		return true
	})
	return names
}

// reaching are all functions that call that one, themselves or through others.
func reaching(callers map[string][]string, function string) []string {
	var found []string
	for queue := []string{function}; len(queue) > 0; queue = queue[1:] {
		for _, caller := range callers[queue[0]] {
			if !slices.Contains(found, caller) {
				found, queue = append(found, caller), append(queue, caller)
			}
		}
	}
	return found
}

func TestNobodyIsSignedInByAskingAnythingAtAll(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		r.Organisation("tvm", "Who", "main@who.test")
		invite(r, r.SignedIn("tvm", "main@who.test"), "open@who.test")
		link := r.Mailbox.Expect(t, "open@who.test").Token
		user := one(r, "SELECT id FROM users WHERE email = 'main@who.test'")
		values := []map[string]string{
			{"String": "x", "ID": user, "EmailAddress": `"main@who.test"`},
			{"String": rig.Password, "ID": "*", "EmailAddress": `"open@who.test"`},
			{"String": link, "ID": missing("fac"), "EmailAddress": `"main@who.test"`}, // which chooses a password
			{"String": "", "ID": "", "EmailAddress": `""`},
		}
		for _, field := range schema().Mutation.Fields {
			for _, value := range values {
				browser := r.Browser("tvm")
				document := "mutation { " + field.Name + arguments(field.Arguments, value) + " { __typename } }"
				answer := browser.Do(document)
				if denied(answer) == "GRAPHQL_VALIDATION_FAILED" {
					t.Fatalf("%s: %s", document, answer.Text)
				}
				if _, signedIn := browser.Cookies()["__Host-tvm-session"]; signedIn {
					t.Errorf("%s signs in: %s", document, answer.Text)
				}
			}
		}
	})
}

// arguments writes plausible ones for a field.
func arguments(list gql.ArgumentDefinitionList, values map[string]string) string {
	if len(list) == 0 {
		return ""
	}
	var written []string
	for _, argument := range list {
		written = append(written, argument.Name+": "+literal(argument.Type, values))
	}
	return "(" + strings.Join(written, ", ") + ")"
}

func literal(kind *gql.Type, values map[string]string) string {
	if kind.Elem != nil {
		return "[" + literal(kind.Elem, values) + "]"
	}
	switch definition := schema().Types[kind.Name()]; {
	case kind.Name() == "Int":
		return "1"
	case kind.Name() == "Boolean":
		return "false"
	case kind.Name() == "DateTime":
		return `"2025-07-01T00:00:00Z"`
	case kind.Name() == "KvkNumber":
		return `"69599068"`
	case kind.Name() == "EstablishmentNumber":
		return `"000037178598"`
	case kind.Name() == "EmailAddress":
		return values["EmailAddress"]
	case kind.Name() == "ID":
		return `"` + values["ID"] + `"`
	case definition.Kind == gql.Enum && values[kind.Name()] != "":
		return values[kind.Name()]
	case definition.Kind == gql.Enum:
		return definition.EnumValues[0].Name
	case definition.Kind == gql.InputObject:
		if definition.Directives.ForName("oneOf") != nil {
			field := definition.Fields[len(values["String"])%len(definition.Fields)] // another one in each turn
			return "{" + field.Name + ": " + literal(&gql.Type{NamedType: field.Type.Name()}, values) + "}"
		}
		var fields []string
		for _, field := range definition.Fields {
			if !strings.EqualFold(field.Name, "username") && !strings.EqualFold(field.Name, "organisationCode") {
				fields = append(fields, field.Name+": "+literal(field.Type, values))
			}
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	return `"` + values["String"] + `"`
}
