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

// TestWhatWasKeptLongEnoughGoesBatchByBatchInEveryPortal, with a file or without, and a fault in one kind keeps no other waiting.
func TestWhatWasKeptLongEnoughGoesBatchByBatchInEveryPortal(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 1) // one organisation of the portal "voorbeeld", which has no file here
		other := portal
		other.Slug = "ander"
		type turn struct {
			portal string
			what   identity.Retained
			count  int
			well   bool
		}
		told := make(chan turn, 100)
		batches := map[identity.Retained]int{}
		r.start(t, func(options *outbox.Options) {
			options.Portals = []identity.Portal{other}
			options.Retain = func(_ context.Context, p identity.Portal, what identity.Retained) (int, bool, error) {
				switch {
				case p.Slug == "voorbeeld" && p.Retention != identity.DefaultRetention:
					t.Error("a portal without a file isn't held to the default periods")
				case what == identity.RetainedUsers:
					return 0, false, errors.New("not today")
				case what == identity.RetainedLinks && p.Slug == "ander":
					batches[what]++
					return 5, batches[what] < 3, nil
				}
				return 0, false, nil
			}
			options.ObserveRetention = func(portal string, what identity.Retained, count int, well bool) {
				told <- turn{portal, what, count, well}
			}
		})
		for _, slug := range []string{"ander", "voorbeeld"} {
			for _, what := range identity.AllRetained {
				want := turn{slug, what, 0, what != identity.RetainedUsers}
				if what == identity.RetainedLinks && slug == "ander" {
					want.count = 15
				}
				select {
				case got := <-told:
					if got != want {
						t.Errorf("%+v was told, want %+v", got, want)
					}
				case <-time.After(patience):
					t.Fatalf("%+v wasn't told", want)
				}
			}
		}
	})
}
