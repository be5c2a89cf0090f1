package page_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

var byName = identity.UserOrder{Field: identity.ByDisplayName, Direction: identity.Ascending}

func newApp(t *testing.T) *app.App {
	t.Helper()
	return rig.New(t, testrig.NewSQLite(t, testrig.NewClock())).App
}

// cursorOf is the end of a page of one user in that order of a list.
func cursorOf(t *testing.T, use *app.App, order identity.UserOrder, is ...any) string {
	t.Helper()
	asked, err := page.UserList(order).Of(use, 1, nil, is...)
	if err != nil {
		t.Fatal(err)
	}
	users := identity.Slice[identity.User]{Items: []identity.User{{ID: "usr_1", DisplayName: "Joost"}}, HasNextPage: true}
	connection := page.Users(asked, order, users, func(context.Context) (int, error) { return 2, nil })
	if edge, end := connection.Edges()[0].Cursor, *connection.PageInfo().EndCursor; edge != end {
		t.Errorf("the last edge has the cursor %s and the page ends at %s", edge, end)
	}
	return *connection.PageInfo().EndCursor
}

func TestACursorLeadsOnInItsOwnListAndOrder(t *testing.T) {
	t.Parallel()
	use := newApp(t)
	after := cursorOf(t, use, byName, "org_1", identity.UserFilter{}, byName)
	asked, err := page.UserList(byName).Of(use, 50, &after, "org_1", identity.UserFilter{}, byName)
	if err != nil || len(asked.After) != 2 || asked.After[0] != "joost" || asked.After[1] != "usr_1" {
		t.Errorf("after the cursor comes %v, %v; want the keys of the last user", asked.After, err)
	}
}

func TestACursorTellsNobodyAnything(t *testing.T) {
	t.Parallel()
	text, err := base64.RawURLEncoding.DecodeString(cursorOf(t, newApp(t), byName))
	if err != nil || strings.Contains(strings.ToLower(string(text)), "joost") || strings.Contains(string(text), "usr_") {
		t.Errorf("a cursor is %q, %v", text, err)
	}
}

func TestACursorLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	use := newApp(t)
	search, none := "joost", identity.UserFilter{}
	list, descending := page.UserList(byName), identity.UserOrder{Field: identity.ByDisplayName, Direction: identity.Descending}
	honest := cursorOf(t, use, byName, "org_1", none, byName)
	tampered := honest[:len(honest)-8] + "AAAAAAAA"
	elsewhere := use.Cursor(`users["org_1"]`, identity.Cursor{"only one"})
	for name, ask := range map[string]func() (page.Request, error){
		"another order":        func() (page.Request, error) { return list.Of(use, 50, &honest, "org_1", none, descending) },
		"another organisation": func() (page.Request, error) { return list.Of(use, 50, &honest, "org_2", none, byName) },
		"another filter": func() (page.Request, error) {
			return list.Of(use, 50, &honest, "org_1", identity.UserFilter{Search: &search}, byName)
		},
		"another list": func() (page.Request, error) {
			return page.FoundUserList(byName).Of(use, 50, &honest, "org_1", none, byName)
		},
		"one key too few": func() (page.Request, error) { return list.Of(use, 50, &elsewhere, "org_1") },
		"tampered with":   func() (page.Request, error) { return list.Of(use, 50, &tampered, "org_1", none, byName) },
		"no cursor":       func() (page.Request, error) { return list.Of(use, 50, new("%%%"), "org_1", none, byName) },
		"what cursors were before": func() (page.Request, error) {
			return list.Of(use, 50, new("WyJ1c2VycyBESVNQTEFZX05BTUUgQVNDIiwiam9vc3QiLCJ1c3JfMSJd"), "org_1", none, byName)
		},
		"an empty cursor":    func() (page.Request, error) { return list.Of(use, 50, new(""), "org_1", none, byName) },
		"an endless cursor":  func() (page.Request, error) { return list.Of(use, 50, new(strings.Repeat("A", 5000)), "org_1") },
		"a page of nobody":   func() (page.Request, error) { return list.Of(use, 0, nil) },
		"a page of too many": func() (page.Request, error) { return list.Of(use, identity.LargestPage+1, nil) },
	} {
		want := identity.InvalidCursor
		if strings.HasPrefix(name, "a page") {
			want = identity.BadUserInput
		}
		if _, err := ask(); !errors.Is(err, identity.Refuse(want)) {
			t.Errorf("%s: got %v, want it refused with %s", name, err, want)
		}
	}
}
