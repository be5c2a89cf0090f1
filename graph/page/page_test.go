package page_test

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var byName = identity.UserOrder{Field: identity.ByDisplayName, Direction: identity.Ascending}

// cursorOf is the end of a page of one user in that order.
func cursorOf(t *testing.T, order identity.UserOrder) string {
	t.Helper()
	asked, err := page.UserList(order).Of(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	users := identity.Slice[identity.User]{Items: []identity.User{{ID: "usr_1", DisplayName: "Joost"}}, HasNextPage: true}
	connection := page.Users(asked, order, users, func(context.Context) (int, error) { return 2, nil })
	return *connection.PageInfo().EndCursor
}

func TestACursorLeadsOnInItsOwnListAndOrder(t *testing.T) {
	t.Parallel()
	after := cursorOf(t, byName)
	asked, err := page.UserList(byName).Of(50, &after)
	if err != nil || len(asked.After) != 2 || asked.After[0] != "joost" || asked.After[1] != "usr_1" {
		t.Errorf("after the cursor comes %v, %v; want the keys of the last user", asked.After, err)
	}
}

func TestACursorLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	honest := cursorOf(t, byName)
	descending := identity.UserOrder{Field: identity.ByDisplayName, Direction: identity.Descending}
	forged := base64.RawURLEncoding.EncodeToString([]byte(`["users DISPLAY_NAME ASC","only one"]`))
	for name, ask := range map[string]func() (page.Request, error){
		"another order":      func() (page.Request, error) { return page.UserList(descending).Of(50, &honest) },
		"another list":       func() (page.Request, error) { return page.OrganisationList.Of(50, &honest) },
		"too few keys":       func() (page.Request, error) { return page.UserList(byName).Of(50, &forged) },
		"no cursor at all":   func() (page.Request, error) { return page.UserList(byName).Of(50, new("%%%")) },
		"an empty cursor":    func() (page.Request, error) { return page.UserList(byName).Of(50, new("")) },
		"a page of nobody":   func() (page.Request, error) { return page.UserList(byName).Of(0, nil) },
		"a page of too many": func() (page.Request, error) { return page.UserList(byName).Of(identity.LargestPage+1, nil) },
	} {
		if _, err := ask(); !errors.Is(err, identity.Refuse(identity.BadUserInput)) {
			t.Errorf("%s: got %v, want it refused", name, err)
		}
	}
}
