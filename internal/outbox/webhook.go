package outbox

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/webhook"
)

// Webhooks is what brings audit events to partners' endpoints.
type Webhooks struct {
	// Sender sends them; nil: nothing is sent, and events wait in the audit log.
	Sender *webhook.Sender
	// Random spreads the waits between tries; nil: crypto/rand.Reader.
	Random io.Reader
	// Pause is for how long nobody looks for work again, so that a busy portal isn't looked through with each commit; 0: a
	// fifth of a second.
	Pause time.Duration
	// Observe is told how each try ended and how long it took; nil: nobody is.
	Observe func(outcome Outcome, took time.Duration)
	// Idle is told whenever a courier has come back; nil: nobody is.
	Idle func()
}

// webhookLease is for how long a process holds an endpoint without a sign of life: longer than a try takes, with the saving
// of what came of it.
const webhookLease = 45 * time.Second

// errand is one event on its way to one endpoint.
type errand struct {
	endpoint identity.WebhookEndpoint
	secrets  store.WebhookSecrets
	event    store.QueuedEvent
	at       time.Time
}

// visit brings an endpoint what there is for it, one event after the other, until there is nothing more, something was not
// accepted, or its turn is over.
func (o *Outbox) visit(ctx context.Context, endpoint identity.WebhookEndpoint) error {
	for began := time.Now(); o.stopping.Err() == nil && time.Since(began) < turn; {
		next, found, err := o.nextErrand(ctx, endpoint)
		if err != nil || !found {
			return err
		}
		goesOn, err := o.do(ctx, next)
		if errors.Is(err, errBrokenOff) {
			break
		}
		if err != nil || !goesOn {
			return err
		}
	}
	return o.afterwards(ctx, endpoint.Tenant(), func(ctx context.Context, s *store.Scope) error {
		return s.ReleaseWebhook(ctx, endpoint.ID, o.id)
	})
}

// errBrokenOff is what becomes of a try that Stop broke off, which says nothing of the endpoint.
var errBrokenOff = errors.New("broken off")

// do makes one try and saves what came of it; false where the endpoint's turn is over with it.
func (o *Outbox) do(ctx context.Context, e errand) (goesOn bool, err error) {
	tried := time.Now()
	ctx, span := o.options.Tracer.Job(ctx, "webhook", o.couriers.recall(e.event.ID))
	defer func() { span.End(!goesOn) }()
	attempt := o.run(ctx, e)
	if ctx.Err() != nil && !attempt.Accepted() {
		return false, errBrokenOff
	}
	return o.settleErrand(ctx, e, attempt, tried)
}

// nextErrand claims the endpoint and finds out what is next; false, and the claim let go, where there is nothing.
func (o *Outbox) nextErrand(ctx context.Context, endpoint identity.WebhookEndpoint) (e errand, found bool, err error) {
	err = o.options.DB.Within(ctx, endpoint.Tenant(), func(s *store.Scope) error {
		e.at, found = s.Now, false
		var claimed bool
		e.endpoint, e.secrets, claimed, err = s.ClaimWebhook(ctx, endpoint.ID, o.id, webhookLease)
		if err != nil || !claimed {
			return err
		}
		if e.event, found, err = s.NextWebhookEvent(ctx, e.endpoint); err != nil || found {
			return err
		}
		return s.ReleaseWebhook(ctx, endpoint.ID, o.id)
	})
	return e, found, err
}

// run makes one try.
func (o *Outbox) run(ctx context.Context, e errand) identity.WebhookAttempt {
	keys, err := o.keysOf(e)
	if err != nil {
		o.options.Log.Error("a webhook can't be signed", "endpoint", e.endpoint.ID, "error", err)
		return identity.WebhookAttempt{Failure: identity.WebhookUnreadable}
	}
	return o.options.Webhooks.Sender.Send(ctx, webhook.Request{
		URL: e.endpoint.URL, ID: e.event.ID, At: e.at, Body: webhook.Payload(e.event.AuditEvent), Keys: keys,
	})
}

// keysOf are the endpoint's secret and, while they overlap, the one before it.
func (o *Outbox) keysOf(e errand) (keys [][]byte, err error) {
	sealed := [][]byte{e.secrets.Sealed}
	if until := e.endpoint.PreviousSecretUntil; until != nil && e.at.Before(*until) {
		sealed = append(sealed, e.secrets.Previous)
	}
	for _, one := range sealed {
		var opened secret.WebhookSecret
		if opened, err = o.options.Keys.OpenWebhook(one, string(e.endpoint.ID)); err != nil {
			return nil, err
		}
		keys = append(keys, opened.Key())
	}
	return keys, nil
}

