package app

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// NewWebhook is a webhook endpoint to be made.
type NewWebhook struct {
	// Organisation is the one whose events are sent; nil: the token's own, or every customer's.
	Organisation *identity.ID
	URL          string
	Description  string
	// Actions are those whose events are sent; empty: all.
	Actions        []identity.Action
	IdempotencyKey *string
}

// ShownWebhook is an endpoint with a secret that is shown this once.
type ShownWebhook struct {
	Endpoint identity.WebhookEndpoint
	Secret   string
}

// CreateWebhook makes an endpoint, which is sent what happens from then on.
func (a *App) CreateWebhook(ctx context.Context, actor identity.Actor, wanted NewWebhook) (ShownWebhook, error) {
	note, err := identity.CleanWebhookNote(wanted.Description, "input", "description")
	if err = errors.Join(err, identity.CheckWebhookURL(wanted.URL, a.webhookNetworks, "input", "url")); err != nil {
		return ShownWebhook{}, err
	}
	var shown ShownWebhook
	if wanted.Organisation == nil && actor.Tenant().Chosen() != nil {
		return ShownWebhook{}, identity.Refuse(identity.InvalidInput, "input", "organisationId") // which of the several
	}
	asked := request{operation: "createWebhookEndpoint", key: wanted.IdempotencyKey, input: wanted}
	err = once(ctx, a, actor, asked, &shown, func(s *store.Scope) error {
		endpoint := identity.WebhookEndpoint{
			ID: a.newID(identity.KindWebhook, s.Now), Portal: actor.Portal.Slug, Organisation: actor.Tenant().Organisation,
			URL: wanted.URL, Description: note, Actions: wanted.Actions, CreatedAt: s.Now, CreatedBy: actor.ID(), Owner: actor.WebhookOwner(),
		}
		if wanted.Organisation != nil {
			organisation, err := s.Organisation(ctx, *wanted.Organisation)
			if err != nil || organisation.IsOperator && actor.Token != nil {
				return at(errors.Join(err, identity.Refuse(identity.NotFound)), "input", "organisationId")
			}
			endpoint.Organisation = organisation.ID
		}
		drawn, err := secret.NewWebhookSecret(a.random)
		if err != nil {
			return err
		}
		shown = ShownWebhook{endpoint, drawn.Reveal()}
		added, err := s.AddWebhookEndpoint(ctx, endpoint, store.WebhookSecrets{Sealed: a.keys.SealWebhook(drawn, string(endpoint.ID))})
		if err != nil || !added {
			return errors.Join(err, identity.Refuse(identity.WebhookLimitReached, "input"))
		}
		return a.recordWebhook(ctx, s, actor, endpoint, identity.WebhookCreated, map[string]string{"host": endpoint.Host()})
	})
	return shown, err
}

// recordWebhook puts it into the log of the organisation whose events the endpoint is sent or, for those of all customers, of
// the operating one. A portal that nobody operates yet has no such log.
func (a *App) recordWebhook(ctx context.Context, s *store.Scope, actor identity.Actor, endpoint identity.WebhookEndpoint, action identity.Action, details map[string]string) error {
	organisation, err := s.WebhookOrganisation(ctx, endpoint)
	if err == nil {
		a.record(s, actor, organisation, action, endpoint.ID, details)
	}
	return ignoreNotFound(err)
}

// onWebhook runs work on an endpoint of the tenant that the actor's work reaches.
func (a *App) onWebhook(ctx context.Context, actor identity.Actor, asked request, id identity.ID, work func(*store.Scope, *identity.WebhookEndpoint) error) (identity.WebhookEndpoint, error) {
	var endpoint identity.WebhookEndpoint
	err := once(ctx, a, actor, asked, &endpoint, func(s *store.Scope) (err error) {
		if endpoint, err = s.WebhookEndpoint(ctx, id); err != nil {
			return at(err, "input", "id")
		}
		return work(s, &endpoint)
	})
	return endpoint, err
}

