package main

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// acknowledged are the organisations that clients were told of, by the names that they asked for.
type acknowledged struct {
	mutex sync.Mutex
	ids   map[string]string
}

func TestAServerKilledAgainAndAgainLosesNothingAcknowledgedAndDoublesNothingBeyondItsID(t *testing.T) {
	t.Parallel()
	f := newFleet(t, testrig.NewPostgres(t, nil))
	killed, survivor := f.start(), f.start()
	r := f.rig()
	partner := f.partner(r)
	receivers := []hooked{hook(t, partner), hook(t, partner), hook(t, partner)}
	told := acknowledged{ids: map[string]string{}}
	ctx, enough := context.WithCancel(t.Context())
	client := func(number int) func(int) {
		return func(turn int) { told.createWithRetries(t, partner, fmt.Sprintf("Org%d-%d", number, turn)) }
	}
	wait := all(ctx, client(1), client(2), client(3), client(4))
	const kills = 6
	for kill := 1; kill <= kills; kill++ {
		f.mailbox.ExpectTotal(t, kill*15) // it is in the midst of work
		f.end(killed, syscall.SIGKILL)
		killed = f.start()
	}
	enough()
	wait()
	f.expectNoneQueued()

	t.Logf("%d organisations were acknowledged during %d kills, and %d mails came", len(told.ids), kills, f.mailbox.Total())
	told.wantEach(t, f)
	told.wantSameAgain(t, partner)
	told.wantMails(t, f, kills*4) // workers of each server
	log := f.log()
	told.wantEventsOf(t, log)
	for _, receiver := range receivers {
		f.wantEachEvent(log, receiver, kills)
	}
	f.end(survivor, syscall.SIGTERM)
}

// createWithRetries asks for an organisation until it is acknowledged, with the same key each time, as a partner does
// whose connection broke.
func (a *acknowledged) createWithRetries(t *testing.T, partner *rig.Browser, name string) {
	for {
		answer, err := partner.Try(createOrganisation, organisationNamed(name))
		if id := answer.String("createOrganisation.organisation.id"); err == nil && id != "" {
			a.mutex.Lock()
			defer a.mutex.Unlock()
			a.ids[name] = id
			return
		}
		if err == nil && answer.Code() != "INTERNAL" { // which is what a request hears whose server's database went
			t.Errorf("%s: %s", name, answer.Text)
			return
		}
	}
}

// expectNoneQueued waits until each message is settled; those of a server that was killed are taken over some seconds later.
func (f *fleet) expectNoneQueued() {
	f.t.Helper()
	f.await("messages are still queued", func() bool { return f.count("SELECT count(*) FROM messages WHERE state = 'QUEUED'") == 0 })
}

// await waits until something holds.
func (f *fleet) await(complaint string, holds func() bool) {
	f.t.Helper()
	deadline, again := time.After(2*time.Minute), time.NewTicker(20*time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-deadline:
			f.t.Fatal(complaint)
		}
	}
}

func (f *fleet) count(query string) (count int) {
	f.t.Helper()
	if err := f.database.SystemSQL().QueryRowContext(f.t.Context(), query).Scan(&count); err != nil {
		f.t.Fatal(err)
	}
	return count
}

// wantEach wants every organisation that was acknowledged to be there, once.
func (a *acknowledged) wantEach(t *testing.T, f *fleet) {
	t.Helper()
	for name, id := range a.ids {
		named := f.count("SELECT count(*) FROM organisations WHERE name = '" + name + "'")
		if same := f.count("SELECT count(*) FROM organisations WHERE organisation_id = '" + id + "'"); named != 1 || same != 1 {
			t.Errorf("%s, acknowledged as %s, is there %d times, %d times so", name, id, named, same)
		}
	}
}

// wantSameAgain wants who asks once more with the same key to hear what they heard.
func (a *acknowledged) wantSameAgain(t *testing.T, partner *rig.Browser) {
	t.Helper()
	for name, id := range a.ids {
		again := partner.Do(createOrganisation, organisationNamed(name))
		if got := again.String("createOrganisation.organisation.id"); got != id {
			t.Errorf("%s is %s, and asked for again it is %s", name, id, again.Text)
		}
	}
}

// wantMails wants a mail for each organisation, and a second one only as the same mail, as often as a kill can cause.
func (a *acknowledged) wantMails(t *testing.T, f *fleet, most int) {
	t.Helper()
	came := f.mailed(most)
	for name := range a.ids {
		if address := organisationNamed(name)["email"].(string); !came[address] {
			t.Errorf("no mail came to %s", address)
		}
	}
}

// mailed are the addresses that mails came to. A second one is to be the same mail, and there are to be at most so many.
func (f *fleet) mailed(most int) map[string]bool {
	f.t.Helper()
	came, addresses := map[string]string{}, map[string]bool{}
	for _, mail := range f.mailbox.All() {
		if before, twice := came[mail.To]; twice && before != mail.MessageID {
			f.t.Errorf("two different mails came to %s: %s and %s", mail.To, before, mail.MessageID)
		}
		came[mail.To], addresses[mail.To] = mail.MessageID, true
	}
	doubled := f.mailbox.Total() - len(came)
	f.t.Logf("mails came to %d people, %d of them twice", len(came), doubled)
	if doubled > most {
		f.t.Errorf("%d mails came twice, more than were in flight", doubled)
	}
	return addresses
}
