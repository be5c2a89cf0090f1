package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// SetPasswordHash replaces a user's.
func (s *Scope) SetPasswordHash(ctx context.Context, user identity.ID, hash string) error {
	_, err := s.updateRows((*userRow)(nil)).Set("password_hash = ?", hash).Where("u.id = ?", user).Exec(ctx)
	if err != nil {
		return fmt.Errorf("set password hash: %w", err)
	}
	return nil
}

type identifierRow struct {
	bun.BaseModel `bun:"table:identifiers,alias:i"`
	tenancy
	Kind   identity.IdentifierKind `bun:"kind,pk"`
	Value  string                  `bun:"value,pk"`
	UserID identity.ID             `bun:"user_id"`
}

// ClaimIdentifiers makes exactly these name the user at sign-in. It refuses one that names another user of the portal
// (EMAIL_TAKEN, USERNAME_TAKEN), in whatever organisation: only somebody who has proved to hold the mailbox may hear
// that. After a refusal the transaction is void and must be rolled back.
func (s *Scope) ClaimIdentifiers(ctx context.Context, u identity.User, identifiers []identity.Identifier) error {
	if err := s.ReleaseIdentifiers(ctx, u.ID); err != nil {
		return err
	}
	for _, identifier := range identifiers {
		row := &identifierRow{tenancy: tenancy{u.Portal, u.OrganisationID}, Kind: identifier.Kind, Value: identifier.Value, UserID: u.ID}
		err := insert(ctx, s, row)
		switch {
		case isTaken(err) && identifier.Kind == identity.ByEmail:
			return identity.Refuse(identity.EmailTaken)
		case isTaken(err):
			return identity.Refuse(identity.UsernameTaken)
		case err != nil:
			return fmt.Errorf("claim identifier: %w", err)
		}
	}
	return nil
}

// ReleaseIdentifiers makes nothing name the user any longer.
func (s *Scope) ReleaseIdentifiers(ctx context.Context, user identity.ID) error {
	if _, err := s.deleteRows((*identifierRow)(nil)).Where("i.user_id = ?", user).Exec(ctx); err != nil {
		return fmt.Errorf("release identifiers: %w", err)
	}
	return nil
}
