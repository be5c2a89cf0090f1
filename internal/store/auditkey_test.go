package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestAUserHasOneKeyAMonthHoweverManyAreAddedAtOnce(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u := addUser(t, db, userOf(o, 1))
		answered := make(chan store.AuditKey, 1000)
		race(t, func(racer int) (bool, error) {
			mine := store.AuditKey{ID: id(identity.KindAuditKey, racer), Sealed: []byte{byte(racer)}}
			err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				key, err := s.AddAuditKey(t.Context(), u, mine)
				if err == nil {
					answered <- key
				}
				return err
			})
			return true, err
		})
		close(answered)
		kept := <-answered
		for key := range answered {
			if key.ID != kept.ID || string(key.Sealed) != string(kept.Sealed) {
				t.Errorf("one was answered %s, another %s", kept.ID, key.ID)
			}
		}
		read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			key, err := s.AuditKey(ctx, u)
			if key == nil || key.ID != kept.ID || string(key.Sealed) != string(kept.Sealed) {
				t.Errorf("kept is %v (%v), and %s was answered", key, err, kept.ID)
			}
			return err
		})
	})
}

func TestAnEventComesWithItsKeyUntilThatIsDestroyed(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u := addUser(t, db, userOf(o, 1))
		key := store.AuditKey{ID: id(identity.KindAuditKey, 1), Sealed: []byte("a sealed key")}
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			with, without := eventOf(o, 1), eventOf(o, 2)
			with.KeyID, with.SealedFacts, with.FactsHash = key.ID, []byte("sealed"), hash(1)
			s.Record(with)
			s.Record(without)
			return second(s.AddAuditKey(ctx, u, key))
		})
		want := func(sealedKey string, erased bool) {
			t.Helper()
			read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				part, err := s.AuditEvents(ctx, o.ID, identity.AuditFilter{}, everything)
				behind, failed := s.AuditEventsBehind(ctx, o.ID, identity.AuditFilter{}, 0, 10)
				if err := errors.Join(err, failed); err != nil {
					return err
				}
				for _, events := range [][]store.AuditEvent{{part.Items[1], part.Items[0]}, behind} {
					if string(events[0].SealedKey) != sealedKey || events[0].FactsErased != erased {
						t.Errorf("it comes with the key %q, erased: %t", events[0].SealedKey, events[0].FactsErased)
					}
					if events[1].SealedKey != nil || events[1].FactsErased {
						t.Errorf("one without facts comes with the key %q, erased: %t", events[1].SealedKey, events[1].FactsErased)
					}
				}
				return nil
			})
		}
		want("a sealed key", false)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return s.EraseUser(ctx, u.ID) })
		want("", true)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return second(s.VerifyAudit(ctx, o.ID)) })
	})
}