// WebhookChange is what becomes of an endpoint; what is nil stays.
type WebhookChange struct {
	ID               identity.ID
	URL, Description *string
	// Actions, where it isn't nil, become those whose events are sent; empty: all.
	Actions []identity.Action
	// Enabled false ends sending, true goes on where it ended.
	Enabled *bool
}

// UpdateWebhook changes an endpoint, or switches it off and on.
func (a *App) UpdateWebhook(ctx context.Context, actor identity.Actor, change WebhookChange) (identity.WebhookEndpoint, error) {
	return a.onWebhook(ctx, actor, request{}, change.ID, func(s *store.Scope, endpoint *identity.WebhookEndpoint) error {
		if err := change.apply(endpoint, a.webhookNetworks, s.Now); err != nil {
			return err
		}
		if err := s.SaveWebhookEndpoint(ctx, *endpoint); err != nil {
			return err
		}
		return a.recordWebhook(ctx, s, actor, *endpoint, identity.WebhookUpdated, map[string]string{"host": endpoint.Host()})
	})
}

func (change WebhookChange) apply(endpoint *identity.WebhookEndpoint, allowed []netip.Prefix, now time.Time) (err error) {
	if change.URL != nil {
		endpoint.URL = *change.URL
		err = identity.CheckWebhookURL(endpoint.URL, allowed, "input", "url")
	}
	if change.Description != nil {
		var wrong error
		endpoint.Description, wrong = identity.CleanWebhookNote(*change.Description, "input", "description")
		err = errors.Join(err, wrong)
	}
	if change.Actions != nil {
		endpoint.Actions = change.Actions
	}
	switch {
	case change.Enabled == nil:
	case *change.Enabled:
		*endpoint = endpoint.Enable()
	default:
		*endpoint = endpoint.Disable(identity.WebhookByHand, now)
	}
	return err
}

// WebhookRotation is another secret for an endpoint; both are used until the overlap ends.
type WebhookRotation struct {
	ID             identity.ID
	Overlap        time.Duration
	IdempotencyKey *string
}

// RotateWebhookSecret gives an endpoint another secret. Requests are signed with the one before it too, until the overlap
// ends; with one that is older no more.
func (a *App) RotateWebhookSecret(ctx context.Context, actor identity.Actor, wanted WebhookRotation) (ShownWebhook, error) {
	var shown ShownWebhook
	if err := identity.CheckOverlap(wanted.Overlap, "input", "overlapSeconds"); err != nil {
		return shown, err
	}
	asked := request{operation: "rotateWebhookSecret", key: wanted.IdempotencyKey, input: wanted}
	err := once(ctx, a, actor, asked, &shown, func(s *store.Scope) error {
		endpoint, secrets, err := s.WebhookWithSecrets(ctx, wanted.ID)
		if err != nil {
			return at(err, "input", "id")
		}
		drawn, err := secret.NewWebhookSecret(a.random)
		if err != nil {
			return err
		}
		secrets = store.WebhookSecrets{Sealed: a.keys.SealWebhook(drawn, string(endpoint.ID)), Previous: secrets.Sealed}
		endpoint.PreviousSecretUntil = new(s.Now.Add(wanted.Overlap))
		if wanted.Overlap == 0 {
			secrets.Previous, endpoint.PreviousSecretUntil = nil, nil
		}
		shown = ShownWebhook{endpoint, drawn.Reveal()}
		if err := s.SaveWebhookSecrets(ctx, endpoint, secrets); err != nil {
			return err
		}
		return a.recordWebhook(ctx, s, actor, endpoint, identity.WebhookSecretRotated, nil)
	})
	return shown, err
}

// DeleteWebhook takes an endpoint away. What is on its way to it then may still arrive.
func (a *App) DeleteWebhook(ctx context.Context, actor identity.Actor, id identity.ID) error {
	_, err := a.onWebhook(ctx, actor, request{}, id, func(s *store.Scope, endpoint *identity.WebhookEndpoint) error {
		if err := s.RemoveWebhookEndpoint(ctx, id); err != nil {
			return err
		}
		return a.recordWebhook(ctx, s, actor, *endpoint, identity.WebhookDeleted, nil)
	})
	return err
}

