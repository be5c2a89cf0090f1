package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestARegistrantIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.Registrant]{
		fit: func(v *identity.Registrant, o identity.Organisation) {
			v.ID, v.Portal, v.Organisation, v.User = id(identity.KindRegistrant, 1), o.Portal, o.ID, o.MainUserID
			v.EndedAt, v.End = nil, "" // an end has a statement of its own
		},
		save: func(ctx context.Context, s *store.Scope, v identity.Registrant) error { return s.AddRegistrant(ctx, v) },
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.Registrant) (identity.Registrant, error) {
			return s.Registrant(ctx, v.ID)
		},
		change: func(ctx context.Context, s *store.Scope, v identity.Registrant) error {
			return s.SaveRegistrant(ctx, v)
		},
		fixed: []string{"CreatedAt"},
	}.run(t)
}

func TestAPolicyNumberIsOneOrganisationsInAPortal(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		set := func(o identity.Organisation, numbers ...identity.PolicyNumber) error {
			return db.Within(t.Context(), identity.AcrossPortal(o.Portal), func(s *store.Scope) error {
				return s.SetPolicyNumbers(t.Context(), o.Tenant(), numbers)
			})
		}
		one, two, elsewhere := addOrganisation(t, db, "p", 1), addOrganisation(t, db, "p", 2), addOrganisation(t, db, "q", 3)
		if err := set(one, "B2", "A1"); err != nil {
			t.Fatal(err)
		}
		wantRefusal(t, set(two, "C3", "A1"), identity.PolicyNumberTaken)
		if err := set(elsewhere, "A1"); err != nil {
			t.Errorf("another portal's organisation has the number: %v", err)
		}
		read(t, db, identity.AcrossPortal("p"), func(ctx context.Context, s *store.Scope) error {
			numbers, err := s.PolicyNumbers(ctx, one.ID)
			if diff := cmp.Diff([]identity.PolicyNumber{"A1", "B2"}, numbers); diff != "" {
				t.Error(diff)
			}
			return err
		})
		if err := set(one, "B2"); err != nil {
			t.Fatal(err)
		}
		if err := set(two, "A1"); err != nil {
			t.Errorf("a number that was given up is free: %v", err)
		}
	})
}

func TestOneReplacementIsAnnouncedInAnOrganisationAtATime(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		registrants := make([]identity.Registrant, 50)
		for i := range registrants {
			u := addUser(t, db, userOf(o, i+1))
			registrants[i] = registrantOf(u, i+1)
			registrants[i].Replaces = ""
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return s.AddRegistrant(ctx, registrants[i]) })
		}
		won := race(t, func(racer int) (bool, error) {
			announced := registrants[racer]
			announced.Replaces, announced.DueAt = o.MainUserID, noon.Add(time.Hour)
			err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error { return s.SaveRegistrant(t.Context(), announced) })
			if err != nil {
				wantRefusal(t, err, identity.AccountLimitReached)
			}
			return err == nil, nil
		})
		if won != 1 {
			t.Errorf("%d are to replace the main user", won)
		}
	})
}

func TestARegistrationComesToOneEnd(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		registrant := registrantOf(addUser(t, db, userOf(o, 1)), 1)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return s.AddRegistrant(ctx, registrant) })
		ends := []identity.RegistrationEnd{identity.RegistrationCompleted, identity.RegistrationStopped, identity.RegistrationLapsed}
		won := race(t, func(racer int) (first bool, err error) {
			err = db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				first, err = s.EndRegistrant(t.Context(), registrant.ID, ends[racer%len(ends)])
				return err
			})
			return first, err
		})
		if won != 1 {
			t.Errorf("it ended %d times", won)
		}
	})
}

func TestAttemptsAreCountedByDayWhoeverAsksAtOnce(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		count := func() (before int, err error) {
			err = db.Within(t.Context(), identity.AcrossPortal("p"), func(s *store.Scope) error {
				counted, err := s.CountAttempt(t.Context(), "p", hash(1))
				if err == nil {
					before = counted[0]
				}
				return err
			})
			return before, err
		}
		if few := race(t, func(int) (bool, error) { before, err := count(); return before < 10, err }); few != 10 {
			t.Errorf("%d saw fewer than ten before them", few)
		}
		db.Clock.Advance(12 * time.Hour) // midnight
		if before, err := count(); err != nil || before != 0 {
			t.Errorf("on the next day %d were counted (%v)", before, err)
		}
	})
}
