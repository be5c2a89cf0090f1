package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/app"
)

func (r mutation) BeginWebAuthnEnrolment(ctx context.Context, input generated.BeginWebAuthnEnrolmentInput) (*generated.BeginWebAuthnPayload, error) {
	ceremony, err := r.app.BeginWebAuthnEnrolment(ctx, actorOf(ctx), input.Name)
	return ceremonyPayload(ctx, ceremony, err)
}

func (r mutation) BeginSignInWebAuthn(ctx context.Context) (*generated.BeginWebAuthnPayload, error) {
	ceremony, err := r.app.BeginSignInWebAuthn(ctx, actorOf(ctx))
	return ceremonyPayload(ctx, ceremony, err)
}

func ceremonyPayload(ctx context.Context, ceremony app.Ceremony, err error) (*generated.BeginWebAuthnPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil {
		return nil, err
	}
	if len(toMend) > 0 {
		return &generated.BeginWebAuthnPayload{UserErrors: toMend}, nil
	}
	payload := &generated.BeginWebAuthnPayload{Options: ceremony.Options, ExpiresAt: &ceremony.ExpiresAt, UserErrors: toMend}
	if ceremony.EnrolmentID != "" {
		payload.EnrolmentID = &ceremony.EnrolmentID
	}
	return payload, nil
}
