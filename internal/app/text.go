package app

import (
	"context"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/phone"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// BeginSMSEnrolment sends a code to a number, so that texts to it can become a factor. The answer is the same whoever else
// has the number. Wrong codes stay counted however often it is begun anew, and with whatever number.
func (a *App) BeginSMSEnrolment(ctx context.Context, actor identity.Actor, number identity.PhoneNumber) (CodeEnrolment, error) {
	return a.beginCodeEnrolment(ctx, actor, identity.SMS, func() (identity.PhoneLine, error) {
		return readLine(actor.Portal, number, "input", "phoneNumber")
	})
}

// readLine makes a line of a number that somebody typed, where the portal sends texts to it.
func readLine(portal identity.Portal, number identity.PhoneNumber, path ...string) (identity.PhoneLine, error) {
	line, err := phone.Read(string(number), path...)
	if err != nil {
		return line, err
	}
	return line, portal.SMS.Admit(line, path...)
}

// numberOf opens the number of one of the user's factors.
func (a *App) numberOf(ctx context.Context, s *store.Scope, user identity.User, id identity.ID) (identity.PhoneNumber, error) {
	factor, err := s.LockFactor(ctx, user.ID, id)
	if err != nil {
		return "", err
	}
	number, err := a.keys.Open(factor.SealedSecret, []byte(id))
	if err != nil {
		return "", fmt.Errorf("open the number of factor %s: %w", id, err)
	}
	return identity.PhoneNumber(number), nil
}

// lineOf is what is known of the number of one of the user's factors.
func (a *App) lineOf(ctx context.Context, s *store.Scope, user identity.User, id identity.ID) (identity.PhoneLine, error) {
	number, err := a.numberOf(ctx, s, user, id)
	if err != nil {
		return identity.PhoneLine{}, err
	}
	line, err := phone.Read(string(number))
	if err != nil { // given out once, and taken back by its country
		return line, identity.Refuse(identity.DeliveryUnavailable)
	}
	return line, nil
}

// sealLine seals the number to its factor, so that it opens in no other row; a mailbox has nothing to seal.
func (a *App) sealLine(to destination) []byte {
	if to.kind != identity.SMS {
		return []byte{}
	}
	return a.keys.Seal([]byte(to.line.Number), []byte(to.factor))
}

// textTo is what a text needs beside its words.
func (a *App) textTo(message identity.Message, to destination) store.Text {
	return store.Text{
		Factor: to.factor, SealedNumber: a.keys.Seal([]byte(to.line.Number), message.NumberSeal()),
		NumberKey: a.keys.NumberKey(message.Portal, string(to.line.Number)),
	}
}

// spendOnText counts a text before it is sent. Past a budget it refuses. Which budget it is only the operator is told: two
// of them are of others' making too.
func (a *App) spendOnText(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, number identity.PhoneNumber) error {
	allowed, err := a.countText(ctx, s, actor, organisation, number)
	if err == nil && !allowed {
		return store.Keep(identity.Refuse(identity.DeliveryUnavailable))
	}
	return err
}

// countText counts a text before it is sent, or answers that a budget forbids it; the organisation's audit log tells so the
// first time in a day, and the operator each time.
func (a *App) countText(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, number identity.PhoneNumber) (allowed bool, err error) {
	key := a.keys.NumberKey(organisation.Portal, string(number))
	exhausted, err := s.SpendText(ctx, organisation.Tenant(), key, actor.Portal.SMS)
	if err != nil || exhausted.Budget == "" {
		return err == nil, err
	}
	a.exhausted(organisation.Portal, exhausted.Budget)
	a.log.WarnContext(ctx, "a budget of texts is used up", "portal", organisation.Portal, "organisation", organisation.ID,
		"budget", exhausted.Budget, "requestId", actor.Client.RequestID)
	if exhausted.First {
		a.record(s, actor, organisation, identity.TextBudgetExhausted, organisation.ID, nil)
	}
	return false, nil
}

// ReportText saves what the provider tells of a text, which the caller has made sure comes from the provider; or refuses
// with NOT_FOUND for a text that there isn't.
func (a *App) ReportText(ctx context.Context, portal identity.Portal, organisation, message identity.ID, report identity.TextReport) error {
	if organisation.Kind() != identity.KindOrganisation || message.Kind() != identity.KindMessage {
		return identity.Refuse(identity.NotFound)
	}
	return a.db.Within(ctx, identity.Tenant{Portal: portal.Slug, Organisation: organisation}, func(s *store.Scope) error {
		text, ended, err := s.ReportText(ctx, message, report)
		if err != nil || !ended || report.Status != identity.TextDelivered && !report.OfNumber {
			return err
		}
		return s.MarkNumber(ctx, text, report.Status != identity.TextDelivered, func(sealed []byte) bool {
			return a.keys.HoldsNumber(portal.Slug, string(text.Text.Factor), sealed, text.Text.NumberKey)
		})
	})
}
