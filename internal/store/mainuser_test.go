package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestTheMainUserIsNeverRemoved(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error { return remove(t.Context(), s, o.MainUserID) })
		wantRefusal(t, err, identity.MainUserRequired)
		wantMainUser(t, db, o)
		addUser(t, db, userOf(o, 1)) // and the connection that refused goes on working
	})
}

func TestAnOrganisationWithoutAMainUserIsNotSaved(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o, main := organisationOf("p", 1)
		err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error { return s.AddOrganisation(t.Context(), o) })
		wantRefusal(t, err, identity.MainUserRequired)
		main.Registration = identity.Removed
		err = db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
			return errors.Join(s.AddOrganisation(t.Context(), o), s.AddUser(t.Context(), main))
		})
		wantRefusal(t, err, identity.MainUserRequired)
		if n := count(t, owner(t, db), "SELECT count(*) FROM organisations"); n != 0 {
			t.Errorf("%d organisations are saved, want none", n)
		}
	})
}

func TestSomebodyOfAnotherOrganisationIsNoMainUser(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o, other := addOrganisation(t, db, "p", 1), addOrganisation(t, db, "p", 2)
		moved := o
		moved.MainUserID = other.MainUserID
		err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error { return s.SaveOrganisation(t.Context(), moved) })
		wantRefusal(t, err, identity.MainUserRequired)
		wantMainUser(t, db, o)
	})
}

func TestTheMainUserCanBeReplacedAndRemovedInOneTransaction(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		next := addUser(t, db, userOf(o, 1))
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			after := o
			after.MainUserID = next.ID
			return errors.Join(remove(ctx, s, o.MainUserID), s.SaveOrganisation(ctx, after))
		})
		o.MainUserID = next.ID
		wantMainUser(t, db, o)
	})
}

func TestATransferAndTheRemovalOfItsUserNeverBothSucceed(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		next := addUser(t, db, userOf(o, 1))
		// Neither asks first or locks the organisation: the database alone holds the rule.
		succeeded := race(t, func(racer int) (bool, error) {
			err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				if racer%2 == 0 {
					return remove(t.Context(), s, next.ID)
				}
				after := o
				after.MainUserID = next.ID
				return s.SaveOrganisation(t.Context(), after)
			})
			if errors.Is(err, identity.Refuse(identity.MainUserRequired)) {
				return false, nil
			}
			return true, err
		})
		read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			after, failed := s.Organisation(ctx, o.ID)
			main, err := s.User(ctx, after.MainUserID)
			if main.Registration == identity.Removed || succeeded != 25 {
				t.Errorf("of 25 transfers and 25 removals %d succeeded, and the main user is %s", succeeded, main.Registration)
			}
			return errors.Join(failed, err)
		})
	})
}

func TestOtherForeignKeysAreNotTakenForTheMainUsers(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		stranger := userOf(o, 99)
		lost, _ := organisationOf("p", 2)
		for name, work := range map[string]func(ctx context.Context, s *store.Scope) error{
			"a link of nobody": func(ctx context.Context, s *store.Scope) error {
				return s.AddLinks(ctx, store.HashedLink{Link: linkOf(stranger, 1), TokenHash: hash(1)})
			},
			"an invitation of nobody": func(ctx context.Context, s *store.Scope) error {
				return s.AddInvitation(ctx, invitationOf(stranger, 1))
			},
			"a user of no organisation": func(ctx context.Context, s *store.Scope) error { return s.AddUser(ctx, userOf(lost, 1)) },
		} {
			err := db.Within(t.Context(), identity.AcrossPortal("p"), func(s *store.Scope) error { return work(t.Context(), s) })
			if _, refused := identity.Refusals(err); err == nil || refused {
				t.Errorf("%s: answered %v, want a fault", name, err)
			}
		}
	})
}

// The one foreign key that is checked at the commit is the main user's: SQLite doesn't say which one failed.
func TestOnlyTheMainUsersForeignKeyWaitsForTheCommit(t *testing.T) {
	t.Parallel()
	raw := owner(t, testrig.NewSQLite(t, nil))
	if n := count(t, raw, "SELECT count(*) FROM sqlite_master WHERE sql LIKE '%DEFERRABLE%' AND name <> 'organisations'"); n != 0 {
		t.Errorf("%d further tables have a deferred foreign key", n)
	}
	raw = owner(t, testrig.NewPostgres(t, nil))
	if n := count(t, raw, "SELECT count(*) FROM pg_constraint WHERE condeferrable AND conname <> 'organisations_main_user'"); n != 0 {
		t.Errorf("%d further constraints are deferrable", n)
	}
}

func TestWhatMustBeUniqueIsRefusedByName(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		taken, free := userOf(o, 1), userOf(o, 2)
		taken.Username, free.Username = pointer("Jan"), pointer("Piet")
		addUser(t, db, taken)
		addUser(t, db, free)
		sameEmail, sameName := userOf(o, 3), userOf(o, 4)
		sameEmail.Email, sameName.Username = "USER1@example.nl", pointer("jAN")
		wantRefusal(t, tryAdd(t, db, sameEmail), identity.EmailTaken)
		wantRefusal(t, tryAdd(t, db, sameName), identity.UsernameTaken)
		free.Username = taken.Username
		wantRefusal(t, db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error { return s.SaveUser(t.Context(), free) }),
			identity.UsernameTaken)
		// What a removed user had is free again.
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return remove(ctx, s, taken.ID) })
		if err := errors.Join(tryAdd(t, db, sameEmail), tryAdd(t, db, sameName)); err != nil {
			t.Errorf("a removed user's names aren't free: %v", err)
		}
	})
}

func TestAnOrganisationsCodeIsUniqueInItsPortal(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		for _, try := range []struct {
			portal  string
			number  int
			code    string
			refused bool
		}{{"p", 1, "ACME", false}, {"p", 2, "acme ", true}, {"q", 3, "acme", false}} {
			o, main := organisationOf(try.portal, try.number)
			o.Code = &try.code
			err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				if err := s.AddOrganisation(t.Context(), o); err != nil {
					return err
				}
				return s.AddUser(t.Context(), main)
			})
			switch {
			case try.refused:
				wantRefusal(t, err, identity.OrganisationCodeTaken)
			case err != nil:
				t.Errorf("code %q in %s: %v", try.code, try.portal, err)
			}
		}
	})
}

func tryAdd(t *testing.T, db testrig.Database, u identity.User) error {
	t.Helper()
	tenant := identity.Tenant{Portal: u.Portal, Organisation: u.OrganisationID}
	return db.Within(t.Context(), tenant, func(s *store.Scope) error { return s.AddUser(t.Context(), u) })
}

func remove(ctx context.Context, s *store.Scope, user identity.ID) error {
	u, err := s.User(ctx, user)
	if err != nil {
		return err
	}
	u.Registration = identity.Removed
	return s.SaveUser(ctx, u)
}

func wantMainUser(t *testing.T, db testrig.Database, o identity.Organisation) {
	t.Helper()
	read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
		after, failed := s.Organisation(ctx, o.ID)
		main, err := s.User(ctx, o.MainUserID)
		if after.MainUserID != o.MainUserID || main.Role != identity.MainUser || main.Registration == identity.Removed {
			t.Errorf("the main user is %s, who is %s and %s; want %s", after.MainUserID, main.Role, main.Registration, o.MainUserID)
		}
		return errors.Join(failed, err)
	})
}
