package store_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestABusinessIdentityIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.BusinessIdentity]{
		fit: func(v *identity.BusinessIdentity, o identity.Organisation) {
			v.ID, v.Portal, v.Organisation = id(identity.KindBusiness, 1), o.Portal, o.ID
			v.EstablishmentNumbers = []identity.EstablishmentNumber{"000037178598", "000037178601"}
			v.RegisteredEstablishments = []identity.EstablishmentNumber{"000038509504"}
		},
		save: func(ctx context.Context, s *store.Scope, v identity.BusinessIdentity) error {
			return s.AddBusinessIdentity(ctx, v)
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.BusinessIdentity) (identity.BusinessIdentity, error) {
			all, err := s.BusinessIdentities(ctx, v.Organisation)
			if len(all) != 1 || all[0].ID != v.ID {
				return v, errors.Join(err, errors.New("it isn't in its organisation's list"))
			}
			return s.BusinessIdentity(ctx, v.ID)
		},
		change: func(ctx context.Context, s *store.Scope, v identity.BusinessIdentity) error {
			return errors.Join(s.SaveEstablishments(ctx, v), s.SaveRegisterAnswer(ctx, v))
		},
		fixed: []string{"KVKNumber", "CreatedAt"},
	}.run(t)
}

func TestAKVKNumberIsOneOrganisationsInAPortal(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		first := businessOf(addOrganisation(t, db, "p", 1), 1)
		within(t, db, identity.AcrossPortal("p"), func(ctx context.Context, s *store.Scope) error {
			return s.AddBusinessIdentity(ctx, first)
		})
		add := func(portal string, number int) error {
			other := businessOf(addOrganisation(t, db, portal, number), number)
			other.KVKNumber = first.KVKNumber
			return db.Within(t.Context(), identity.AcrossPortal(portal), func(s *store.Scope) error {
				return s.AddBusinessIdentity(t.Context(), other)
			})
		}
		wantRefusal(t, add("p", 2), identity.KVKNumberTaken)
		if err := add("q", 3); err != nil {
			t.Errorf("another portal's organisation has the number: %v", err)
		}
		within(t, db, identity.AcrossPortal("p"), func(ctx context.Context, s *store.Scope) error {
			return s.RemoveBusinessIdentity(ctx, first.ID)
		})
		if err := add("p", 4); err != nil {
			t.Errorf("a number that was given up isn't free: %v", err)
		}
	})
}

func TestOneOfFiftyOrganisationsGetsAKVKNumber(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		organisations := make([]identity.Organisation, 50)
		for i := range organisations {
			organisations[i] = addOrganisation(t, db, "p", i+1)
		}
		winners := race(t, func(racer int) (bool, error) {
			b := businessOf(organisations[racer], racer)
			b.KVKNumber = "69599084"
			err := db.Within(t.Context(), identity.AcrossPortal("p"), func(s *store.Scope) error {
				return s.AddBusinessIdentity(t.Context(), b)
			})
			if errors.Is(err, identity.Refuse(identity.KVKNumberTaken)) {
				return false, nil
			}
			return err == nil, err
		})
		if winners != 1 {
			t.Errorf("%d organisations have the number, want one", winners)
		}
	})
}

// noted remembers the checks that were enqueued.
type noted struct{ checks []identity.ID }

func (n *noted) Enqueue(context.Context, *sql.Tx, identity.Tenant, []identity.ID) error { return nil }

func (n *noted) EnqueueImport(context.Context, *sql.Tx, string, identity.ID) error { return nil }

func (n *noted) EnqueueChecks(_ context.Context, _ *sql.Tx, _ identity.Tenant, ids []identity.ID) error {
	n.checks = append(n.checks, ids...)
	return nil
}

func TestACheckIsDueOnceForAWhile(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		heard := &noted{}
		db.OnMessages(heard)
		want := func(when string, want ...identity.ID) {
			t.Helper()
			if err := db.QueueDueChecks(t.Context(), 2); err != nil {
				t.Fatal(err)
			}
			slices.Sort(heard.checks)
			if !slices.Equal(heard.checks, want) {
				t.Errorf("%s %v are checked, want %v", when, heard.checks, want)
			}
			heard.checks = nil
		}
		var ids []identity.ID
		for number, portal := range []string{"p", "q", "p"} {
			b := businessOf(addOrganisation(t, db, portal, number+1), number+1)
			b.CheckDueAt = noon.Add(time.Hour + time.Duration(number)*time.Second)
			ids = append(ids, b.ID)
			within(t, db, identity.AcrossPortal(portal), func(ctx context.Context, s *store.Scope) error {
				return s.AddBusinessIdentity(ctx, b)
			})
		}
		slices.Sort(heard.checks)
		if !slices.Equal(heard.checks, ids) {
			t.Errorf("with their commits %v are checked, want %v", heard.checks, ids)
		}
		heard.checks = nil
		want("at once")
		db.Clock.Advance(2 * time.Hour)
		want("when all are due, of which two at a time", ids[0], ids[1])
		want("then", ids[2])
		want("when all wait for an answer")
		db.Clock.Advance(identity.RecheckPause)
		want("when no answer came", ids[0], ids[1])
	})
}
