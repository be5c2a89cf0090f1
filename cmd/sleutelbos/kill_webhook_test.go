package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// hooked is a receiver with the secret of its endpoint.
type hooked struct {
	*testrig.Receiver
	secret string
}

// hook makes an endpoint that is sent the events of every organisation.
func hook(t *testing.T, partner *rig.Browser) hooked {
	t.Helper()
	receiver := testrig.NewReceiver(t)
	made := partner.Do(fmt.Sprintf(`mutation { createWebhookEndpoint(input: {url: %q}) { secret userErrors { code path } } }`, receiver.URL))
	secret := made.String("createWebhookEndpoint.secret")
	if secret == "" {
		t.Fatal(made.Text)
	}
	return hooked{receiver, secret}
}

// logged is an event of the audit log by its id: its organisation and its place there.
type logged struct {
	organisation string
	sequence     int64
}

func (f *fleet) log() map[string]logged {
	f.t.Helper()
	rows, err := f.database.SystemSQL().QueryContext(f.t.Context(), "SELECT id, organisation_id, sequence FROM audit_events")
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]logged{}
	for rows.Next() {
		var id string
		var event logged
		if err := rows.Scan(&id, &event.organisation, &event.sequence); err != nil {
			f.t.Fatal(err)
		}
		all[id] = event
	}
	if err := rows.Err(); err != nil {
		f.t.Fatal(err)
	}
	return all
}

// wantEachEvent wants every event of the log at a receiver, those of one organisation in order, and one again only right behind
// itself, with the same id and body, as often as there were kills.
func (f *fleet) wantEachEvent(log map[string]logged, h hooked, kills int) {
	f.t.Helper()
	h.await(f.t, len(log))
	bodies, last, doubled := map[string][]byte{}, map[string]int64{}, 0
	for _, got := range h.All() {
		event, is := log[got.ID]
		if err := got.Verify(h.secret); err != nil || !is || got.Event().Data.ID != got.ID || got.Event().Data.OrganisationID != event.organisation {
			f.t.Errorf("%s isn't an event of the log: %v\n%s", got.ID, err, got.Body)
		}
		before, again := bodies[got.ID]
		switch {
		case !again && event.sequence == last[event.organisation]+1:
		case again && bytes.Equal(before, got.Body) && event.sequence == last[event.organisation]:
			doubled++
		default:
			f.t.Errorf("after event %d of its organisation comes (again: %t, the same: %t)\n%s", last[event.organisation], again, bytes.Equal(before, got.Body), got.Body)
		}
		bodies[got.ID], last[event.organisation] = got.Body, event.sequence
	}
	if len(bodies) != len(log) || doubled > kills {
		f.t.Errorf("of %d events %d came, %d of them twice, by %d kills", len(log), len(bodies), doubled, kills)
	}
	f.t.Logf("%d events came, %d of them twice", len(bodies), doubled)
}

// await waits until that many different events have come; the claim of a process that was killed lasts for 45 seconds.
func (h hooked) await(t *testing.T, events int) {
	t.Helper()
	deadline, again := time.After(2*time.Minute), time.NewTicker(100*time.Millisecond)
	defer again.Stop()
	for {
		different := map[string]bool{}
		for _, got := range h.All() {
			different[got.ID] = true
		}
		if len(different) >= events {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Errorf("of %d events only %d came", events, len(different))
			return
		}
	}
}

// wantEventsOf wants an event of each organisation that was acknowledged.
func (a *acknowledged) wantEventsOf(t *testing.T, log map[string]logged) {
	t.Helper()
	began := map[string]bool{}
	for _, event := range log {
		began[event.organisation] = true
	}
	var missing []string
	for name, id := range a.ids {
		if !began[id] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 || len(log) == 0 {
		t.Errorf("nothing is told of %s", strings.Join(missing, ", "))
	}
}
