package main

import (
	"context"
	"time"
)

// pace is how long work takes, as far as anybody outside can tell.
const pace = 250 * time.Millisecond

// steadily runs work and comes back a whole number of paces after it was called, so that the time of an answer doesn't
// tell what was found. It is an app.Steady.
func steadily(ctx context.Context, work func() error) error {
	began := time.Now()
	err := work()
	rest := time.NewTimer(pace - time.Since(began)%pace)
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-ctx.Done(): // nobody waits for the answer any more
	}
	return err
}
