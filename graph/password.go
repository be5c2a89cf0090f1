package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/app"
)

func (r mutation) InspectLink(ctx context.Context, input generated.InspectLinkInput) (*generated.InspectLinkPayload, error) {
	seen, err := r.app.InspectLink(ctx, actorOf(ctx), input.Token)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.InspectLinkPayload{UserErrors: toMend}, err
	}
	return &generated.InspectLinkPayload{
		Purpose: &seen.Link.Purpose, OrganisationName: &seen.OrganisationName, EmailHint: &seen.EmailHint,
		PasswordRules: seen.Rules, Stops: seen.Stops, ExpiresAt: &seen.Link.ExpiresAt, UserErrors: toMend,
	}, nil
}

func (r mutation) SetPassword(ctx context.Context, input app.NewPassword) (*generated.SetPasswordPayload, error) {
	outcome, err := r.app.SetPassword(ctx, actorOf(ctx), input)
	return passwordPayload(ctx, outcome, err)
}

func (r mutation) ChangePassword(ctx context.Context, input generated.ChangePasswordInput) (*generated.SetPasswordPayload, error) {
	outcome, err := r.app.ChangePassword(ctx, actorOf(ctx), input.NewPassword)
	return passwordPayload(ctx, outcome, err)
}

func passwordPayload(ctx context.Context, outcome app.Outcome, err error) (*generated.SetPasswordPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil {
		return nil, err
	}
	signedIn(ctx, outcome)
	return &generated.SetPasswordPayload{Step: outcome.Step, UserErrors: toMend}, nil
}

func (r mutation) RequestUsername(ctx context.Context, input generated.RequestUsernameInput) (*generated.AcceptedPayload, error) {
	toMend, err := mend(ctx, r.app.RequestUsername(ctx, actorOf(ctx), input.Email))
	return &generated.AcceptedPayload{Accepted: len(toMend) == 0, UserErrors: toMend}, err
}

func (r mutation) RequestPasswordReset(ctx context.Context, input generated.RequestPasswordResetInput) (*generated.AcceptedPayload, error) {
	name := signInName(input.OrganisationCode, input.Username, input.Email)
	toMend, err := mend(ctx, r.app.RequestPasswordReset(ctx, actorOf(ctx), name))
	return &generated.AcceptedPayload{Accepted: len(toMend) == 0, UserErrors: toMend}, err
}
