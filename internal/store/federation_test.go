package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestAJourneyEndsOnceForItsBrowserAndItsState(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		if err := db.AddJourney(t.Context(), journeyOf("p", 1), "state"); err != nil {
			t.Fatal(err)
		}
		end := func(portal, provider, state string, browser int) bool {
			t.Helper()
			_, _, won, err := db.EndJourney(t.Context(), portal, provider, state, hash(browser))
			if err != nil {
				t.Error(err)
			}
			return won
		}
		if end("q", "eherkenning", "state", 1) || end("p", "other", "state", 1) || end("p", "eherkenning", "other", 1) || end("p", "eherkenning", "state", 2) {
			t.Error("a journey ends for another's portal, provider, state or browser")
		}
		if wins := race(t, func(int) (bool, error) { return end("p", "eherkenning", "state", 1), nil }); wins != 1 {
			t.Errorf("a journey ended %d times", wins)
		}
	})
}

func TestAnAssertionIsUsedOnce(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		use := func(portal string, a identity.Assertion) bool {
			t.Helper()
			first, err := db.UseAssertion(t.Context(), portal, a)
			if err != nil {
				t.Error(err)
			}
			return first
		}
		if wins := race(t, func(int) (bool, error) { return use("p", assertionOf(1)), nil }); wins != 1 {
			t.Errorf("an assertion was used %d times", wins)
		}
		other, elsewhere := assertionOf(1), assertionOf(1)
		other.Issuer, elsewhere.Environment = "https://other.test", "elsewhere"
		if !use("p", other) || !use("p", elsewhere) || !use("p", assertionOf(2)) || !use("q", assertionOf(1)) {
			t.Error("another's assertion counts as used")
		}
		db.Clock.Advance(time.Minute + 2*time.Hour)
		if err := db.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !use("p", assertionOf(1)) {
			t.Error("nothing was swept")
		}
	})
}

func TestARefusalIsNotedOnceInAWhileForEachProviderReasonAndAccount(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		note := func(provider string, code identity.Code, user identity.ID) (isNews bool) {
			t.Helper()
			within(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) (err error) {
				isNews, err = s.NoteRefusal(ctx, h.organisation, provider, code, user)
				return err
			})
			return isNews
		}
		again := func(int) (bool, error) { return note("eherkenning", identity.AssuranceTooLow, ""), nil }
		if wins := race(t, again); wins != 1 {
			t.Errorf("one refusal was noted %d times", wins)
		}
		if !note("other", identity.AssuranceTooLow, "") || !note("eherkenning", identity.EstablishmentUnknown, "") ||
			!note("eherkenning", identity.AssuranceTooLow, h.user.ID) {
			t.Error("another refusal counts as noted")
		}
		db.Clock.Advance(identity.RefusalPause - time.Microsecond)
		if wins := race(t, again); wins != 0 {
			t.Error("it is noted again too early")
		}
		db.Clock.Advance(time.Microsecond)
		if wins := race(t, again); wins != 1 {
			t.Errorf("after the pause it was noted %d times", wins)
		}
	})
}
