package outbox_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/sms"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestAnOldNumberIsToldOnceAndItsJobKnowsNothing(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newTexting(t, db)
		r.enqueueOnly(t)
		message := r.notice(t)
		if jobs := dump(t, r.owner(t), "river_job"); strings.Contains(jobs, phone[1:]) || !strings.Contains(jobs, string(message)) {
			t.Error("the job says more than which message: " + jobs)
		}
		if n := count(t, r.owner(t), "SELECT count(*) FROM messages WHERE sealed_token IS NULL AND sealed_number IS NOT NULL AND recipient = ''"); n != 1 {
			t.Error("its number isn't sealed alone: " + dump(t, r.owner(t), "messages"))
		}
		r.start(t, 0)
		r.expect(t, outbox.Delivered, 1)
		got := r.phones.Expect(t, phone)
		if !strings.HasPrefix(got.Body, "Op 11-06-2025 om ") || got.Within != sms.LongestValidity || r.phones.Attempts(phone) != 1 || r.spent(t) != 1 {
			t.Errorf("%d tries, %d counted: %+v", r.phones.Attempts(phone), r.spent(t), got)
		}
		if n := count(t, r.owner(t), "SELECT count(*) FROM messages WHERE sealed_number IS NULL AND provider_id = '"+got.ID+"'"); n != 1 {
			t.Error("the number is still there: " + dump(t, r.owner(t), "messages"))
		}
	})
}

func TestAnOldNumberThatTakesNoTextsIsNobodysFault(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newTexting(t, db)
		var log safeBuffer
		r.start(t, 0, func(o *outbox.Options) { o.Log = log.logger() })
		r.phones.Refuse(phone, http.StatusBadRequest, 21211, -1)
		r.notice(t)
		r.expect(t, outbox.Refused, 1)
		if r.settled(t, store.MessageRefused, "%Twilio 21211%") != 1 || r.phones.Attempts(phone) != 1 || r.refusedAt(t) != nil {
			t.Error("it is tried again, or the new factor is blamed: " + dump(t, r.owner(t), "messages"))
		}
		if strings.Contains(log.String(), "ERROR") || strings.Contains(log.String(), "WARN") {
			t.Error(log.String())
		}
	})
}

func TestTheReportOfANoticeSettlesItToo(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := newTexting(t, db)
		r.phones.LoseAnswers(phone, 1)
		r.start(t, 0, func(o *outbox.Options) { o.Backoff = func(int) time.Duration { return time.Hour } })
		message := r.notice(t)
		r.expect(t, outbox.Retried, 1)
		r.within(t, func(ctx context.Context, s *store.Scope) error {
			_, _, err := s.ReportText(ctx, message, identity.TextReport{ProviderID: "SM1", Status: identity.TextDelivered})
			return err
		})
		if r.settled(t, store.MessageDelivered, "") != 1 {
			t.Error("the provider has it, and it still waits to be handed over")
		}
	})
}
