package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r mutation) DeactivateOrganisationTwoFactor(ctx context.Context, input generated.SupportActionInput) (*generated.SupportActionPayload, error) {
	return supportPayload(ctx, input, r.app.DeactivateTwoFactor)
}

func (r mutation) ResetUserFactors(ctx context.Context, input generated.SupportActionInput) (*generated.SupportActionPayload, error) {
	return supportPayload(ctx, input, r.app.ResetFactors)
}

func (r mutation) SendAccountLink(ctx context.Context, input generated.SupportActionInput) (*generated.SupportActionPayload, error) {
	return supportPayload(ctx, input, r.app.SendAccountLink)
}

func supportPayload(ctx context.Context, input generated.SupportActionInput,
	act func(context.Context, identity.Actor, app.SupportRequest) (identity.SupportAction, error),
) (*generated.SupportActionPayload, error) {
	action, err := act(ctx, actorOf(ctx), app.SupportRequest{Target: input.ID, Reason: input.Reason, Ticket: input.Ticket})
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.SupportActionPayload{UserErrors: toMend}, err
	}
	return &generated.SupportActionPayload{Action: &action, UserErrors: toMend}, nil
}
