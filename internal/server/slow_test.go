package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/server"
)

// TestWhoWaitedForASlowDatabaseIsNotTakenForOneWhoAsksTooMuch has a request that came long ago, and was overtaken by
// others of its address, admitted at the instant at which it gets there.
func TestWhoWaitedForASlowDatabaseIsNotTakenForOneWhoAsksTooMuch(t *testing.T) {
	t.Parallel()
	noon := time.Date(2025, time.June, 11, 12, 0, 0, 0, time.UTC)
	instants := []time.Duration{ // of each request: when it came, was admitted, and was answered
		time.Minute, time.Minute, time.Minute,
		0, time.Minute + time.Second, time.Minute + time.Second,
	}
	r := newRig(t, func(o *server.Options) {
		o.Anonymous = server.Rate{Burst: 1, PerSecond: 1}
		o.Clock = func() time.Time {
			now := noon.Add(instants[0])
			instants = instants[1:]
			return now
		}
	})
	for range 2 {
		if answer := r.post("/graphql"); answer.Code != http.StatusOK {
			t.Errorf("status %d: %s", answer.Code, answer.Body)
		}
	}
}
