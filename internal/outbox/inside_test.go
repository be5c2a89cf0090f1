package outbox

import (
	"testing"
	"time"
)

// PresenceClass is what the advisory locks of processes have in common.
const PresenceClass = presenceClass

// TotalWait is for how long a message is tried.
func TotalWait() (total time.Duration) {
	for attempt := 1; attempt < attempts; attempt++ {
		total += backoff(attempt)
	}
	return total
}

// Stopping ends when Stop was called.
func (o *Outbox) Stopping() <-chan struct{} { return o.stopping.Done() }

// RescueWithoutMercy looks for jobs of nobody, and again an hour later.
func (o *Outbox) RescueWithoutMercy(t testing.TB) {
	t.Helper()
	pooled, err := o.options.DB.SystemPool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pooled.Release()
	for range 2 {
		if err := o.rescue(t.Context(), pooled.Conn(), time.Now()); err != nil {
			t.Fatal(err)
		}
		for id := range o.presence.missed {
			o.presence.missed[id] = time.Now().Add(-time.Hour)
		}
	}
}

// LosePresence makes the outbox think that it no longer shows the others that it lives, until it is given back.
func (o *Outbox) LosePresence() (giveBack func()) {
	o.presence.shown.Store(false)
	return func() { o.presence.shown.Store(true) }
}
