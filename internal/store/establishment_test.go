package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// heldTo is the organisation's tenant for a session of that user which is for some establishments.
func (h household) heldTo(u identity.User, number identity.KVKNumber, establishments ...identity.EstablishmentNumber) identity.Tenant {
	session := identity.Session{User: u.ID, KVKNumber: number, EstablishmentScope: establishments}
	_, held := session.Restrict(u, h.organisation)
	return held.Tenant()
}

// tellsOfIt are the tables that tell of what was done, by whomever.
var tellsOfIt = []string{"audit_events", "audit_heads", "messages", "idempotency_keys", "text_budgets"}

func TestASessionOfSomeEstablishmentsChangesNothingButItsUsersOwn(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		mine := userOf(h.organisation, 5)
		within(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error { return s.AddUser(ctx, mine) })
		tenant := h.heldTo(mine, businessOf(h.organisation, 1).KVKNumber, "000037178598")
		raw := owner(t, db)
		all := func() []string {
			return slices.DeleteFunc(contents(t, db, raw), func(row string) bool {
				return slices.Contains(tellsOfIt, strings.Fields(row)[0]) || strings.Contains(row, string(mine.ID))
			})
		}
		before := all()
		for method, climb := range climbs {
			_ = db.Within(t.Context(), tenant, func(s *store.Scope) error { return second(climb.try(t.Context(), s, h)) })
			if difference := cmp.Diff(before, all()); difference != "" {
				t.Fatalf("%s changed something that isn't the user's:\n%s", method, difference)
			}
		}
		within(t, db, tenant, func(ctx context.Context, s *store.Scope) error {
			mine.DisplayName = "Mine"
			return s.SaveUser(ctx, mine)
		})
		if name := lines(t, raw, "SELECT display_name FROM users WHERE id = '"+string(mine.ID)+"'"); !slices.Equal(name, []string{"Mine"}) {
			t.Errorf("the user's own name is %v", name)
		}
	})
}

func TestASessionOfSomeEstablishmentsSeesThemAndNoOtherBusiness(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		first, second := businessOf(h.organisation, 1), businessOf(h.organisation, 2)
		second.EstablishmentNumbers = []identity.EstablishmentNumber{"000000000001", "000000000002", "000000000003"}
		second.RegisteredEstablishments = second.EstablishmentNumbers
		within(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
			if err := s.AddBusinessIdentity(ctx, second); err != nil {
				return err
			}
			return s.SaveRegisterAnswer(ctx, second)
		})
		read(t, db, h.heldTo(h.main, second.KVKNumber, "000000000002", "000000000003"), func(ctx context.Context, s *store.Scope) error {
			want := []identity.EstablishmentNumber{"000000000002", "000000000003"}
			all, err := s.BusinessIdentities(ctx, h.organisation.ID)
			if err != nil || len(all) != 1 || all[0].ID != second.ID || !slices.Equal(all[0].EstablishmentNumbers, want) ||
				!slices.Equal(all[0].RegisteredEstablishments, want) {
				t.Errorf("the list has %+v (%v)", all, err)
			}
			one, err := s.BusinessIdentity(ctx, second.ID)
			if difference := cmp.Diff(all[0], one); err != nil || difference != "" {
				t.Errorf("by itself the business is another (%v):\n%s", err, difference)
			}
			_, err = s.BusinessIdentity(ctx, first.ID)
			wantRefusal(t, err, identity.NotFound)
			o, err := s.Organisation(ctx, h.organisation.ID)
			if locked, _ := s.LockOrganisation(ctx, h.organisation.ID); !o.Scope.Holds() || locked.Scope != o.Scope {
				t.Error("what is loaded for the organisation's sake isn't held to the establishments")
			}
			return err
		})
	})
}
