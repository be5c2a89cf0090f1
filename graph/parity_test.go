package graph_test

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// bound are the schema's enumerations with the type in package identity whose constants they are. An enumeration that isn't
// here fails the test.
var bound = map[string]string{
	"ApiScope": "APIScope", "CorrectionSide": "Side", "PersonAgreement": "Agreement", "PersonAttribute": "PersonAttribute",
	"AssuranceLevel": "AssuranceLevel", "AuditAction": "Action", "Audience": "Audience", "EnrolmentReason": "EnrolmentReason",
	"ErrorCode": "Code", "FactorKind": "FactorKind", "IdentifierKind": "IdentifierKind", "InvitationStatus": "InvitationStatus", "InvitationSignIn": "InvitationSignIn",
	"ImportKind": "ImportKind", "ImportState": "ImportState", "ImportRowState": "ImportRowState",
	"ContactKind": "ContactKind", "ContactChangeState": "ContactState",
	"LinkPurpose": "LinkPurpose", "OrderDirection": "OrderDirection", "RegisterStatus": "RegisterStatus", "SessionStrength": "SessionStrength",
	"SupportActionKind": "SupportActionKind", "SupportActionState": "SupportActionState", "SupportCancellation": "SupportCancellation",
	"TwoFactorStarter": "TwoFactorStarter", "UserOrderField": "UserOrderField", "OrganisationOrderField": "OrganisationOrderField",
	"WebhookDeliveryState": "WebhookDeliveryState", "WebhookDisabling": "WebhookDisabling", "WebhookFailure": "WebhookFailure",
	"UserRole": "UserRole", "UserStatus": "UserStatus",
}

// beforeExecution are the codes with which a request is refused before package identity has a say, and that of faults.
var beforeExecution = []string{"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "INTERNAL", "QUERY_TOO_COMPLEX"}

func TestTheSchemasEnumerationsAreTheDomainsConstants(t *testing.T) {
	t.Parallel()
	constants := constantsOfIdentity(t)
	for name, definition := range schema().Types {
		if definition.Kind != gql.Enum || strings.HasPrefix(name, "__") {
			continue
		}
		var values []string
		for _, value := range definition.EnumValues {
			values = append(values, value.Name)
		}
		want := slices.Clone(constants[bound[name]])
		if name == "ErrorCode" {
			want = append(want, beforeExecution...)
		}
		slices.Sort(values)
		slices.Sort(want)
		if !slices.Equal(values, want) {
			t.Errorf("enum %s has %v, and identity.%s is %v", name, values, bound[name], want)
		}
	}
	for name := range bound {
		if schema().Types[name] == nil {
			t.Errorf("there is no enum %s any more", name)
		}
	}
}

// constantsOfIdentity reads the text constants of package identity, by their type.
func constantsOfIdentity(t *testing.T) map[string][]string {
	t.Helper()
	constants := map[string][]string{}
	for _, file := range parsed(t, "../internal/identity/*.go") {
		ast.Inspect(file, func(node ast.Node) bool {
			declared, is := node.(*ast.ValueSpec)
			if !is {
				return true
			}
			kind, typed := declared.Type.(*ast.Ident)
			for _, value := range declared.Values {
				literal, is := value.(*ast.BasicLit)
				if typed && is && literal.Kind == token.STRING {
					text, _ := strconv.Unquote(literal.Value)
					constants[kind.Name] = append(constants[kind.Name], text)
				}
			}
			return true
		})
	}
	return constants
}

func TestEveryCodeAndEveryRuleHasATextInEveryLanguage(t *testing.T) {
	t.Parallel()
	want := constantsOfIdentity(t)["Code"]
	for _, rule := range []string{
		identity.RuleMinimumLength, identity.RuleMaximumLength, identity.RuleUpper, identity.RuleLower, identity.RuleDigit,
		identity.RuleSpecial, identity.RuleNotCommon,
	} {
		want = append(want, "rule."+rule)
	}
	for _, agreement := range []string{"AGREES", "DIFFERS", "INCOMPLETE.PROVIDER", "INCOMPLETE.PORTAL", "INCOMPLETE.EITHER"} {
		want = append(want, "person."+agreement)
	}
	slices.Sort(want)
	for _, language := range []identity.Language{identity.Dutch, identity.English} {
		texts := textsIn(t, language)
		if got := slices.Sorted(maps.Keys(texts)); !slices.Equal(got, want) {
			t.Errorf("texts/%s.json has %v, want %v", language, got, want)
		}
		for id, text := range texts {
			if text == "" || !strings.HasSuffix(strings.TrimSuffix(text, "{{end}}"), ".") {
				t.Errorf("%s in %s is no sentence: %q", id, language, text)
			}
			if said := graph.Say(language, id, map[string]any{"Minimum": 8, "Seconds": 30, "Portal": "P", "Support": "S", "Attribute": "NAME"}); said == id || strings.Contains(said, "{{") || strings.Contains(said, "<no value>") {
				t.Errorf("%s in %s is said as %q", id, language, said)
			}
		}
	}
}

func textsIn(t *testing.T, language identity.Language) map[string]string {
	t.Helper()
	content, err := graph.Texts.ReadFile("texts/" + string(language) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(content, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

var sentence = regexp.MustCompile(`(?s)^(?:[A-Z"]|[a-z]+[A-Z]).*[.…:?!"]$`)

// TestEveryElementOfTheSchemaSaysWhatItIs counts on people reading the schema in a tool that shows descriptions.
func TestEveryElementOfTheSchemaSaysWhatItIs(t *testing.T) {
	t.Parallel()
	says := func(element, description string) {
		if !sentence.MatchString(strings.TrimSpace(description)) {
			t.Errorf("%s is described as %q: want a sentence", element, description)
		}
	}
	for name, definition := range schema().Types {
		if definition.BuiltIn || strings.HasPrefix(name, "__") {
			continue
		}
		says(name, definition.Description)
		for _, field := range definition.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			says(name+"."+field.Name, field.Description)
			for _, argument := range field.Arguments {
				// The one input of a mutation is described by its type, and an id by its field.
				if argument.Name != "input" && argument.Name != "id" {
					says(name+"."+field.Name+"("+argument.Name+")", argument.Description)
				}
			}
		}
		for _, value := range definition.EnumValues {
			says(name+"."+value.Name, value.Description)
		}
	}
	for name, directive := range schema().Directives {
		if directive.Position != nil && !directive.Position.Src.BuiltIn {
			says("@"+name, directive.Description)
		}
	}
}
