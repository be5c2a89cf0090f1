package outbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/sms"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

const phone = "+31612345678"

func twilio(url string) sms.Options {
	return sms.Options{AccountSID: testrig.TwilioAccount, AuthToken: testrig.TwilioToken, From: testrig.TwilioFrom, BaseURL: url}
}

// texting is a rig whose first user has a phone.
type texting struct {
	*rig
	phones *testrig.Phones
}

func newTexting(t *testing.T, db testrig.Database) texting {
	t.Helper()
	r := texting{newRig(t, db, 1), testrig.NewPhones(t)}
	factor := identity.Factor{ID: id(identity.KindFactor, 1), User: r.users[0].ID, Kind: identity.SMS, EnrolledAt: noon}
	r.within(t, func(ctx context.Context, s *store.Scope) error {
		return s.AddFactor(ctx, r.users[0], factor, keys(t, ring).Seal([]byte(phone), []byte(factor.ID)), 0)
	})
	return r
}

// start makes an outbox that hands texts to the rig's phones, and waits for them no longer than that; 0: as ever.
func (r texting) start(t *testing.T, patience time.Duration, change ...func(*outbox.Options)) *outbox.Outbox {
	t.Helper()
	options := twilio(r.phones.URL())
	options.Timeout = patience
	texts, err := sms.NewSender(options)
	if err != nil {
		t.Fatal(err)
	}
	return r.rig.start(t, append(change, func(o *outbox.Options) {
		o.Texts, o.ObserveText = texts, func(outcome outbox.Outcome, _ time.Duration) { r.outcomes <- outcome }
	})...)
}

// code sends the user a code, as a use case does: one that works for ten minutes, counted before it goes.
func (r texting) code(t *testing.T) identity.ID {
	t.Helper()
	r.messages++
	message := identity.TextCodeMessage.To(portal, r.organisation, r.users[0])
	message.ID = id(identity.KindMessage, r.messages)
	r.within(t, func(ctx context.Context, s *store.Scope) error {
		expires := s.Now.Add(identity.CodeLifetime)
		message.ExpiresAt = &expires
		key := keys(t, ring).NumberKey(portal.Slug, phone)
		s.TellText(message, keys(t, ring).Seal([]byte("123456"), []byte(message.ID)), store.Text{
			Factor: id(identity.KindFactor, 1), NumberKey: key, SealedNumber: keys(t, ring).Seal([]byte(phone), message.NumberSeal()),
		})
		_, err := s.SpendText(ctx, r.organisation.Tenant(), key, portal.SMS)
		return err
	})
	return message.ID
}

// notice tells the user's old number that it was changed, as a use case does: a mail beside it leads back for a week.
func (r texting) notice(t *testing.T) identity.ID {
	t.Helper()
	r.messages++
	message := identity.TextPhoneChangedMessage.To(portal, r.organisation, r.users[0])
	message.ID = id(identity.KindMessage, r.messages)
	r.within(t, func(ctx context.Context, s *store.Scope) error {
		expires := s.Now.Add(identity.ContactUndoLifetime)
		message.ExpiresAt = &expires
		key := keys(t, ring).NumberKey(portal.Slug, phone)
		s.TellText(message, nil, store.Text{
			Factor: id(identity.KindFactor, 2), NumberKey: key, SealedNumber: keys(t, ring).Seal([]byte(phone), message.NumberSeal()),
		})
		_, err := s.SpendText(ctx, r.organisation.Tenant(), key, portal.SMS)
		return err
	})
	return message.ID
}

func (r texting) refusedAt(t *testing.T) (at *time.Time) {
	t.Helper()
	r.within(t, func(ctx context.Context, s *store.Scope) error {
		factors, err := s.Factors(ctx, r.users[0].ID)
		at = factors[0].RefusedAt
		return err
	})
	return at
}

// spent is how many texts to the number were counted.
func (r texting) spent(t *testing.T) int {
	t.Helper()
	return count(t, r.owner(t), "SELECT spent FROM text_budgets WHERE subject LIKE 'number %'")
}