// settleErrand saves what came of a try; false where the endpoint's turn is over with it.
func (o *Outbox) settleErrand(ctx context.Context, e errand, attempt identity.WebhookAttempt, tried time.Time) (goesOn bool, err error) {
	tenant, outcome := e.endpoint.Tenant(), Delivered
	if !attempt.Accepted() {
		tenant = identity.AcrossPortal(e.endpoint.Portal) // its owner may be staff, and belong elsewhere
	}
	err = o.afterwards(ctx, tenant, func(ctx context.Context, s *store.Scope) error {
		goesOn = false
		before, held, err := s.HeldWebhook(ctx, e.endpoint.ID, o.id)
		if err != nil || !held {
			return err // somebody else goes on from where it was
		}
		after, state := before.After(attempt, s.Now, o.jitter())
		outcome = map[identity.WebhookDeliveryState]Outcome{
			identity.WebhookDelivered: Delivered, identity.WebhookPending: Retried, identity.WebhookGivenUp: Expired,
		}[state]
		if err := s.SettleWebhook(ctx, after, e.event, state, attempt); err != nil {
			return err
		}
		if goesOn = attempt.Accepted(); goesOn && before.FailedAttempts == 0 {
			return nil // nothing of it has changed
		}
		return errors.Join(s.SaveWebhookEndpoint(ctx, after), o.endTurn(ctx, s, before, after, goesOn))
	})
	if err != nil {
		return false, fmt.Errorf("settle webhook %s: %w", e.event.ID, err)
	}
	if observe := o.options.Webhooks.Observe; observe != nil {
		observe(outcome, time.Since(tried))
	}
	return goesOn, nil
}

// endTurn lets go of an endpoint that is not to be tried again now, and tells its owner where it was disabled.
func (o *Outbox) endTurn(ctx context.Context, s *store.Scope, before, after identity.WebhookEndpoint, goesOn bool) error {
	if goesOn {
		return nil
	}
	if err := s.ReleaseWebhook(ctx, after.ID, o.id); err != nil || before.DisabledAt != nil || after.DisabledAt == nil {
		return err
	}
	return o.tellDisabled(ctx, s, after)
}

// tellDisabled puts it into the audit log, and mails the endpoint's owner: the user behind it or, where they are gone, the
// main user.
func (o *Outbox) tellDisabled(ctx context.Context, s *store.Scope, endpoint identity.WebhookEndpoint) error {
	organisation, err := s.WebhookOrganisation(ctx, endpoint)
	if err != nil {
		return ignoreGone(err) // a portal without staff has nobody to tell
	}
	s.Record(identity.AuditEvent{
		ID: o.newID(identity.KindEvent, s.Now), Portal: organisation.Portal, Organisation: organisation.ID,
		Action: identity.WebhookWasDisabled, Target: endpoint.ID, Details: map[string]string{"for": string(endpoint.DisabledFor)},
	})
	owner, err := s.User(ctx, endpoint.Owner)
	if errors.Is(err, identity.Refuse(identity.NotFound)) || err == nil && (owner.Status() != identity.StatusActive || owner.Email == "") {
		owner, err = s.User(ctx, organisation.MainUserID)
	}
	if err != nil || owner.Email == "" {
		return ignoreGone(err)
	}
	home, err := s.Organisation(ctx, owner.OrganisationID)
	if err != nil {
		return err
	}
	message := identity.WebhookDisabledMessage.To(o.portals[endpoint.Portal], home, owner)
	message.ID, message.OrganisationName, message.WebhookHost = o.newID(identity.KindMessage, s.Now), organisation.Name, endpoint.Host()
	s.Tell(message, nil)
	return nil
}

func (o *Outbox) newID(kind identity.Kind, at time.Time) identity.ID {
	var random [10]byte
	_, _ = rand.Read(random[:]) // it never fails
	return identity.NewID(kind, at, random)
}

// jitter is evenly spread from 0 up to 1.
func (o *Outbox) jitter() float64 {
	random := o.options.Webhooks.Random
	if random == nil {
		random = rand.Reader
	}
	var bits [8]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return 0.5 // no spread does no harm
	}
	return float64(binary.BigEndian.Uint64(bits[:])>>11) / (1 << 53)
}

// afterwards saves what came of a try, whatever becomes of the courier meanwhile.
func (o *Outbox) afterwards(ctx context.Context, tenant identity.Tenant, work func(context.Context, *store.Scope) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	return o.options.DB.Within(ctx, tenant, func(s *store.Scope) error { return work(ctx, s) })
}
