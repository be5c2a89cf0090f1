package store_test

import (
	"context"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

func init() {
	theirID := func(h household) identity.ID { return id(identity.KindWebhook, h.number) }
	for name, climb := range map[string]climb{
		"AddWebhookEndpoint": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.AddWebhookEndpoint(ctx, webhookOf(h.organisation, 9), sealedWebhook))
		}},
		"WebhookEndpoint": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.WebhookEndpoint(ctx, theirID(h))))
		}},
		"WebhookWithSecrets": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			_, _, err := s.WebhookWithSecrets(ctx, theirID(h))
			return only(err)
		}},
		"WebhookOrganisation": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.WebhookOrganisation(ctx, webhookOf(h.organisation, h.number))))
		}},
		"WebhookEndpoints": {answersNothing, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
			part, err := s.WebhookEndpoints(ctx, nil, everything)
			return len(part.Items) - 1, err // one's own
		}},
		"CountWebhookEndpoints": {answersNothing, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
			n, err := s.CountWebhookEndpoints(ctx, nil)
			return n - 1, err // one's own
		}},
		"SaveWebhookEndpoint": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.SaveWebhookEndpoint(ctx, webhookOf(h.organisation, h.number).Disable(identity.WebhookByHand, noon)))
		}},
		"SaveWebhookSecrets": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.SaveWebhookSecrets(ctx, webhookOf(h.organisation, h.number), store.WebhookSecrets{Sealed: []byte("mine")}))
		}},
		"RemoveWebhookEndpoint": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.RemoveWebhookEndpoint(ctx, theirID(h)))
		}},
		"RewindWebhook": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.RewindWebhook(ctx, webhookOf(h.organisation, h.number), noon))
		}},
		"AskWebhook": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.AskWebhook(ctx, theirID(h), id(identity.KindEvent, h.number)))
		}},
		"NextWebhookEvent": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			_, found, err := s.NextWebhookEvent(ctx, webhookOf(h.organisation, h.number))
			return found, err
		}},
		"SettleWebhook": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.SettleWebhook(ctx, webhookOf(h.organisation, h.number), queuedOf(h.organisation, h.number),
				identity.WebhookGivenUp, identity.WebhookAttempt{}))
		}},
		"WebhookDeliveriesOf": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return sawPartOf(s.WebhookDeliveriesOf(ctx, []identity.ID{theirID(h)}, nil, everything))
		}},
		"CountWebhookDeliveriesOf": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return sawOf(s.CountWebhookDeliveriesOf(ctx, []identity.ID{theirID(h)}, nil))
		}},
		"ClaimWebhook": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			_, _, claimed, err := s.ClaimWebhook(ctx, theirID(h), "a process", time.Minute)
			return claimed, err
		}},
		"HeldWebhook": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			_, held, err := s.HeldWebhook(ctx, theirID(h), "")
			return held, err
		}},
		"ReleaseWebhook": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.ReleaseWebhook(ctx, theirID(h), ""))
		}},
	} {
		climbs[name] = climb
	}
}
