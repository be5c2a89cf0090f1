package graph

import (
	"context"
	"math"
	"time"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r organisation) APITokens(ctx context.Context, organisation *identity.Organisation, first int, after *string, filter *identity.APITokenFilter) (*page.APITokenConnection, error) {
	asked, err := page.APITokenList.Of(r.app, first, after, organisation.ID, orZero(filter))
	if err != nil {
		return nil, err
	}
	actor, narrowed := actorOf(ctx), orZero(filter)
	found, err := of(ctx, *organisation, named("tokens", narrowed, asked.Page),
		func(ctx context.Context, all []identity.Organisation) (map[identity.ID]identity.Slice[identity.APIToken], error) {
			return r.app.APITokens(ctx, actor, all, narrowed, asked.Page)
		})
	return page.APITokens(asked, found, func(ctx context.Context) (int, error) {
		return of(ctx, *organisation, named("count of tokens", narrowed), func(ctx context.Context, all []identity.Organisation) (map[identity.ID]int, error) {
			return r.app.CountAPITokens(ctx, actor, all, narrowed)
		})
	}), err
}

func (r mutation) CreateAPIToken(ctx context.Context, input generated.CreateAPITokenInput) (*generated.CreateAPITokenPayload, error) {
	issued, err := r.app.CreateAPIToken(ctx, actorOf(ctx), app.NewAPIToken{
		Name: input.Name, Scopes: input.Scopes, ExpiresAt: input.ExpiresAt, Organisations: input.OrganisationIds,
		Networks: input.AllowedNetworks, IdempotencyKey: input.IdempotencyKey,
	})
	return issuedPayload(ctx, issued, err)
}

func (r mutation) RotateAPIToken(ctx context.Context, input generated.RotateAPITokenInput) (*generated.CreateAPITokenPayload, error) {
	issued, err := r.app.RotateAPIToken(ctx, actorOf(ctx), input.ID, overlapOf(input.OverlapSeconds), input.IdempotencyKey)
	return issuedPayload(ctx, issued, err)
}

// overlapOf reads for how long two secrets overlap; what doesn't fit stays out of bounds.
func overlapOf(seconds int) time.Duration {
	return time.Duration(min(max(seconds, -1), math.MaxInt32)) * time.Second
}

func issuedPayload(ctx context.Context, issued app.IssuedAPIToken, err error) (*generated.CreateAPITokenPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.CreateAPITokenPayload{UserErrors: toMend}, err
	}
	return &generated.CreateAPITokenPayload{Token: &issued.Shown, APIToken: &issued.Token, UserErrors: toMend}, nil
}

func (r mutation) UpdateAPIToken(ctx context.Context, input generated.UpdateAPITokenInput) (*generated.APITokenPayload, error) {
	record, err := r.app.UpdateAPIToken(ctx, actorOf(ctx), app.APITokenChange{
		ID: input.ID, Name: input.Name, Scopes: input.Scopes, ExpiresAt: input.ExpiresAt, Organisations: input.OrganisationIds,
		Networks: input.AllowedNetworks,
	})
	return tokenPayload(ctx, record, err)
}

func (r mutation) RevokeAPIToken(ctx context.Context, input generated.RevokeAPITokenInput) (*generated.APITokenPayload, error) {
	record, err := r.app.RevokeAPIToken(ctx, actorOf(ctx), input.ID)
	return tokenPayload(ctx, record, err)
}

func tokenPayload(ctx context.Context, record identity.APIToken, err error) (*generated.APITokenPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.APITokenPayload{UserErrors: toMend}, err
	}
	return &generated.APITokenPayload{APIToken: &record, UserErrors: toMend}, nil
}
