package store_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func personOf(o identity.Organisation, number int) store.SealedPerson {
	return store.SealedPerson{
		Organisation: o.Tenant(), Sealed: []byte("sealed"),
		Keys: store.PersonKeys{NameAddress: hash(number), NameBirth: hash(100 + number), AddressBirth: hash(200 + number)},
	}
}

func TestARecordIsFoundByEachOfItsKeysInItsPortalAlone(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		here, there := settle(t, db, "tvm", 1), settle(t, db, "atosi", 1)
		for name, row := range map[string]struct {
			keys  []store.PersonKeys
			found int
		}{
			"none":                      {nil, 0},
			"no key at all":             {[]store.PersonKeys{{}}, 0},
			"name and address":          {[]store.PersonKeys{{NameAddress: hash(1)}}, 1},
			"name and birth date":       {[]store.PersonKeys{{NameBirth: hash(101)}}, 1},
			"address and birth date":    {[]store.PersonKeys{{AddressBirth: hash(201)}}, 1},
			"a key of another kind":     {[]store.PersonKeys{{AddressBirth: hash(1)}}, 0},
			"somebody else's":           {[]store.PersonKeys{{NameAddress: hash(2)}}, 0},
			"the older key of the ring": {[]store.PersonKeys{{NameAddress: hash(2)}, {NameAddress: hash(1)}}, 1},
		} {
			got, err := db.PersonsLike(t.Context(), "tvm", row.keys)
			if err != nil || len(got) != row.found || len(got) > 0 && got[0].Organisation != here.organisation.ID {
				t.Errorf("%s: %+v (%v)", name, got, err)
			}
		}
		if got, err := db.PersonsLike(t.Context(), "xpertsuite", []store.PersonKeys{personOf(there.organisation, 1).Keys}); err != nil || len(got) != 0 {
			t.Errorf("a third portal finds %+v (%v)", got, err)
		}
	})
}

func TestARecordTakesThePlaceOfTheOneBefore(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "tvm", 1)
		within(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
			next := personOf(h.organisation, 5)
			next.Sealed, next.Keys.NameAddress = []byte("another"), nil
			if err := s.SavePerson(ctx, next); err != nil {
				return err
			}
			if sealed, err := s.Person(ctx, h.organisation.ID); err != nil || !bytes.Equal(sealed, next.Sealed) {
				t.Errorf("loaded %q (%v)", sealed, err)
			}
			return nil
		})
		for _, key := range []store.PersonKeys{{NameAddress: hash(1)}, {NameBirth: hash(101)}, {NameAddress: hash(5)}} {
			if got, err := db.PersonsLike(t.Context(), "tvm", []store.PersonKeys{key}); err != nil || len(got) != 0 {
				t.Errorf("found %+v by what it isn't found by (%v)", got, err)
			}
		}
	})
}

func TestOnlyAPrivatePersonsPseudonymIsFoundInAWholePortal(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "tvm", 1)
		person := identity.Assertion{Provider: "idin", Environment: "production", Subject: "NL1"}
		within(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return s.AddFederatedIdentity(ctx, h.user, person)
		})
		for name, row := range map[string]struct {
			portal string
			change func(a *identity.Assertion)
			want   identity.ID
		}{
			"theirs":                      {"tvm", func(*identity.Assertion) {}, h.organisation.ID},
			"in another portal":           {"atosi", func(*identity.Assertion) {}, ""},
			"of another provider":         {"tvm", func(a *identity.Assertion) { a.Provider = "itsme" }, ""},
			"of the test system":          {"tvm", func(a *identity.Assertion) { a.Environment = "test" }, ""},
			"another":                     {"tvm", func(a *identity.Assertion) { a.Subject = "NL2" }, ""},
			"an employee's of a business": {"tvm", func(a *identity.Assertion) { *a = assertionOf(1) }, ""},
		} {
			asked := person
			row.change(&asked)
			if got, err := db.PersonIdentified(t.Context(), row.portal, asked); err != nil || got != row.want {
				t.Errorf("%s: %q (%v), want %q", name, got, err, row.want)
			}
		}
	})
}
