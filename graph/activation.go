package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r organisation) TwoFactorActivationPreview(ctx context.Context, organisation *identity.Organisation) (*identity.ActivationPreview, error) {
	preview, err := of(ctx, *organisation, named("preview", organisation.ID), func(ctx context.Context, _ []identity.Organisation) (map[identity.ID]identity.ActivationPreview, error) {
		preview, err := r.app.PreviewActivation(ctx, actorOf(ctx), *organisation)
		return map[identity.ID]identity.ActivationPreview{organisation.ID: preview}, err
	})
	return &preview, err
}

func (r activation) AffectedUsers(ctx context.Context, preview *identity.ActivationPreview, first int, after *string, orderBy *identity.UserOrder) (*page.UserConnection, error) {
	return listUsers(ctx, r.app, preview.Organisation, first, after, identity.AffectedByActivation(), orderBy)
}

func (r activation) Blockers(ctx context.Context, preview *identity.ActivationPreview) ([]generated.UserError, error) {
	return userErrors(ctx, preview.Blockers), nil
}

func (r mutation) ActivateOrganisationTwoFactor(ctx context.Context, input generated.ActivateOrganisationTwoFactorInput) (*generated.ActivateOrganisationTwoFactorPayload, error) {
	activated, err := r.app.ActivateTwoFactor(ctx, actorOf(ctx), input.PreviewToken, input.IdempotencyKey)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.ActivateOrganisationTwoFactorPayload{UserErrors: toMend}, err
	}
	return &generated.ActivateOrganisationTwoFactorPayload{
		Organisation: &activated.Organisation, AffectedUserCount: &activated.UserCount, UserErrors: toMend,
	}, nil
}
