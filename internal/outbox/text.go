package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/sms"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// deliverText hands a text to the provider and settles it before it returns, or leaves it for another attempt. An error
// ends the round.
//
// The provider knows no two requests for the same one. So the text is marked as tried before it is handed over, and the mark
// goes only where the provider says no: a text whose answer got lost, in a time-out or with the process, may have been
// taken. It is handed over again while it is of use, for somebody waits for it, and each such try counts in the budgets
// once more. Where the provider reports on it meanwhile, it is settled by that, and not handed over again.
func (r *round) deliverText(ctx context.Context, message store.QueuedMessage) error {
	began := time.Now()
	within, end, err := r.claim(ctx, message)
	switch {
	case errors.Is(err, identity.Refuse(identity.NotFound)):
		return nil // settled meanwhile
	case err != nil:
		return err
	case end.state != "":
		return r.settleText(ctx, message, began, end, "")
	}
	providerID, err := r.sendText(ctx, message, within)
	if err == nil {
		return r.settleText(ctx, message, began, ending{state: store.MessageDelivered}, providerID)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return river.JobSnooze(0) // broken off by Stop, which says nothing of the text
	}
	if end, final := r.judgeText(message, err); final {
		return r.settleText(ctx, message, began, end, "")
	}
	r.postponed++
	r.reason = err
	r.observeText(Retried, began)
	return r.takeBack(ctx, message, err)
}

// claim marks a text as tried, in a transaction that is over before it is handed to the provider; or answers an ending
// that keeps it from being handed over at all. It answers how long the text is of use.
func (r *round) claim(ctx context.Context, message store.QueuedMessage) (within time.Duration, end ending, err error) {
	portal := r.outbox.portals[message.Portal]
	err = r.outbox.options.DB.Within(ctx, r.tenant, func(s *store.Scope) error {
		text, err := s.LockText(ctx, message.ID)
		if err != nil {
			return err
		}
		end, within = ending{}, sms.LongestValidity
		if text.ExpiresAt != nil {
			within = text.ExpiresAt.Sub(s.Now)
		}
		switch {
		case within < time.Second:
			end = ending{store.MessageExpired, "it ran out before it could be delivered"}
			return nil
		case r.outbox.options.Texts == nil:
			end = ending{store.MessageExpired, "no provider of texts is set up"}
			return nil
		case text.Text.TriedAt != nil:
			exhausted, err := s.SpendText(ctx, r.tenant, text.Text.NumberKey, portal.SMS)
			if err != nil {
				return err
			}
			if exhausted.Budget != "" {
				end = ending{store.MessageExpired, "an answer got lost, and a budget forbids another try"}
				return nil
			}
		}
		return s.TryText(ctx, text.ID, &s.Now)
	})
	if err != nil {
		return within, end, fmt.Errorf("claim text %s: %w", message.ID, err)
	}
	return within, end, nil
}

// sendText brings the text to the provider, and answers its id there.
func (r *round) sendText(ctx context.Context, message store.QueuedMessage, within time.Duration) (string, error) {
	portal, known := r.outbox.portals[message.Portal]
	if !known {
		return "", fmt.Errorf("write text %s: there is no portal %s", message.ID, message.Portal)
	}
	var code []byte
	var err error
	if message.SealedToken != nil {
		if code, err = r.outbox.options.Keys.Open(message.SealedToken, []byte(message.ID)); err != nil {
			return "", fmt.Errorf("write text %s: open the code: %w", message.ID, err)
		}
	}
	number, err := r.outbox.options.Keys.Open(message.Text.SealedNumber, message.NumberSeal())
	if err != nil {
		return "", fmt.Errorf("write text %s: open the number: %w", message.ID, err)
	}
	body, err := sms.Write(portal, message.Message, string(code))
	if err != nil {
		return "", err
	}
	return r.outbox.options.Texts.Send(ctx, sms.Text{
		To: identity.PhoneNumber(number), Body: body, StatusURL: portal.TextStatusURL(message.Organisation, message.ID), Within: within,
	})
}

// judgeText tells whether a failure to send is the end of it: where the provider refused for good, and where no further try
// would come before it runs out.
func (r *round) judgeText(message store.QueuedMessage, failure error) (end ending, final bool) {
	refusal, refused := errors.AsType[*sms.Refusal](failure)
	if !refused {
		r.outbox.options.Log.Error("a text can't be written", "message", message.ID, "error", failure)
	}
	if refused && refusal.Final {
		if refusal.OfNumber {
			return ending{store.MessageRefused, refusal.Error()}, true
		}
		r.outbox.options.Log.Error("texts are refused: the account, the sender or the country", "message", message.ID, "error", failure)
		return ending{store.MessageExpired, refusal.Error()}, true
	}
	if tooLate := message.ExpiresAt != nil && !r.now.Add(r.wait).Before(*message.ExpiresAt); !r.last && !tooLate {
		return ending{}, false
	}
	if !refused {
		return ending{store.MessageExpired, "it could not be written"}, true
	}
	return ending{store.MessageExpired, refusal.Error()}, true
}

// takeBack takes the mark away where the provider has surely not taken the text.
func (r *round) takeBack(ctx context.Context, message store.QueuedMessage, failure error) error {
	if refusal, refused := errors.AsType[*sms.Refusal](failure); refused && refusal.Uncertain {
		return nil
	}
	return r.afterwards(ctx, func(ctx context.Context, s *store.Scope) error { return s.TryText(ctx, message.ID, nil) })
}

// settleText saves how it ended, and what that tells of the number.
func (r *round) settleText(ctx context.Context, message store.QueuedMessage, began time.Time, end ending, providerID string) error {
	err := r.afterwards(ctx, func(ctx context.Context, s *store.Scope) error {
		first, err := s.SettleText(ctx, message.ID, end.state, end.why, providerID)
		if err != nil || !first || end.state == store.MessageExpired {
			return err
		}
		return s.MarkNumber(ctx, message, end.state == store.MessageRefused, func(sealed []byte) bool {
			return r.outbox.options.Keys.HoldsNumber(message.Portal, string(message.Text.Factor), sealed, message.Text.NumberKey)
		})
	})
	if err != nil {
		return fmt.Errorf("settle text %s: %w", message.ID, err)
	}
	r.observeText(outcomes[end.state], began)
	return nil
}

// afterwards saves what came of a try, whatever becomes of the job meanwhile.
func (r *round) afterwards(ctx context.Context, work func(context.Context, *store.Scope) error) error {
	return r.outbox.afterwards(ctx, r.tenant, work)
}

func (r *round) observeText(outcome Outcome, began time.Time) {
	if observe := r.outbox.options.ObserveText; observe != nil {
		observe(outcome, time.Since(began))
	}
}