// Redelivery is what to send to an endpoint again: one event, or all since an instant.
type Redelivery struct {
	ID             identity.ID
	Event          *identity.ID
	Since          *time.Time
	IdempotencyKey *string
}

// RedeliverWebhook has events sent again, and does away with a wait between two tries: what is asked for is sent now.
func (a *App) RedeliverWebhook(ctx context.Context, actor identity.Actor, wanted Redelivery) (identity.WebhookEndpoint, error) {
	if (wanted.Event == nil) == (wanted.Since == nil) {
		return identity.WebhookEndpoint{}, identity.Refuse(identity.InvalidInput, "input", "eventId")
	}
	asked := request{operation: "redeliverWebhook", key: wanted.IdempotencyKey, input: wanted}
	return a.onWebhook(ctx, actor, asked, wanted.ID, func(s *store.Scope, endpoint *identity.WebhookEndpoint) (err error) {
		details := map[string]string{}
		if wanted.Event != nil {
			details["event"] = string(*wanted.Event)
			err = at(s.AskWebhook(ctx, endpoint.ID, *wanted.Event), "input", "eventId")
		} else if err = identity.CheckWebhookRewind(*wanted.Since, s.Now, "input", "since"); err == nil {
			details["since"] = wanted.Since.UTC().Format(time.RFC3339)
			err = s.RewindWebhook(ctx, *endpoint, *wanted.Since)
		}
		if err != nil {
			return err
		}
		endpoint.NextAttemptAt = nil
		if err := s.SaveWebhookEndpoint(ctx, *endpoint); err != nil {
			return err
		}
		return a.recordWebhook(ctx, s, actor, *endpoint, identity.WebhookRedelivered, details)
	})
}

// Webhooks lists the endpoints of the tenant that the actor's work reaches, the latest first; those to which events are sent, those
// to which they aren't, or (nil) both.
func (a *App) Webhooks(ctx context.Context, actor identity.Actor, isEnabled *bool, page identity.Page) (identity.Slice[identity.WebhookEndpoint], error) {
	var endpoints identity.Slice[identity.WebhookEndpoint]
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		endpoints, err = s.WebhookEndpoints(ctx, isEnabled, page)
		return err
	})
	return endpoints, err
}

// CountWebhooks counts what Webhooks lists.
func (a *App) CountWebhooks(ctx context.Context, actor identity.Actor, isEnabled *bool) (int, error) {
	var count int
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		count, err = s.CountWebhookEndpoints(ctx, isEnabled)
		return err
	})
	return count, err
}

func (a *App) webhookSeen(ctx context.Context, actor identity.Actor, id identity.ID) (*identity.WebhookEndpoint, error) {
	var endpoint identity.WebhookEndpoint
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		endpoint, err = s.WebhookEndpoint(ctx, id)
		return err
	})
	return visible(&endpoint, err, actor.SeesWebhooks())
}

// WebhookDeliveries lists what became of events at each of several endpoints that the actor sees, the latest event first.
func (a *App) WebhookDeliveries(ctx context.Context, actor identity.Actor, of []identity.WebhookEndpoint, state *identity.WebhookDeliveryState, page identity.Page) (found map[identity.ID]identity.Slice[identity.WebhookDelivery], err error) {
	err = a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		found, err = s.WebhookDeliveriesOf(ctx, endpointIDs(of), state, page)
		return err
	})
	return found, err
}

// CountWebhookDeliveries counts what WebhookDeliveries lists.
func (a *App) CountWebhookDeliveries(ctx context.Context, actor identity.Actor, of []identity.WebhookEndpoint, state *identity.WebhookDeliveryState) (found map[identity.ID]int, err error) {
	err = a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		found, err = s.CountWebhookDeliveriesOf(ctx, endpointIDs(of), state)
		return err
	})
	return found, err
}

func endpointIDs(endpoints []identity.WebhookEndpoint) []identity.ID {
	ids := make([]identity.ID, len(endpoints))
	for i, endpoint := range endpoints {
		ids[i] = endpoint.ID
	}
	return ids
}
