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
	given := factorProof(input.Proof)
	if given == nil {
		return nil, identity.Refuse(identity.BadUserInput)
	}
	outcome, err := r.app.VerifySignIn(ctx, actorOf(ctx), *given)
	return signInPayload(ctx, outcome, err)
}

func (r mutation) SendSignInCode(ctx context.Context, input generated.SendSignInCodeInput) (*generated.SignInPayload, error) {
	outcome, err := r.app.SendSignInCode(ctx, actorOf(ctx), input.FactorID)
	toMend, err := mend(ctx, err)
	if err != nil {
		return nil, err
	}
	return &generated.SignInPayload{Step: outcome.Step, UserErrors: toMend}, nil
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

// factorProof reads a proof; nil where there isn't exactly one in it, for in a variable nobody asks for the schema's @oneOf.
func factorProof(input *generated.FactorProofInput) *app.Proof {
	var given []app.Proof
	if input == nil {
		return nil
	}
	if input.Totp != nil {
		given = append(given, app.Proof{Kind: identity.TOTP, Factor: input.Totp.FactorID, Code: input.Totp.Code})
	}
	if input.Code != nil {
		given = append(given, app.Proof{Kind: app.SentCode, Factor: input.Code.FactorID, Code: input.Code.Code})
	}
	if input.RecoveryCode != nil {
		given = append(given, app.Proof{Kind: identity.RecoveryCode, Code: *input.RecoveryCode})
	}
	if input.WebAuthn != nil {
		given = append(given, app.Proof{Kind: identity.WebAuthn, Credential: input.WebAuthn})
	}
	if len(given) != 1 {
		return nil
	}
	return &given[0]
}
