package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestAnImportIsLoadedAsItWasBegun(t *testing.T) {
	trip[identity.Import]{
		fit: func(v *identity.Import, o identity.Organisation) {
			v.Portal, v.Organisation, v.Total, v.Done, v.Failed = o.Portal, o.ID, 3, 1, 1
		},
		save: func(ctx context.Context, s *store.Scope, v identity.Import) error {
			_, begun := s.BeginImport(ctx, v)
			return errors.Join(begun, s.AddImportRows(ctx, v, sealedRowOf(1), sealedRowOf(2), sealedRowOf(3)),
				second(s.SettleImportRow(ctx, v, identity.ImportRow{Number: 1, State: identity.RowDone})),
				second(s.SettleImportRow(ctx, v, identity.ImportRow{Number: 3, State: identity.RowFailed})))
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, v identity.Import) (identity.Import, error) {
			return s.ImportProgress(ctx, v.ID)
		},
	}.run(t)
}

func TestARowOfAnImportIsSettledOnceAndForgetsWhatStoodInIt(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		of := importOf(o, 1)
		failed := identity.ImportRow{
			Number: 2, State: identity.RowFailed,
			Refusals: []*identity.Error{identity.Refuse(identity.EmailTaken, "email"), identity.Refuse(identity.AccountLimitReached)},
		}
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return errors.Join(second(s.BeginImport(ctx, of)), s.AddImportRows(ctx, of, sealedRowOf(1), sealedRowOf(2)))
		})
		won := race(t, func(int) (won bool, err error) {
			err = db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				won, err = s.SettleImportRow(t.Context(), of, failed)
				return err
			})
			return won, err
		})
		if won != 1 {
			t.Errorf("it was settled %d times", won)
		}
		if n := count(t, owner(t, db), "SELECT count(*) FROM import_rows WHERE sealed IS NOT NULL"); n != 1 {
			t.Errorf("%d rows keep what stood in them, want the one that waits", n)
		}
		read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			state := identity.RowFailed
			rows, err := s.ImportRows(ctx, of, &state, everything)
			if err != nil || len(rows.Items) != 1 || len(rows.Items[0].Refusals) != 2 || rows.Items[0].Refusals[0].Path[0] != "email" {
				t.Errorf("the report is %v (%v)", rows.Items, err)
			}
			return nil
		})
	})
}

func TestAPartThatFailsLeavesNothingAndTheRestStands(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		good, bad := userOf(o, 1), userOf(o, 2)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			part := func(u identity.User, end error) error {
				return s.Try(ctx, func() error {
					s.Record(eventOf(o, int(u.ID[len(u.ID)-1])))
					s.Tell(messageOf(u, int(u.ID[len(u.ID)-1])), nil)
					return errors.Join(s.AddUser(ctx, u), end)
				})
			}
			if err := part(bad, errPart); !errors.Is(err, errPart) {
				t.Errorf("answered %v", err)
			}
			wantRefusal(t, s.Try(ctx, func() error { // breaks a rule of the database's own, which voids a transaction of PostgreSQL
				taken := userOf(o, 3)
				taken.Email = userOf(o, 0).Email
				return s.AddUser(ctx, taken)
			}), identity.EmailTaken)
			return part(good, nil)
		})
		raw := owner(t, db)
		for query, want := range map[string]int{"users": 2, "messages": 1, "audit_events": 1} {
			if got := count(t, raw, "SELECT count(*) FROM "+query); got != want {
				t.Errorf("%d %s, want %d", got, query, want)
			}
		}
	})
}
