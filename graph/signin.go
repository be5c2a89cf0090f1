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
	given := codeProof(input.Proof)
	if given == nil {
		return nil, identity.Refuse(identity.BadUserInput)
	}
	outcome, err := r.app.VerifySignIn(ctx, actorOf(ctx), *given)
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

// codeProof reads a proof; nil where there is none in it, for in a variable nobody asks for the schema's @oneOf.
func codeProof(input *generated.FactorProofInput) *app.CodeProof {
	if input == nil || input.Totp == nil {
		return nil
	}
	return &app.CodeProof{Factor: input.Totp.FactorID, Code: input.Totp.Code}
}
