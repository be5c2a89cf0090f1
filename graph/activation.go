package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r organisation) TwoFactorActivationPreview(ctx context.Context, organisation *identity.Organisation) (*identity.ActivationPreview, error) {
	preview, err := r.app.PreviewActivation(ctx, actorOf(ctx), *organisation)
	return &preview, err
}

func (r activation) AffectedUsers(ctx context.Context, preview *identity.ActivationPreview, first int, after *string, orderBy *identity.UserOrder) (*page.UserConnection, error) {
	return listUsers(ctx, r.app, preview.Organisation, first, after, identity.AffectedByActivation(), orderBy)
}

func (r activation) Blockers(ctx context.Context, preview *identity.ActivationPreview) ([]generated.UserError, error) {
	return userErrors(ctx, preview.Blockers), nil
}

func (r mutation) ActivateOrganisationTwoFactor(ctx context.Context, input generated.ActivateOrganisationTwoFactorInput) (*generated.ActivateOrganisationTwoFactorPayload, error) {
	activated, count, err := r.app.ActivateTwoFactor(ctx, actorOf(ctx), input.PreviewToken)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.ActivateOrganisationTwoFactorPayload{UserErrors: toMend}, err
	}
	return &generated.ActivateOrganisationTwoFactorPayload{
		Organisation: &activated, AffectedUserCount: &count, UserErrors: toMend,
	}, nil
}

func (r mutation) DeactivateOrganisationTwoFactor(ctx context.Context, input generated.SupportActionInput) (*generated.SupportActionPayload, error) {
	action, err := r.app.DeactivateTwoFactor(ctx, actorOf(ctx), app.SupportRequest{Target: input.ID, Reason: input.Reason, Ticket: input.Ticket})
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.SupportActionPayload{UserErrors: toMend}, err
	}
	return &generated.SupportActionPayload{Action: &action, UserErrors: toMend}, nil
}
