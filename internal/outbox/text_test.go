package outbox_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestATextIsHandedOverOnceAndForgotten(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newTexting(t, db)
		r.start(t, 0)
		message := r.code(t)
		r.expect(t, outbox.Delivered, 1)
		got := r.phones.Expect(t, phone)
		if got.Code() != "123456" || got.Within != 10*time.Minute || got.StatusURL != portal.TextStatusURL(r.organisation.ID, message) {
			t.Errorf("%+v", got)
		}
		if n := count(t, r.owner(t), "SELECT count(*) FROM messages WHERE sealed_token IS NULL AND sealed_number IS NULL AND provider_id = '"+got.ID+"'"); n != 1 {
			t.Error("what was sent is still there: " + dump(t, r.owner(t), "messages"))
		}
		if r.phones.Attempts(phone) != 1 || r.spent(t) != 1 || r.mailbox.Connections() != 0 {
			t.Error("it was handed over, or counted, more than once, or a mail server was asked")
		}
	})
}

func TestARefusalForGoodIsSeenOnTheNumberAndNotTriedAgain(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newTexting(t, db)
		r.start(t, 0)
		r.phones.Refuse(phone, http.StatusBadRequest, 21610, -1)
		r.code(t)
		r.expect(t, outbox.Refused, 1)
		if r.refusedAt(t) == nil || r.settled(t, store.MessageRefused, "%Twilio 21610%") != 1 || r.phones.Attempts(phone) != 1 {
			t.Error("it isn't seen: " + dump(t, r.owner(t), "messages"))
		}
		r.phones.Accept(phone)
		r.code(t)
		r.expect(t, outbox.Delivered, 1)
		if r.refusedAt(t) != nil {
			t.Error("a number that takes texts again still counts as refused")
		}
	})
}

func TestAFaultOfOursSaysNothingOfTheNumber(t *testing.T) {
	t.Parallel()
	r := newTexting(t, testrig.NewSQLite(t, testrig.NewClock()))
	var log safeBuffer
	r.start(t, 0, func(o *outbox.Options) { o.Log = log.logger() })
	r.phones.Refuse(phone, http.StatusUnauthorized, 20003, -1)
	r.code(t)
	r.expect(t, outbox.Expired, 1)
	if r.refusedAt(t) != nil || r.settled(t, store.MessageExpired, "%Twilio 20003%") != 1 || !strings.Contains(log.String(), "texts are refused") {
		t.Error(log.String())
	}
	if strings.Contains(log.String(), "612345678") || strings.Contains(log.String(), "123456") {
		t.Error("the log holds a number or a code: " + log.String())
	}
}

func TestWhatTwilioSurelyDidNotTakeIsTriedAgainAndCountsOnce(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newTexting(t, db)
		r.start(t, 0)
		r.phones.Refuse(phone, http.StatusTooManyRequests, 20429, 5)
		r.code(t)
		r.expect(t, outbox.Retried, 5)
		r.expect(t, outbox.Delivered, 1)
		if len(r.phones.All()) != 1 || r.spent(t) != 1 || r.refusedAt(t) != nil {
			t.Errorf("%d came, %d were counted", len(r.phones.All()), r.spent(t))
		}
	})
}

func TestEachTryAfterALostAnswerIsCountedOnceMore(t *testing.T) {
	t.Parallel()
	for name, misbehave := range map[string]func(*testrig.Phones){
		"the connection breaks":  func(p *testrig.Phones) { p.LoseAnswers(phone, 1) },
		"a page instead":         func(p *testrig.Phones) { p.AnswerHTML(phone, http.StatusOK, 1) },
		"a gateway's page":       func(p *testrig.Phones) { p.AnswerHTML(phone, http.StatusBadGateway, 1) },
		"the provider is broken": func(p *testrig.Phones) { p.Refuse(phone, http.StatusInternalServerError, 20500, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
				r := newTexting(t, db)
				r.start(t, 0)
				misbehave(r.phones)
				r.code(t)
				r.expect(t, outbox.Retried, 1)
				r.expect(t, outbox.Delivered, 1)
				if r.phones.Attempts(phone) != 2 || r.spent(t) != 2 {
					t.Errorf("%d tries, %d counted", r.phones.Attempts(phone), r.spent(t))
				}
				for _, text := range r.phones.All() {
					if text.Code() != "123456" {
						t.Error("a try carries another code: " + text.Body)
					}
				}
			})
		})
	}
}

