package outbox_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestATemporaryRefusalIsTriedAgainAsTheSameMail(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 3)
		r.mailbox.RefuseTemporarily(string(r.users[1].Email), 2)
		r.start(t)
		told := r.tell(t, r.users...)
		r.expectAll(t, map[outbox.Outcome]int{outbox.Delivered: 3, outbox.Retried: 2})
		r.mailbox.ExpectAttempts(t, string(r.users[1].Email), 3)
		if got := r.mailbox.Expect(t, string(r.users[1].Email)).MessageID; got != "<"+string(told[1])+"@voorbeeld.nl>" {
			t.Error("the retry is", got)
		}
		if r.mailbox.Total() != 3 || r.settled(t, store.MessageDelivered, "") != 3 || r.user(t, 1).EmailRefusedAt != nil {
			t.Errorf("%d came, %d are settled", r.mailbox.Total(), r.settled(t, store.MessageDelivered, ""))
		}
	})
}

func TestAnotherTryBeginsWithAnotherMail(t *testing.T) {
	t.Parallel()
	r := newRig(t, testrig.NewSQLite(t, testrig.NewClock()), 3)
	for _, user := range r.users {
		r.mailbox.RefuseTemporarily(string(user.Email), 1)
	}
	r.start(t)
	r.tell(t, r.users...)
	r.expect(t, outbox.Retried, 3)
	r.expect(t, outbox.Delivered, 3)
	for i, came := range r.mailbox.All() {
		if want := r.users[(i+1)%3].Email; came.To != string(want) {
			t.Errorf("mail %d is to %s, want %s", i, came.To, want)
		}
	}
}

func TestALostAnswerMakesTheSameMailComeTwice(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 3)
		r.mailbox.LoseAnswers(1)
		r.start(t)
		r.tell(t, r.users...)
		r.expectAll(t, map[outbox.Outcome]int{outbox.Delivered: 3, outbox.Retried: 1})
		first, second := r.mailbox.Expect(t, string(r.users[0].Email)), r.mailbox.Expect(t, string(r.users[0].Email))
		if first.Raw != second.Raw || r.mailbox.Total() != 4 {
			t.Errorf("the second is another mail, or %d came", r.mailbox.Total())
		}
	})
}

func TestAPermanentRefusalIsSeenAndNotTriedAgain(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 3)
		r.mailbox.Refuse(string(r.users[1].Email), 550, "unknown user")
		r.start(t)
		r.tell(t, r.users...)
		r.expectAll(t, map[outbox.Outcome]int{outbox.Delivered: 2, outbox.Refused: 1})
		if r.user(t, 1).EmailRefusedAt == nil || r.user(t, 0).EmailRefusedAt != nil || r.user(t, 2).EmailRefusedAt != nil {
			t.Error("it isn't seen on the user, or on others")
		}
		if r.settled(t, store.MessageRefused, "unknown user") != 1 || r.settled(t, store.MessageDelivered, "") != 2 {
			t.Error("it isn't told why")
		}
		// An address that takes mail again is fine again.
		r.mailbox.Accept(string(r.users[1].Email))
		r.tell(t, r.users[1])
		r.expect(t, outbox.Delivered, 1)
		if r.user(t, 1).EmailRefusedAt != nil || r.mailbox.Total() != 3 {
			t.Error("the address still counts as refused")
		}
	})
}

func TestMailsWaitForAServerThatIsDown(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 30)
		r.mailbox.GoDown()
		r.start(t)
		r.tell(t, r.users...)
		r.expect(t, outbox.Retried, 30)
		if r.settled(t, store.MessageQueued, "") != 30 {
			t.Error("not all wait")
		}
		r.mailbox.ComeUp()
		for _, user := range r.users {
			r.mailbox.Expect(t, string(user.Email))
		}
	})
}

func TestAServerThatNobodyAnswersAtIsTriedOnceARound(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	r := newRig(t, testrig.NewSQLite(t, testrig.NewClock()), 5)
	r.start(t, func(o *outbox.Options) {
		o.Sender, o.Attempts = sender(t, "smtp://"+closed.Addr().String()+"?tls=none"), 3
	})
	r.tell(t, r.users...)
	r.expect(t, outbox.Retried, 10)
	r.expect(t, outbox.Expired, 5)
	if r.settled(t, store.MessageExpired, "%refused%") != 5 || r.user(t, 1).EmailRefusedAt != nil {
		t.Error("the end isn't told, or blamed on the address: " + dump(t, r.owner(t), "messages"))
	}
}

func TestAfterTheLastTryAnAddressThatNeverTookItCountsAsRefused(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 2)
		r.mailbox.Refuse(string(r.users[1].Email), 452, "mailbox full")
		r.start(t, func(o *outbox.Options) { o.Attempts = 3 })
		r.tell(t, r.users...)
		r.expectAll(t, map[outbox.Outcome]int{outbox.Delivered: 1, outbox.Retried: 2, outbox.Refused: 1})
		if r.settled(t, store.MessageRefused, "mailbox full") != 1 || r.user(t, 1).EmailRefusedAt == nil {
			t.Error("it isn't seen: " + dump(t, r.owner(t), "messages"))
		}
	})
}

func TestALinkThatExpiredIsNotSent(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newRig(t, db, 1)
		r.enqueueOnly(t)
		r.tell(t, r.users...)
		r.Clock.Advance(time.Hour)
		r.start(t)
		r.expect(t, outbox.Expired, 1)
		if r.mailbox.Total() != 0 || r.settled(t, store.MessageExpired, "%expired%") != 1 || r.user(t, 0).EmailRefusedAt != nil {
			t.Error(r.mailbox.Total(), "mails came: "+dump(t, r.owner(t), "messages"))
		}
	})
}

func TestAMailIsGivenUpWhenTheNextTryWouldBeTooLateForItsLink(t *testing.T) {
	t.Parallel()
	r := newRig(t, testrig.NewSQLite(t, testrig.NewClock()), 2)
	r.mailbox.Refuse(string(r.users[0].Email), 451, "busy")
	r.start(t, func(o *outbox.Options) { o.Backoff = func(int) time.Duration { return time.Hour } })
	r.tell(t, r.users...)
	r.expectAll(t, map[outbox.Outcome]int{outbox.Refused: 1, outbox.Delivered: 1})
	if r.user(t, 0).EmailRefusedAt == nil {
		t.Error("nobody can see that the user wasn't reached")
	}
}

func TestATokenThatCannotBeOpenedIsAFaultAndNoSecretIsLogged(t *testing.T) {
	t.Parallel()
	r := newRig(t, testrig.NewSQLite(t, testrig.NewClock()), 1)
	var log safeBuffer
	r.start(t, func(o *outbox.Options) {
		o.Keys, o.Log, o.Attempts = keys(t, "k2:"+strings.Repeat("B", 42)+"A="), log.logger(), 2
	})
	r.tell(t, r.users...)
	r.expect(t, outbox.Retried, 1)
	r.expect(t, outbox.Expired, 1)
	if text := log.String(); strings.Count(text, "a mail can't be written") != 2 || !strings.Contains(text, "open the token") || strings.Contains(text, "marker") || strings.Contains(text, "transport.test") {
		t.Error(text)
	}
}

func TestTryingGoesOnForThreeDays(t *testing.T) {
	t.Parallel()
	total := outbox.TotalWait()
	if total < 70*time.Hour || total > 80*time.Hour {
		t.Error(total)
	}
}
