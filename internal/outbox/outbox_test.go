package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestWhatIsCommittedIsDelivered(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 60)
		r.start(t)
		r.tell(t, r.users...)
		for _, user := range r.users {
			got := r.mailbox.Expect(t, string(user.Email))
			if got.Token != tokenOf(user) || !strings.HasPrefix(got.Link, "https://mijn.voorbeeld.nl/wachtwoord#token=") {
				t.Errorf("the link is %s", got.Link)
			}
		}
		r.expect(t, outbox.Delivered, len(r.users))
		if got := r.settled(t, store.MessageDelivered, ""); got != len(r.users) || r.mailbox.Total() != len(r.users) {
			t.Errorf("%d of %d are settled, %d came", got, len(r.users), r.mailbox.Total())
		}
	})
}

func TestWhatIsRolledBackIsNotDelivered(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 2)
		r.start(t)
		failed := errors.New("no")
		err := r.Within(t.Context(), r.organisation.Tenant(), func(s *store.Scope) error {
			r.tellIn(t, s, r.users[0])
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		// The rolled back job would be the older one, and go first.
		r.tell(t, r.users[1])
		r.expect(t, outbox.Delivered, 1)
		if got := r.mailbox.All(); len(got) != 1 || got[0].To != string(r.users[1].Email) {
			t.Errorf("%d mails came, the first to %s", len(got), got[0].To)
		}
		if got := count(t, r.owner(t), "SELECT count(*) FROM river_job WHERE kind = 'delivery'"); got != 1 {
			t.Error(got, "jobs")
		}
	})
}

func TestATransactionWhoseJobsCannotBeAddedIsRolledBack(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 1)
		r.enqueueOnly(t)
		if _, err := r.owner(t).ExecContext(t.Context(), "ALTER TABLE river_job RENAME TO gone"); err != nil {
			t.Fatal(err)
		}
		err := r.Within(t.Context(), r.organisation.Tenant(), func(s *store.Scope) error {
			r.tellIn(t, s, r.users[0])
			return nil
		})
		if err == nil || count(t, r.owner(t), "SELECT count(*) FROM messages") != 0 {
			t.Errorf("the message stands without its job (%v)", err)
		}
	})
}

func TestAnOutboxThatIsNotStartedLeavesMessagesToOthers(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 30)
		r.enqueueOnly(t)
		r.tell(t, r.users...)
		if got := r.settled(t, store.MessageQueued, ""); got != 30 {
			t.Fatal(got, "are queued")
		}
		r.start(t)
		r.expect(t, outbox.Delivered, 30)
	})
}

func TestRiverHoldsNothingButIDs(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 2)
		r.mailbox.RefuseTemporarily(string(r.users[0].Email), 1)
		r.mailbox.Refuse(string(r.users[1].Email), 550, "who is "+string(r.users[1].Email)+" https://x/#token="+tokenOf(r.users[1]))
		raw := r.owner(t)
		r.enqueueOnly(t)
		told := r.tell(t, r.users...)
		args := fmt.Sprintf(`{"portal":"voorbeeld","organisation":"%s","messages":["%s","%s"]}`, r.organisation.ID, told[0], told[1])
		query := "SELECT count(*) FROM river_job WHERE args = '" + args + "'::jsonb"
		if !r.IsPostgres() {
			query = "SELECT count(*) FROM river_job WHERE json(args) = '" + args + "'"
		}
		if got := count(t, raw, query); got != 1 {
			t.Error(got, "jobs are as they should be")
		}
		r.start(t)
		r.expectAll(t, map[outbox.Outcome]int{outbox.Retried: 1, outbox.Refused: 1, outbox.Delivered: 1})
		for _, marker := range []string{"marker-token", "transport.test", "User 1", "Wientjes"} {
			for _, table := range []string{"river_job", "river_notification", "river_queue", "river_leader"} {
				if strings.Contains(dump(t, raw, table), marker) {
					t.Errorf("%s holds %q: %s", table, marker, dump(t, raw, table))
				}
			}
		}
		if got := count(t, raw, "SELECT count(*) FROM messages WHERE sealed_token IS NOT NULL"); got != 0 {
			t.Error(got, "tokens are left")
		}
		if text := dump(t, raw, "messages"); !strings.Contains(text, "who is [hidden] [link]") {
			t.Error("the refusal isn't told:", text)
		}
	})
}

func TestAStoppedOutboxFinishesTheMailInFlightAndBeginsNoOther(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 3)
		release := r.mailbox.Hang()
		o := r.start(t)
		r.tell(t, r.users...)
		r.mailbox.ExpectAttempts(t, string(r.users[0].Email), 1)
		stopped := make(chan error)
		go func() { stopped <- o.Stop(context.Background()) }()
		<-o.Stopping()
		release()
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		if got := r.mailbox.Total(); got != 1 || r.settled(t, store.MessageDelivered, "") != 1 {
			t.Errorf("%d mails came, %d are settled, want the one in flight", got, r.settled(t, store.MessageDelivered, ""))
		}
		r.start(t)
		r.expect(t, outbox.Delivered, 3)
		if r.mailbox.Total() != 3 {
			t.Error(r.mailbox.Total(), "mails came")
		}
	})
}

func TestAnOutboxThatMustStopNowBreaksOffAndSendsAgainLater(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 1)
		release := r.mailbox.Hang()
		defer release()
		o := r.start(t, func(o *outbox.Options) { o.Attempts = 1 })
		r.tell(t, r.users...)
		r.mailbox.ExpectAttempts(t, string(r.users[0].Email), 1)
		now, cancel := context.WithCancel(t.Context())
		cancel()
		if err := o.Stop(now); !errors.Is(err, context.Canceled) {
			t.Error("want to be told that something was broken off, got", err)
		}
		release()
		r.start(t)
		r.expect(t, outbox.Delivered, 1)
	})
}

func TestOneWhoWaitsForALinkDoesNotWaitForABigSend(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 101)
		r.enqueueOnly(t)
		r.tell(t, r.users[:100]...)
		r.tell(t, r.users[100])
		r.start(t, func(o *outbox.Options) { o.Workers = 1 })
		r.expect(t, outbox.Delivered, 101)
		if got := r.mailbox.All()[0].To; got != string(r.users[100].Email) {
			t.Error("first came the mail to", got)
		}
	})
}

func TestWhatHasServedIsSweptWithoutAsking(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 1)
		r.tell(t, r.users[0]) // before there is an outbox: it has no job
		r.Clock.Advance(10 * 24 * time.Hour)
		r.start(t)
		raw := r.owner(t)
		await(t, "the lost message to be settled", func() bool {
			return count(t, raw, "SELECT count(*) FROM messages WHERE state = 'EXPIRED'") == 1
		})
	})
}

func TestAnUnknownPortalIsAFault(t *testing.T) {
	t.Parallel()
	r := newRig(t, testrig.NewSQLite(t, testrig.NewClock()), 1)
	r.start(t, func(o *outbox.Options) { o.Portals, o.Attempts = nil, 2 })
	r.tell(t, r.users...)
	r.expect(t, outbox.Retried, 1)
	r.expect(t, outbox.Expired, 1)
	if got := r.settled(t, store.MessageExpired, "it could not be written"); got != 1 {
		t.Error(got, "are given up")
	}
}