func TestLostAnswersCannotSpendMoreThanTheBudget(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newTexting(t, db)
		r.start(t, 0)
		r.phones.LoseAnswers(phone, -1)
		r.code(t)
		r.expect(t, outbox.Retried, 3)
		r.expect(t, outbox.Expired, 1)
		if r.phones.Attempts(phone) != 3 || r.spent(t) != 3 || r.settled(t, store.MessageExpired, "%budget%") != 1 {
			t.Errorf("%d tries, %d counted", r.phones.Attempts(phone), r.spent(t))
		}
	})
}

func TestAProviderThatHangsIsLeftAndTheReportSettlesIt(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newTexting(t, db)
		release := r.phones.Hang()
		defer release()
		r.start(t, 100*time.Millisecond, func(o *outbox.Options) { o.Backoff = func(int) time.Duration { return 5 * time.Minute } })
		message := r.code(t)
		r.expect(t, outbox.Retried, 1)
		if r.settled(t, store.MessageQueued, "") != 1 {
			t.Fatal("it was given up")
		}
		r.within(t, func(ctx context.Context, s *store.Scope) error {
			_, _, err := s.ReportText(ctx, message, identity.TextReport{ProviderID: "SM1"})
			return err
		})
		if r.settled(t, store.MessageDelivered, "") != 1 {
			t.Error("the provider has it, and it still waits to be handed over")
		}
	})
}

func TestACodeThatRanOutIsNotSent(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newTexting(t, db)
		r.enqueueOnly(t)
		r.code(t)
		r.Clock.Advance(identity.CodeLifetime)
		r.start(t, 0)
		r.expect(t, outbox.Expired, 1)
		if r.phones.Attempts(phone) != 0 || r.settled(t, store.MessageExpired, "%ran out%") != 1 || r.refusedAt(t) != nil {
			t.Error(dump(t, r.owner(t), "messages"))
		}
	})
}

func TestATextIsGivenUpWhenTheNextTryWouldBeTooLateForItsCode(t *testing.T) {
	t.Parallel()
	r := newTexting(t, testrig.NewSQLite(t, testrig.NewClock()))
	r.phones.Refuse(phone, http.StatusTooManyRequests, 20429, -1)
	r.start(t, 0, func(o *outbox.Options) { o.Backoff = func(int) time.Duration { return identity.CodeLifetime } })
	r.code(t)
	r.expect(t, outbox.Expired, 1)
	if r.refusedAt(t) != nil || r.phones.Attempts(phone) != 1 {
		t.Error("the number is blamed, or it was tried again")
	}
}

func TestWithoutAProviderTextsAreGivenUp(t *testing.T) {
	t.Parallel()
	r := newTexting(t, testrig.NewSQLite(t, testrig.NewClock()))
	r.rig.start(t, func(o *outbox.Options) {
		o.ObserveText = func(outcome outbox.Outcome, _ time.Duration) { r.outcomes <- outcome }
	})
	r.code(t)
	r.expect(t, outbox.Expired, 1)
}

func TestANumberThatWasReplacedMeanwhileIsNotBlamed(t *testing.T) {
	t.Parallel()
	r := newTexting(t, testrig.NewSQLite(t, testrig.NewClock()))
	r.phones.Refuse(phone, http.StatusBadRequest, 21211, -1)
	r.enqueueOnly(t)
	r.code(t)
	r.within(t, func(ctx context.Context, s *store.Scope) error {
		factor := id(identity.KindFactor, 1)
		replaced, err := s.ReplaceNumber(ctx, r.users[0].ID, factor, keys(t, ring).Seal([]byte("+31687654321"), []byte(factor)), "+31 6 •••• ••21")
		if !replaced {
			err = errors.Join(err, errors.New("it wasn't replaced"))
		}
		return err
	})
	r.start(t, 0)
	r.expect(t, outbox.Refused, 1)
	if r.refusedAt(t) != nil {
		t.Error("the new number is blamed for the old one")
	}
}

func TestAProcessKilledWhileItHandsATextOverLosesNoneAndDoublesOneAtMost(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newTexting(t, db)
		r.enqueueOnly(t)
		r.code(t)
		release := r.phones.Hang()
		defer release()
		kill := r.spawn(t, childPhones+"="+r.phones.URL())
		r.phones.ExpectAttempts(t, phone, 1)
		kill()
		release()
		r.start(t, 0)
		r.expect(t, outbox.Delivered, 1)
		if r.phones.Attempts(phone) != 2 || r.spent(t) != 2 {
			t.Errorf("%d tries, %d counted: the one that was cut off may have been taken", r.phones.Attempts(phone), r.spent(t))
		}
	})
}
