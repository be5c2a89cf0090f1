package identity

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// constants are the values of a type's constants in a file, in their order.
func constants(t *testing.T, file, of string) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(tree, func(node ast.Node) bool {
		spec, is := node.(*ast.ValueSpec)
		if !is {
			return true
		}
		if kind, named := spec.Type.(*ast.Ident); named && kind.Name == of && len(spec.Values) == 1 {
			if literal, is := spec.Values[0].(*ast.BasicLit); is {
				value, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, value)
			}
		}
		return true
	})
	return values
}

func texts[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = string(value)
	}
	return all
}

func TestEveryListHasEveryConstant(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		file, kind string
		list       []string
	}{
		{"message.go", "MessageKind", texts(MessageKinds)},
		{"token.go", "APIScope", texts(APIScopes)},
		{"id.go", "Kind", texts(kinds)},
		{"person.go", "PersonAttribute", texts(PersonAttributes)},
		{"business.go", "RegisterStatus", texts(RegisterStatuses)},
		{"access.go", "Audience", texts(audiences)},
		{"user.go", "UserRole", texts(roles)},
		{"user.go", "UserRole", texts(UserRoles)},
		{"user.go", "UserStatus", texts(UserStatuses)},
		{"users.go", "UserOrderField", texts(UserOrderFields)},
		{"user.go", "Registration", []string{"INVITED", "RE_REGISTERING", "REGISTERED", "REMOVED"}},
		{"signin.go", "FirstCredential", []string{"PASSWORD", "LINK", "PROVIDER", "REGISTRATION"}},
		{"factor.go", "FactorKind", texts(FactorKinds)},
		{"text.go", "Budget", texts(AllBudgets)},
		{"portal.go", "Permission", []string{"REFUSED", "ALLOWED"}},
		{"supportkind.go", "SupportActionKind", []string{
			"RESET_USER_FACTORS", "TRANSFER_MAIN_USER", "CHANGE_ACCOUNT_LIMIT", "DEACTIVATE_ORGANISATION_TWO_FACTOR",
			"ERASE_USER", "REMOVE_ORGANISATION", "ERASE_ORGANISATION",
			"SEND_ACCOUNT_LINK", "BLOCK_USER", "UNBLOCK_USER", "REMOVE_USER",
		}},
		{"retention.go", "Retained", texts(AllRetained)},
		{"contact.go", "ContactKind", []string{"EMAIL", "PHONE"}},
		{"contact.go", "ContactState", []string{"AWAITING_CODE", "CHANGED", "RESTORED"}},
		{"link.go", "LinkPurpose", []string{"INVITATION", "BUSINESS_INVITATION", "RE_REGISTRATION", "PASSWORD_RESET", "CONTACT_UNDO", "STOP_SUPPORT_ACTION", "REGISTRATION", "KEEP_ACCOUNT"}},
		{"registration.go", "RegistrationEnd", []string{"COMPLETED", "STOPPED", "LAPSED"}},
	} {
		if diff := cmp.Diff(constants(t, row.file, row.kind), row.list); diff != "" {
			t.Errorf("%s: %s", row.kind, diff)
		}
	}
}

func TestAPageHasOneTo200Items(t *testing.T) {
	t.Parallel()
	for first, want := range map[int]Code{-1: BadUserInput, 0: BadUserInput, 1: "", 50: "", 200: "", 201: BadUserInput} {
		refused(t, Page{First: first}.Check(), want)
	}
}
