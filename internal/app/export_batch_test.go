package app_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// fill adds events to an organisation's audit log.
func fill(t *testing.T, r *rig.Rig, organisation identity.ID, count int) {
	t.Helper()
	err := r.Database.Within(t.Context(), identity.Tenant{Portal: "tvm", Organisation: organisation}, func(s *store.Scope) error {
		for range count {
			s.Record(identity.AuditEvent{ID: "evt_1", Portal: "tvm", Organisation: organisation, Action: identity.SignedIn})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnExportReadsAThousandEventsAtATimeUpToTheHeadThatItBeganWith(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := rig.New(t, db)
		id := identity.ID(r.Organisation("tvm", "joosten", "main@joosten.test"))
		partner := identity.Actor{Portal: r.Portal("tvm"), Token: &identity.APIToken{Organisation: id, Scopes: []identity.APIScope{identity.AuditRead}}}
		for _, more := range []int{1990, 7, 500} { // the second makes it a whole number of batches
			fill(t, r, id, more)
			found, err := r.App.ExportAudit(t.Context(), partner, id, identity.AuditFilter{})
			if err != nil {
				t.Fatal(err)
			}
			last, grown := int64(0), false
			count, err := found.Each(t.Context(), func(events []identity.AuditEvent) error {
				for _, e := range events {
					if last++; e.Sequence != last {
						t.Fatalf("event %d follows %d", e.Sequence, last-1)
					}
				}
				if len(events) > 1000 {
					t.Errorf("%d events at a time", len(events))
				}
				if !grown {
					fill(t, r, id, 1)
					grown = true
				}
				return nil
			})
			if err != nil || count != found.Head.Sequence || last != count {
				t.Errorf("%d events up to %d (%v), and the head is at %d", count, last, err, found.Head.Sequence)
			}
		}
		gone := errors.New("gone")
		found, err := r.App.ExportAudit(t.Context(), partner, id, identity.AuditFilter{})
		if err == nil {
			_, err = found.Each(context.Background(), func([]identity.AuditEvent) error { return gone })
		}
		if !errors.Is(err, gone) {
			t.Errorf("a client that left is answered %v", err)
		}
	})
}
