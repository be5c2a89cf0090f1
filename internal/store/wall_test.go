package store_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestNothingReachesOverAWall(t *testing.T) {
	t.Parallel()
	for _, wall := range []struct {
		name   string
		tenant func(mine household) identity.Tenant
		theirs string // portal
	}{
		{"from one organisation to another", func(mine household) identity.Tenant { return mine.organisation.Tenant() }, "p"},
		{"from organisations that were chosen to another", func(mine household) identity.Tenant {
			return identity.Chosen("p", "tok_place", mine.organisation.ID)
		}, "p"},
		{"from one portal to another", func(household) identity.Tenant { return identity.AcrossPortal("p") }, "q"},
	} {
		t.Run(wall.name, func(t *testing.T) {
			t.Parallel()
			testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
				tenant, theirs := wall.tenant(settle(t, db, "p", 1)), settle(t, db, wall.theirs, 2)
				operator, main := organisationOf(wall.theirs, 3)
				operator.IsOperator = true
				within(t, db, operator.Tenant(), func(ctx context.Context, s *store.Scope) error {
					return errors.Join(s.AddOrganisation(ctx, operator), s.AddUser(ctx, main))
				})
				raw := owner(t, db)
				before := contents(t, db, raw)
				for method, climb := range climbs {
					climb.check(t, db, method, tenant, theirs)
					if difference := cmp.Diff(before, contents(t, db, raw)); difference != "" {
						t.Fatalf("%s changed something over the wall:\n%s", method, difference)
					}
				}
			})
		})
	}
}

func (climb climb) check(t *testing.T, db testrig.Database, method string, tenant identity.Tenant, theirs household) {
	t.Helper()
	var saw any
	err := db.Within(t.Context(), tenant, func(s *store.Scope) (err error) {
		saw, err = climb.try(t.Context(), s, theirs)
		return err
	})
	_, refused := identity.Refusals(err)
	switch {
	case climb.end == answersNothing && err != nil:
		t.Errorf("%s: %v", method, err)
	case climb.end == notFound && !errors.Is(err, identity.Refuse(identity.NotFound)):
		t.Errorf("%s answered %v, want NOT_FOUND", method, err)
	case climb.end == fault && (err == nil || refused):
		t.Errorf("%s answered %v, want a fault", method, err)
	case climb.end != fault && !empty(saw):
		t.Errorf("%s saw over the wall: %v", method, saw)
	}
}

func empty(saw any) bool {
	v := reflect.ValueOf(saw)
	return !v.IsValid() || v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}

func TestEveryMethodOfAScopeIsTriedOnTheWall(t *testing.T) {
	t.Parallel()
	scope := reflect.TypeFor[*store.Scope]()
	for i := range scope.NumMethod() {
		if _, tried := climbs[scope.Method(i).Name]; !tried {
			t.Errorf("Scope.%s isn't tried on the tenants' wall: add it to climbs", scope.Method(i).Name)
		}
	}
}

func TestATransactionWithoutATenantIsAFault(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		for _, tenant := range []identity.Tenant{{}, {Portal: "p"}, {Organisation: "org_1"}, {Organisation: identity.WholePortal}} {
			work := func(*store.Scope) error {
				t.Errorf("%+v opened a transaction", tenant)
				return nil
			}
			wantFault(t, db.Within(t.Context(), tenant, work))
			wantFault(t, db.Read(t.Context(), tenant, work))
		}
	})
}

func TestAReadWritesNothing(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		err := db.Read(t.Context(), o.Tenant(), func(s *store.Scope) error { return s.AddUser(t.Context(), userOf(o, 1)) })
		wantFault(t, err)
	})
}

func TestWhatIsLoadedBehindALockCanBeReadWithoutOne(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		read(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return errors.Join(
				second(s.LockOrganisation(ctx, h.organisation.ID)), second(s.LockUser(ctx, h.user.ID)),
				second(s.LockFactor(ctx, h.user.ID, id(identity.KindFactor, 1))),
				second(s.LockEnrolment(ctx, h.user.ID, id(identity.KindFactor, 1))),
				second(s.Invitation(ctx, id(identity.KindInvitation, 1))), second(s.InvitationOf(ctx, h.user.ID)),
			)
		})
	})
}

func TestTokensAndNamesLeadNowhereInAnotherPortal(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		settle(t, db, "q", 2)
		ctx, token := t.Context(), hash(h.number)
		for portal, want := range map[string]bool{"p": true, "q": false, "": false} {
			_, visitor, err1 := db.VisitorByToken(ctx, portal, token)
			_, _, signIn, err2 := db.SignInByToken(ctx, portal, token)
			_, link, err3 := db.LinkByToken(ctx, portal, token)
			_, apiToken, err4 := db.PartnerByToken(ctx, portal, token)
			account, err5 := db.AccountNamed(ctx, portal, identifiersOf(h.user)[0])
			if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
				t.Error(err)
			}
			found := map[string]bool{"session": visitor, "sign-in": signIn, "link": link, "API token": apiToken, "name": account.User == h.user.ID}
			for what, got := range found {
				if got != want {
					t.Errorf("in portal %q the %s of portal p is found: %t, want %t", portal, what, got, want)
				}
			}
		}
	})
}

func TestANameIsOneUsersInAWholePortal(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		first := settle(t, db, "p", 1)
		for portal, refused := range map[string]bool{"p": true, "q": false} {
			o := addOrganisation(t, db, portal, map[string]int{"p": 2, "q": 3}[portal])
			second := userOf(o, 0)
			second.Email = first.user.Email
			err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				return s.ClaimIdentifiers(t.Context(), second, identifiersOf(second))
			})
			switch {
			case refused:
				wantRefusal(t, err, identity.EmailTaken)
			case err != nil:
				t.Errorf("another portal's user has the name: %v", err)
			}
		}
		account, err := db.AccountNamed(t.Context(), "p", identifiersOf(first.user)[0])
		if want := (store.Account{User: first.user.ID, Organisation: first.organisation.ID, PasswordHash: "a hash"}); account != want || err != nil {
			t.Errorf("the name leads to %+v (%v), want %+v", account, err, want)
		}
	})
}
