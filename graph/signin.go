package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r query) CurrentSignIn(ctx context.Context) (identity.Step, error) {
	return r.app.CurrentSignIn(ctx, actorOf(ctx))
}

func (r mutation) BeginSignIn(ctx context.Context, input generated.BeginSignInInput) (*generated.SignInPayload, error) {
	name := signInName(input.OrganisationCode, input.Username, input.Email)
	outcome, err := r.app.BeginSignIn(ctx, actorOf(ctx), name, input.Password)
	return signInPayload(ctx, outcome, err)
}

func (r mutation) VerifySignIn(ctx context.Context, input generated.VerifySignInInput) (*generated.SignInPayload, error) {
	outcome, err := r.app.VerifySignIn(ctx, actorOf(ctx), *factorProof(input.Proof))
	return signInPayload(ctx, outcome, err)
}

func (r mutation) SendSignInCode(ctx context.Context, input generated.SendSignInCodeInput) (*generated.SignInPayload, error) {
	outcome, err := r.app.SendSignInCode(ctx, actorOf(ctx), input.FactorID)
	return signInPayload(ctx, outcome, err)
}

func (r mutation) PostponeTwoFactor(ctx context.Context) (*generated.SignInPayload, error) {
	outcome, err := r.app.PostponeTwoFactor(ctx, actorOf(ctx))
	return signInPayload(ctx, outcome, err)
}

func (r mutation) CancelSignIn(ctx context.Context) (*generated.SignInPayload, error) {
	outcome, err := r.app.CancelSignIn(ctx, actorOf(ctx))
	return signInPayload(ctx, outcome, err)
}

func signInPayload(ctx context.Context, outcome app.Outcome, err error) (*generated.SignInPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil {
		return nil, err
	}
	signedIn(ctx, outcome)
	return &generated.SignInPayload{Step: outcome.Step, UserErrors: toMend}, nil
}

func signInName(code, username *string, email *identity.EmailAddress) identity.SignInName {
	var name identity.SignInName
	if code != nil {
		name.OrganisationCode = *code
	}
	if username != nil {
		name.Username = *username
	}
	if email != nil {
		name.Email = string(*email)
	}
	return name
}

// factorProof reads a proof; the schema's @oneOf makes sure that there is exactly one in it.
func factorProof(input *generated.FactorProofInput) *app.Proof {
	switch {
	case input == nil:
		return nil
	case input.Totp != nil:
		return &app.Proof{Kind: identity.TOTP, Factor: input.Totp.FactorID, Code: input.Totp.Code}
	case input.Code != nil:
		return &app.Proof{Kind: identity.Email, Factor: input.Code.FactorID, Code: input.Code.Code}
	case input.RecoveryCode != nil:
		return &app.Proof{Kind: identity.RecoveryCode, Code: *input.RecoveryCode}
	}
	return &app.Proof{}
}
