package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
)

func (r mutation) SignOut(ctx context.Context) (*generated.SignOutPayload, error) {
	toMend, err := mend(ctx, r.app.SignOut(ctx, actorOf(ctx)))
	if err != nil {
		return nil, err
	}
	signedOut(ctx)
	return &generated.SignOutPayload{SignedOut: true, UserErrors: toMend}, nil
}

func (r mutation) Reauthenticate(ctx context.Context, input generated.ReauthenticateInput) (*generated.ReauthenticatePayload, error) {
	session, outcome, err := r.app.Reauthenticate(ctx, actorOf(ctx), input.Password, factorProof(input.Proof))
	toMend, err := mend(ctx, err)
	if err != nil {
		return nil, err
	}
	if len(toMend) > 0 {
		return &generated.ReauthenticatePayload{UserErrors: toMend}, nil
	}
	signedIn(ctx, outcome)
	return &generated.ReauthenticatePayload{Session: &session, UserErrors: toMend}, nil
}

func (r mutation) RevokeSession(ctx context.Context, input generated.RevokeSessionInput) (*generated.RevokeSessionPayload, error) {
	actor := actorOf(ctx)
	toMend, err := mend(ctx, r.app.RevokeSession(ctx, actor, input.ID))
	if err != nil || len(toMend) > 0 {
		return &generated.RevokeSessionPayload{UserErrors: toMend}, err
	}
	if input.ID == actor.Session.ID {
		signedOut(ctx)
	}
	return &generated.RevokeSessionPayload{RevokedID: &input.ID, UserErrors: toMend}, nil
}
