package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r organisation) APITokens(ctx context.Context, organisation *identity.Organisation, first int, after *string) (*page.APITokenConnection, error) {
	asked, err := page.APITokenList.Of(first, after)
	if err != nil {
		return nil, err
	}
	actor := actorOf(ctx)
	found, err := r.app.APITokens(ctx, actor, *organisation, asked.Page)
	return page.APITokens(asked, found, func(ctx context.Context) (int, error) {
		return r.app.CountAPITokens(ctx, actor, *organisation)
	}), err
}

func (r mutation) CreateAPIToken(ctx context.Context, input generated.CreateAPITokenInput) (*generated.CreateAPITokenPayload, error) {
	token, record, err := r.app.CreateAPIToken(ctx, actorOf(ctx), app.NewAPIToken{
		Name: input.Name, Scopes: input.Scopes, ExpiresAt: input.ExpiresAt, Organisation: input.OrganisationID,
	})
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.CreateAPITokenPayload{UserErrors: toMend}, err
	}
	shown := token.Reveal()
	return &generated.CreateAPITokenPayload{Token: &shown, APIToken: &record, UserErrors: toMend}, nil
}

func (r mutation) RevokeAPIToken(ctx context.Context, input generated.RevokeAPITokenInput) (*generated.APITokenPayload, error) {
	record, err := r.app.RevokeAPIToken(ctx, actorOf(ctx), input.ID)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.APITokenPayload{UserErrors: toMend}, err
	}
	return &generated.APITokenPayload{APIToken: &record, UserErrors: toMend}, nil
}
