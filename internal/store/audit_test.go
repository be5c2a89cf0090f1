package store_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// tamperings are what somebody with the owner's rights could do to an organisation's ten events, and where it shows.
var tamperings = []struct {
	name       string
	statements []string
	sequence   int64
}{
	{"an action is changed", []string{"UPDATE audit_events SET action = 'SIGNED_IN' WHERE sequence = 4"}, 4},
	{"an instant is changed", []string{"UPDATE audit_events SET at = '2025-06-11 12:00:00.000001+00:00' WHERE sequence = 4"}, 4},
	{"an actor is changed", []string{"UPDATE audit_events SET actor_id = 'usr_other' WHERE sequence = 4"}, 4},
	{"a target is changed", []string{"UPDATE audit_events SET target_id = 'usr_other' WHERE sequence = 4"}, 4},
	{"details are changed", []string{`UPDATE audit_events SET details = '{"number":"99"}' WHERE sequence = 4`}, 4},
	{"details are made unreadable", []string{"UPDATE audit_events SET details = 'x' WHERE sequence = 4"}, 4},
	{"an id is changed", []string{"UPDATE audit_events SET id = 'evt_other' WHERE sequence = 4"}, 4},
	{"the first is deleted", []string{"DELETE FROM audit_events WHERE sequence = 1"}, 1},
	{"one in the middle is deleted", []string{"DELETE FROM audit_events WHERE sequence = 4"}, 4},
	{"one in the middle is deleted, and the gap closed", []string{
		"DELETE FROM audit_events WHERE sequence = 4", "UPDATE audit_events SET sequence = -sequence WHERE sequence > 4",
		"UPDATE audit_events SET sequence = -sequence - 1 WHERE sequence < 0",
	}, 4},
	{"the end is cut off", []string{"DELETE FROM audit_events WHERE sequence > 7"}, 8},
	{"all are deleted", []string{"DELETE FROM audit_events"}, 1},
	{"the head is deleted", []string{"DELETE FROM audit_heads"}, 1},
	{"the head is put back", []string{"UPDATE audit_heads SET sequence = 8"}, 9},
	{"two are swapped", []string{
		"UPDATE audit_events SET sequence = -4 WHERE sequence = 4", "UPDATE audit_events SET sequence = 4 WHERE sequence = 5",
		"UPDATE audit_events SET sequence = 5 WHERE sequence = -4",
	}, 4},
	{"one is slipped in", []string{
		"UPDATE audit_events SET sequence = -sequence WHERE sequence > 4",
		"UPDATE audit_events SET sequence = 1 - sequence WHERE sequence < 0",
		copied + "5, 'evt_x', at, action, actor_id, target_id, details, previous_hash, hash, key_id, sealed_facts, facts_hash FROM audit_events WHERE sequence = 4",
	}, 5},
	{"one is added behind the end", []string{
		copied + "11, 'evt_x', at, action, actor_id, target_id, details, hash, hash, key_id, sealed_facts, facts_hash FROM audit_events WHERE sequence = 10",
	}, 11},
	{"one stands in another's place", []string{
		"DELETE FROM audit_events WHERE sequence = 4",
		copied + "4, id, at, action, actor_id, target_id, details, previous_hash, hash, key_id, sealed_facts, facts_hash FROM audit_events WHERE sequence = 6",
	}, 4},
}

const copied = "INSERT INTO audit_events SELECT portal, organisation_id, "

func TestTamperingWithTheAuditLogShows(t *testing.T) {
	t.Parallel()
	for _, tampering := range tamperings {
		t.Run(tampering.name, func(t *testing.T) {
			t.Parallel()
			testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
				o := logged(t, db)
				raw := owner(t, db)
				unlock(t, db)
				execute(t, raw, tampering.statements...)
				wantBroken(t, db, o, tampering.sequence)
			})
		})
	}
}

// Whoever can write the last event anew, with a hash that fits, must write the head too.
func TestALastEventThatWasExchangedShows(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := logged(t, db)
		var last identity.AuditEvent
		read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			part, err := s.AuditEvents(ctx, o.ID, identity.AuditFilter{}, identity.Page{First: 1})
			last = part.Items[0].AuditEvent
			return err
		})
		last.Action = identity.SignedIn
		forged := last.Link(last.Sequence, last.PreviousHash)
		unlock(t, db)
		bytes := map[bool]string{true: `'\x%s'`, false: `x'%s'`}[db.IsPostgres()]
		execute(t, owner(t, db), fmt.Sprintf("UPDATE audit_events SET action = '%s', hash = "+bytes+" WHERE sequence = 10",
			forged.Action, hex.EncodeToString(forged.Hash)))
		wantBroken(t, db, o, 10)
	})
}

func TestAnOrganisationWithoutEventsHasNoAuditLog(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		err := db.Read(t.Context(), o.Tenant(), func(s *store.Scope) error { return second(s.VerifyAudit(t.Context(), o.ID)) })
		wantRefusal(t, err, identity.NotFound)
		tenants, err := db.TenantsOf(t.Context(), "p")
		if err != nil || len(tenants) != 1 || tenants[0] != o.Tenant() {
			t.Errorf("the tenants to verify are %v (%v): an audit log that is gone isn't missed", tenants, err)
		}
	})
}

func TestSQLiteRefusesToChangeAnAuditEvent(t *testing.T) {
	t.Parallel()
	db := testrig.NewSQLite(t, testrig.NewClock())
	o := logged(t, db)
	raw := owner(t, db)
	for _, statement := range []string{
		"UPDATE audit_events SET action = 'SIGNED_IN' WHERE sequence = 4", "DELETE FROM audit_events WHERE sequence = 10",
		"INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events WHERE sequence = 4",
	} {
		if _, err := raw.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s: it was done", statement)
		}
	}
	within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return second(s.VerifyAudit(ctx, o.ID)) })
}

func TestALongAuditLogVerifies(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		const events = 2000 // a whole number of the batches in which they are read
		within(t, db, o.Tenant(), func(_ context.Context, s *store.Scope) error {
			for number := range events {
				s.Record(eventOf(o, number))
			}
			return nil
		})
		read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			n, err := s.VerifyAudit(ctx, o.ID)
			if n != events {
				t.Errorf("%d events verify, want %d", n, events)
			}
			return err
		})
	})
}

// logged makes an organisation with ten events.
func logged(t testing.TB, db testrig.Database) identity.Organisation {
	t.Helper()
	o := addOrganisation(t, db, "p", 1)
	for number := range 5 {
		within(t, db, o.Tenant(), func(_ context.Context, s *store.Scope) error {
			s.Record(eventOf(o, 2*number))
			s.Record(eventOf(o, 2*number+1))
			return nil
		})
	}
	return o
}

// unlock takes SQLite's triggers away, as somebody with the file can.
func unlock(t testing.TB, db testrig.Database) {
	t.Helper()
	if !db.IsPostgres() {
		execute(t, owner(t, db), "DROP TRIGGER audit_events_unchanged", "DROP TRIGGER audit_events_kept")
	}
}

func wantBroken(t testing.TB, db testrig.Database, o identity.Organisation, sequence int64) {
	t.Helper()
	err := db.Read(t.Context(), o.Tenant(), func(s *store.Scope) error { return second(s.VerifyAudit(t.Context(), o.ID)) })
	var fault *identity.ChainFault
	if !errors.As(err, &fault) || fault.Sequence != sequence {
		t.Errorf("answered %v, want a break at %d", err, sequence)
	}
}
