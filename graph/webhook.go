package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r query) WebhookEndpoints(ctx context.Context, first int, after *string, isEnabled *bool) (*page.WebhookEndpointConnection, error) {
	actor := actorOf(ctx)
	asked, err := page.WebhookEndpointList.Of(r.app, first, after, actor.Portal.Slug, isEnabled)
	if err != nil {
		return nil, err
	}
	found, err := r.app.Webhooks(ctx, actor, isEnabled, asked.Page)
	ids := make([]identity.ID, len(found.Items))
	for i, endpoint := range found.Items {
		ids[i] = endpoint.ID
	}
	stand(ctx, ids, found.Items)
	return page.WebhookEndpoints(asked, found, func(ctx context.Context) (int, error) {
		return r.app.CountWebhooks(ctx, actor, isEnabled)
	}), err
}

func (webhookEndpoint) OrganisationID(_ context.Context, endpoint *identity.WebhookEndpoint) (*identity.ID, error) {
	if endpoint.Organisation == identity.WholePortal {
		return nil, nil
	}
	return &endpoint.Organisation, nil
}

func (webhookEndpoint) IsEnabled(_ context.Context, endpoint *identity.WebhookEndpoint) (bool, error) {
	return endpoint.DisabledAt == nil, nil
}

func (webhookEndpoint) DisabledFor(_ context.Context, endpoint *identity.WebhookEndpoint) (*identity.WebhookDisabling, error) {
	return unlessZero(endpoint.DisabledFor), nil
}

func (r webhookEndpoint) Deliveries(ctx context.Context, endpoint *identity.WebhookEndpoint, first int, after *string, state *identity.WebhookDeliveryState) (*page.WebhookDeliveryConnection, error) {
	asked, err := page.WebhookDeliveryList.Of(r.app, first, after, endpoint.ID, state)
	if err != nil {
		return nil, err
	}
	actor := actorOf(ctx)
	found, err := ofMember(ctx, endpoint.ID, *endpoint, named("deliveries", state, asked.Page),
		func(ctx context.Context, all []identity.WebhookEndpoint) (map[identity.ID]identity.Slice[identity.WebhookDelivery], error) {
			return r.app.WebhookDeliveries(ctx, actor, all, state, asked.Page)
		})
	return page.WebhookDeliveries(asked, found, func(ctx context.Context) (int, error) {
		return ofMember(ctx, endpoint.ID, *endpoint, named("count of deliveries", state), func(ctx context.Context, all []identity.WebhookEndpoint) (map[identity.ID]int, error) {
			return r.app.CountWebhookDeliveries(ctx, actor, all, state)
		})
	}), err
}

func (webhookDelivery) ResponseStatus(_ context.Context, delivery *identity.WebhookDelivery) (*int, error) {
	return unlessZero(delivery.ResponseStatus), nil
}

func (webhookDelivery) Failure(_ context.Context, delivery *identity.WebhookDelivery) (*identity.WebhookFailure, error) {
	return unlessZero(delivery.Failure), nil
}

func unlessZero[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

func (r mutation) CreateWebhookEndpoint(ctx context.Context, input generated.CreateWebhookEndpointInput) (*generated.CreateWebhookEndpointPayload, error) {
	shown, err := r.app.CreateWebhook(ctx, actorOf(ctx), app.NewWebhook{
		Organisation: input.OrganisationID, URL: input.URL, Description: input.Description, Actions: input.Actions,
		IdempotencyKey: input.IdempotencyKey,
	})
	return shownWebhook(ctx, shown, err)
}

func (r mutation) RotateWebhookSecret(ctx context.Context, input generated.RotateWebhookSecretInput) (*generated.CreateWebhookEndpointPayload, error) {
	shown, err := r.app.RotateWebhookSecret(ctx, actorOf(ctx), app.WebhookRotation{
		ID: input.ID, Overlap: overlapOf(input.OverlapSeconds), IdempotencyKey: input.IdempotencyKey,
	})
	return shownWebhook(ctx, shown, err)
}

func shownWebhook(ctx context.Context, shown app.ShownWebhook, err error) (*generated.CreateWebhookEndpointPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.CreateWebhookEndpointPayload{UserErrors: toMend}, err
	}
	return &generated.CreateWebhookEndpointPayload{Endpoint: &shown.Endpoint, Secret: &shown.Secret, UserErrors: toMend}, nil
}

func (r mutation) UpdateWebhookEndpoint(ctx context.Context, input generated.UpdateWebhookEndpointInput) (*generated.WebhookEndpointPayload, error) {
	endpoint, err := r.app.UpdateWebhook(ctx, actorOf(ctx), app.WebhookChange{
		ID: input.ID, URL: input.URL, Description: input.Description, Actions: input.Actions, Enabled: input.IsEnabled,
	})
	return webhookOrRefusal(ctx, endpoint, err)
}

func (r mutation) RedeliverWebhook(ctx context.Context, input generated.RedeliverWebhookInput) (*generated.WebhookEndpointPayload, error) {
	endpoint, err := r.app.RedeliverWebhook(ctx, actorOf(ctx), app.Redelivery{
		ID: input.ID, Event: input.EventID, Since: input.Since, IdempotencyKey: input.IdempotencyKey,
	})
	return webhookOrRefusal(ctx, endpoint, err)
}

func webhookOrRefusal(ctx context.Context, endpoint identity.WebhookEndpoint, err error) (*generated.WebhookEndpointPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.WebhookEndpointPayload{UserErrors: toMend}, err
	}
	return &generated.WebhookEndpointPayload{Endpoint: &endpoint, UserErrors: toMend}, nil
}

func (r mutation) DeleteWebhookEndpoint(ctx context.Context, input generated.DeleteWebhookEndpointInput) (*generated.DeleteWebhookEndpointPayload, error) {
	toMend, err := mend(ctx, r.app.DeleteWebhook(ctx, actorOf(ctx), input.ID))
	if err != nil || len(toMend) > 0 {
		return &generated.DeleteWebhookEndpointPayload{UserErrors: toMend}, err
	}
	return &generated.DeleteWebhookEndpointPayload{DeletedID: &input.ID, UserErrors: toMend}, nil
}
