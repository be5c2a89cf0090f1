package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// TestWhatServedBeforeAnInstantIsForgottenInOnePortalAlone: what is served was made at noon; things expire an hour later.
func TestWhatServedBeforeAnInstantIsForgottenInOnePortalAlone(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		served(t, db)
		raw := owner(t, db)
		for _, kind := range []struct {
			what identity.Retained
			rows string
			end  time.Time // the last instant at which they are kept
		}{
			{identity.RetainedLinks, "links", noon.Add(time.Hour)},
			{identity.RetainedSessions, "sessions", noon},
			{identity.RetainedMessages, "messages WHERE state = 'DELIVERED'", noon},
			{identity.RetainedImports, "import_rows", noon}, // which go with their imports
			{identity.RetainedKeys, "idempotency_keys", noon},
		} {
			for _, at := range []struct {
				before time.Time
				gone   int
			}{{kind.end, 0}, {kind.end.Add(time.Microsecond), 1}, {kind.end.Add(time.Hour), 0}} {
				gone, err := db.Forget(t.Context(), "tvm", kind.what, store.Before{At: at.before, Most: 10})
				if err != nil || gone != at.gone {
					t.Errorf("%s: before %s, %d are gone (%v), want %d", kind.what, at.before, gone, err, at.gone)
				}
			}
			if left := count(t, raw, "SELECT count(*) FROM "+kind.rows); left != 1 {
				t.Errorf("%s: %d are left, want the other portal's", kind.what, left)
			}
		}
		if _, err := db.Forget(t.Context(), "tvm", identity.RetainedUsers, store.Before{At: noon, Most: 1}); err == nil {
			t.Error("users are deleted as rows")
		}
	})
}

func TestNoMoreIsForgottenAtOnceThanWasAskedFor(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "tvm", 1)
		u := addUser(t, db, userOf(o, 1))
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			var all error
			for number := range 5 {
				all = errors.Join(all, s.AddLinks(ctx, store.HashedLink{Link: linkOf(u, number+1), TokenHash: hash(number + 1)}))
			}
			return all
		})
		for _, want := range []int{2, 2, 1, 0} {
			gone, err := db.Forget(t.Context(), "tvm", identity.RetainedLinks, store.Before{At: noon.Add(24 * time.Hour), Most: 2})
			if err != nil || gone != want {
				t.Errorf("%d are gone (%v), want %d", gone, err, want)
			}
		}
	})
}

func TestPortalsAreKnownByWhatIsKeptOfThem(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		addOrganisation(t, db, "tvm", 1)
		addOrganisation(t, db, "tvm", 2)
		addOrganisation(t, db, "gone", 3)
		if slugs, err := db.Portals(t.Context()); err != nil || len(slugs) != 2 || slugs[0] != "gone" || slugs[1] != "tvm" {
			t.Errorf("%v (%v)", slugs, err)
		}
	})
}
