package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river/rivertype"

	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Waits of 15 seconds, doubled each time up to four hours, add up to three days.
const (
	attempts    = 28
	firstWait   = 15 * time.Second
	longestWait = 4 * time.Hour
)

func backoff(attempt int) time.Duration {
	wait := firstWait
	for range attempt - 1 {
		wait = min(2*wait, longestWait)
	}
	return wait
}

// retrying tells River when a job that failed is tried again.
type retrying func(attempt int) time.Duration

// NextRetry is the instant of the next attempt.
func (r retrying) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(r(job.Attempt))
}

// ending is how the delivery of a message ended, and why.
type ending struct {
	state store.MessageState
	why   string
}

// judge tells whether a failure to send is the end of it. It is where the server refused for good, and where no further
// try would come, or none before the link expires.
func (r *round) judge(message store.QueuedMessage, failure error) (end ending, final bool) {
	refusal, refused := errors.AsType[*mail.Refusal](failure)
	if refused && refusal.Permanent {
		return ending{store.MessageRefused, refusal.Text}, true
	}
	if !refused {
		r.outbox.options.Log.Error("a mail can't be written", "message", message.ID, "error", failure)
	}
	if tooLate := message.ExpiresAt != nil && !r.now.Add(r.wait).Before(*message.ExpiresAt); !r.last && !tooLate {
		return ending{}, false
	}
	switch {
	case !refused:
		return ending{store.MessageExpired, "it could not be written"}, true
	case refusal.Stage == mail.AtRecipient && refusal.Code != 0:
		// Said of this address, each time for as long as it mattered: a full mailbox, a host that is gone.
		return ending{store.MessageRefused, refusal.Text}, true
	}
	return ending{store.MessageExpired, refusal.Text}, true
}

var outcomes = map[store.MessageState]Outcome{
	store.MessageDelivered: Delivered, store.MessageRefused: Refused, store.MessageExpired: Expired,
}

// settle saves how it ended, whatever becomes of the job meanwhile: what the server took must not be sent again.
func (r *round) settle(ctx context.Context, message store.QueuedMessage, began time.Time, end ending) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if err := r.outbox.options.DB.Settle(ctx, message.Message, end.state, end.why); err != nil {
		return fmt.Errorf("settle message %s: %w", message.ID, err)
	}
	r.outbox.observe(outcomes[end.state], time.Since(began))
	return nil
}

func (o *Outbox) observe(outcome Outcome, took time.Duration) {
	if o.options.Observe != nil {
		o.options.Observe(outcome, took)
	}
}
