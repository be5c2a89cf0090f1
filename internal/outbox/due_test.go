package outbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// TestWhatFallsDueIsAskedOfEveryPortalAndAFaultInOneKeepsNoOtherWaiting: a server that starts asks at once what fell due
// while none was there.
func TestWhatFallsDueIsAskedOfEveryPortalAndAFaultInOneKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 1)
		asked := make(chan string, 100)
		other := portal
		other.Slug = "ander"
		r.start(t, func(options *outbox.Options) {
			options.Portals = []identity.Portal{portal, other}
			options.PerformDue = func(_ context.Context, p identity.Portal) error {
				asked <- p.Slug
				return errors.New("not today")
			}
		})
		for _, want := range []string{"voorbeeld", "ander"} {
			select {
			case got := <-asked:
				if got != want {
					t.Errorf("%s was asked, want %s", got, want)
				}
			case <-time.After(patience):
				t.Fatalf("%s wasn't asked", want)
			}
		}
	})
}
