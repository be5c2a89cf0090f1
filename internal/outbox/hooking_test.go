package outbox_test

import (
	"context"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/webhook"
)

func toThisMachine() outbox.Webhooks {
	return outbox.Webhooks{Sender: webhook.NewSender(webhook.Options{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})}
}

// hook adds an endpoint at the receiver, and as many events behind it, in one transaction each.
func (r *rig) hook(t *testing.T, receiver *testrig.Receiver, events int) {
	t.Helper()
	drawn, err := secret.NewWebhookSecret(testrig.Random(1))
	if err != nil {
		t.Fatal(err)
	}
	endpoint := identity.WebhookEndpoint{
		ID: id(identity.KindWebhook, 1), Portal: r.organisation.Portal, Organisation: r.organisation.ID, URL: receiver.URL, CreatedAt: noon,
		CreatedBy: r.organisation.MainUserID, Owner: r.organisation.MainUserID,
	}
	sealed := store.WebhookSecrets{Sealed: keys(t, ring).SealWebhook(drawn, string(endpoint.ID))}
	r.within(t, func(ctx context.Context, s *store.Scope) error {
		_, err := s.AddWebhookEndpoint(ctx, endpoint, sealed)
		return err
	})
	for number := range events {
		r.within(t, func(_ context.Context, s *store.Scope) error {
			s.Record(identity.AuditEvent{
				ID: id(identity.KindEvent, number), Portal: endpoint.Portal, Organisation: endpoint.Organisation, Action: identity.UserInvited,
			})
			return nil
		})
	}
}

func TestAProcessKilledInTheMidstLosesNoWebhookAndDoublesOnlyTheOneInFlight(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		const events, before = 40, 15
		r, receiver := newRig(t, db, 1), testrig.NewReceiver(t)
		r.hook(t, receiver, events)
		release := make(chan struct{})
		for range before {
			receiver.Answer(testrig.AnswerWith(http.StatusNoContent))
		}
		receiver.Answer(func(http.ResponseWriter, *http.Request) { <-release })
		kill := r.spawn(t)
		await(t, "a webhook in flight", func() bool { return len(receiver.All()) > before })
		kill()
		close(release)
		db.Clock.Advance(time.Minute) // past the claim of the one that died
		r.start(t, func(o *outbox.Options) { o.Webhooks = toThisMachine() })
		await(t, "every webhook", func() bool { return len(receiver.All()) > events })
		for i, got := range receiver.All() {
			number := i
			if i > before {
				number-- // the one in flight came again
			}
			if got.ID != string(id(identity.KindEvent, number)) || got.Event().Data.ID != got.ID {
				t.Errorf("webhook %d is %s, of %s, want event %d", i, got.ID, got.Event().Data.ID, number)
			}
		}
	})
}

func TestTwoOutboxesOnOnePostgreSQLSendEachWebhookOnceAndOneAtATime(t *testing.T) {
	t.Parallel()
	r, receiver := newRig(t, testrig.NewPostgres(t, testrig.NewClock()), 1), testrig.NewReceiver(t)
	other := *r
	other.Database = r.Open(t)
	var both []*outbox.Outbox
	for _, one := range []*rig{r, &other} {
		both = append(both, one.start(t, func(o *outbox.Options) {
			o.Webhooks = toThisMachine()
			o.Webhooks.Pause = time.Millisecond
		}))
	}
	const events = 40
	r.hook(t, receiver, events) // and both look for work meanwhile
	await(t, "every webhook", func() bool {
		both[0].LookForWebhooks()
		both[1].LookForWebhooks()
		return len(receiver.All()) >= events
	})
	for number, got := range receiver.All() {
		if got.ID != string(id(identity.KindEvent, number)) {
			t.Errorf("webhook %d is %s", number, got.ID)
		}
	}
	if got := receiver.Most(); got != 1 || len(receiver.All()) != events {
		t.Errorf("%d webhooks came for %d events, %d of them at once", len(receiver.All()), events, got)
	}
}
