package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestARenamedUserIsKnownByTheNewNamesAndNoLongerByTheOld(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u := userOf(o, 1)
		u.DisplayName, u.Email, u.Username = "Old Name", "old@example.nl", pointer("oldest")
		addUser(t, db, u)
		u.DisplayName, u.Email, u.Username = "New Name", "new@example.nl", pointer("newest")
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return s.SaveUser(ctx, u) })
		for search, want := range map[string]int{"old name": 0, "old@": 0, "new name": 1, "new@": 1} {
			read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				n, err := s.CountUsers(ctx, o.ID, identity.UserFilter{Search: &search})
				if n != want {
					t.Errorf("%q finds %d users, want %d", search, n, want)
				}
				return err
			})
		}
		email, username, old := userOf(o, 2), userOf(o, 3), userOf(o, 4)
		email.Email, username.Username, old.Email, old.Username = "NEW@example.nl", pointer("Newest"), "old@example.nl", pointer("oldest")
		wantRefusal(t, tryAdd(t, db, email), identity.EmailTaken)
		wantRefusal(t, tryAdd(t, db, username), identity.UsernameTaken)
		if err := tryAdd(t, db, old); err != nil {
			t.Errorf("the old names aren't free: %v", err)
		}
	})
}

func TestARenamedOrganisationIsKnownByTheNewNamesAndNoLongerByTheOld(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o, other := addOrganisation(t, db, "p", 1), addOrganisation(t, db, "p", 2)
		rename := func(o identity.Organisation, name, code string) error {
			o.Name, o.Code = name, &code
			return db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error { return s.SaveOrganisation(t.Context(), o) })
		}
		if err := errors.Join(rename(o, "Old Name", "OLDEST"), rename(o, "New Name", "NEWEST")); err != nil {
			t.Fatal(err)
		}
		for search, want := range map[string]int{"old name": 0, "oldest": 0, "new name": 1, "newest": 1} {
			read(t, db, identity.AcrossPortal("p"), func(ctx context.Context, s *store.Scope) error {
				n, err := s.CountOrganisations(ctx, identity.OrganisationFilter{Search: &search})
				if n != want {
					t.Errorf("%q finds %d organisations, want %d", search, n, want)
				}
				return err
			})
		}
		wantRefusal(t, rename(other, "Other", "newest"), identity.OrganisationCodeTaken)
		if err := rename(other, "Other", "oldest"); err != nil {
			t.Errorf("the old code isn't free: %v", err)
		}
	})
}
