package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type signInRow struct {
	bun.BaseModel `bun:"table:sign_ins,alias:s"`
	tenancy
	ID                identity.ID              `bun:"id,pk"`
	UserID            identity.ID              `bun:"user_id"`
	TokenHash         []byte                   `bun:"token_hash"`
	FirstCredential   identity.FirstCredential `bun:"first_credential"`
	CredentialVersion int                      `bun:"credential_version"`
	FactorProven      identity.FactorKind      `bun:"factor_proven"`
	Postponed         bool                     `bun:"postponed"`
	BeganAt           time.Time                `bun:"began_at"`
	ExpiresAt         time.Time                `bun:"expires_at"`
}

func signInRowOf(s identity.SignIn, tokenHash []byte) *signInRow {
	return &signInRow{
		tenancy: tenancy{s.Portal, s.Organisation}, ID: s.ID, UserID: s.User, TokenHash: tokenHash, FirstCredential: s.By,
		CredentialVersion: s.CredentialVersion, FactorProven: s.FactorProven, Postponed: s.Postponed,
		BeganAt: s.BeganAt, ExpiresAt: s.ExpiresAt,
	}
}

func (r *signInRow) signIn() identity.SignIn {
	return identity.SignIn{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, User: r.UserID, By: r.FirstCredential,
		CredentialVersion: r.CredentialVersion, FactorProven: r.FactorProven, Postponed: r.Postponed,
		BeganAt: r.BeganAt, ExpiresAt: r.ExpiresAt,
	}
}

// AddSignIn saves a new attempt.
func (s *Scope) AddSignIn(ctx context.Context, attempt identity.SignIn, tokenHash []byte) error {
	if err := insert(ctx, s, signInRowOf(attempt, tokenHash)); err != nil {
		return fmt.Errorf("add sign-in: %w", err)
	}
	return nil
}

// EndSignIn takes an attempt away; false where it was gone already. Whoever takes it away may open the one session that
// it leads to.
func (s *Scope) EndSignIn(ctx context.Context, id identity.ID) (bool, error) {
	result, err := s.deleteRows((*signInRow)(nil)).Where("s.id = ?", id).Exec(ctx)
	return changed(result, err, "end sign-in")
}

// EndSignInsOf takes away all attempts of a user, but for the one to keep ("" for none).
func (s *Scope) EndSignInsOf(ctx context.Context, user, keep identity.ID) error {
	if _, err := s.deleteRows((*signInRow)(nil)).Where("s.user_id = ? AND s.id <> ?", user, keep).Exec(ctx); err != nil {
		return fmt.Errorf("end sign-ins: %w", err)
	}
	return nil
}
