package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestAPageByItselfIsWhatATransactionReads(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		users := crowd(t, db, o, 23)
		crowd(t, db, addOrganisation(t, db, "p", 2), 5)
		invited := identity.Invited
		for _, filter := range []identity.UserFilter{{}, {Registration: &invited}} {
			for _, field := range identity.UserOrderFields {
				for _, direction := range []identity.OrderDirection{identity.Ascending, identity.Descending} {
					order := identity.UserOrder{Field: field, Direction: direction}
					for _, page := range []identity.Page{{First: 7}, {First: 23}, {First: 7, After: order.Cursor(users[11])}} {
						var want identity.Slice[identity.User]
						read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) (err error) {
							want, err = s.Users(ctx, o.ID, filter, order, page)
							return err
						})
						got, err := db.Users(t.Context(), o.Tenant(), o.ID, filter, order, page)
						if difference := cmp.Diff(want, got); err != nil || difference != "" {
							t.Errorf("%v %v %v: %v\n%s", filter, order, page, err, difference)
						}
					}
				}
			}
		}
	})
}

func TestAPageByItselfDoesNotReachOverAWall(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		mine, theirs := settle(t, db, "p", 1), settle(t, db, "p", 2)
		for _, tenant := range []identity.Tenant{mine.organisation.Tenant(), identity.AcrossPortal("q")} {
			part, err := db.Users(t.Context(), tenant, theirs.organisation.ID, identity.UserFilter{}, identity.UserOrder{}, identity.Page{First: 50})
			if err != nil || len(part.Items) > 0 {
				t.Errorf("%v saw %v (%v)", tenant, part.Items, err)
			}
		}
		part, err := db.Users(t.Context(), identity.AcrossPortal("p"), theirs.organisation.ID, identity.UserFilter{}, identity.UserOrder{}, identity.Page{First: 50})
		if err != nil || len(part.Items) == 0 {
			t.Errorf("the portal sees %v (%v) of its own organisation", part.Items, err)
		}
		if _, err := db.Users(t.Context(), identity.Tenant{Portal: "p"}, theirs.organisation.ID, identity.UserFilter{}, identity.UserOrder{}, identity.Page{First: 50}); err == nil {
			t.Error("nobody's tenant was let in")
		}
	})
}

func TestOddCursorsDoNotBreakAPageByItself(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		for _, text := range []string{"", "\x00", "a\x00b", "\xff", "'", `\`, "%", "?", "?0", "$1", "☃", "--", "/*"} {
			page := identity.Page{First: 1, After: identity.Cursor{text, text}}
			if _, err := db.Users(t.Context(), h.organisation.Tenant(), h.organisation.ID, identity.UserFilter{}, identity.UserOrder{}, page); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
