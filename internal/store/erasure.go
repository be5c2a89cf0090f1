package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// personalRows are the tables of which nothing of an erased user stays. All have a user_id.
var personalRows = []any{
	(*webAuthnCredentialRow)(nil), (*webAuthnChallengeRow)(nil), (*recoveryCodeRow)(nil), (*codeRow)(nil), (*factorRow)(nil),
	(*enrolmentRow)(nil), (*contactChangeRow)(nil), (*sessionRow)(nil), (*signInRow)(nil), (*linkRow)(nil), (*messageRow)(nil),
	(*federatedRow)(nil), (*refusalRow)(nil), (*identifierRow)(nil), (*wordRow)(nil), (*auditKeyRow)(nil),
}

// EraseUser removes or blanks what identifies a user, in every table. What stays has ids and instants alone, but for the
// grounds that staff gave in support actions, and what the audit log keeps sealed under keys that are destroyed.
func (s *Scope) EraseUser(ctx context.Context, user identity.ID) error {
	for _, row := range personalRows {
		removal := s.deleteRows(row).Where("?TableAlias.user_id = ?", user)
		if _, err := removal.Exec(ctx); err != nil {
			return fmt.Errorf("erase %s: %w", removal.GetTableName(), err)
		}
	}
	if _, err := s.deleteRows((*idempotencyRow)(nil)).Where("k.actor_id = ?", user).Exec(ctx); err != nil {
		return fmt.Errorf("erase idempotency keys: %w", err)
	}
	return s.blank(ctx, "user_id", "id", user)
}

// EraseOrganisation does to all users of a removed organisation what EraseUser does to one, and blanks the organisation's own
// name, and those of its API tokens. What else names it went when it was removed.
func (s *Scope) EraseOrganisation(ctx context.Context, organisation identity.ID) error {
	for _, row := range append([]any{(*idempotencyRow)(nil), (*personRow)(nil)}, personalRows...) {
		removal := s.deleteRows(row).Where("?TableAlias.organisation_id = ?", organisation)
		if _, err := removal.Exec(ctx); err != nil {
			return fmt.Errorf("erase %s: %w", removal.GetTableName(), err)
		}
	}
	_, err := s.updateRows((*organisationRow)(nil)).Set("name = ''").Set("name_key = ''").Set("code = NULL").Set("code_key = NULL").
		Where("o.organisation_id = ?", organisation).Exec(ctx)
	if err != nil {
		return fmt.Errorf("erase an organisation: %w", err)
	}
	_, err = s.updateRows((*apiTokenRow)(nil)).Set("name = ''").Set("networks = ''").Where("t.organisation_id = ?", organisation).Exec(ctx)
	if err != nil {
		return fmt.Errorf("erase the names of API tokens: %w", err)
	}
	return s.blank(ctx, "organisation_id", "organisation_id", organisation)
}

// blank empties what identifies users in the rows of theirs that stay, because others name them: invitations and users, each
// found by a column of its own.
func (s *Scope) blank(ctx context.Context, invited, column string, of identity.ID) error {
	const is = "?TableAlias.? = ?"
	if _, err := s.updateRows((*invitationRow)(nil)).Set("email = ''").Where(is, bun.Ident(invited), of).Exec(ctx); err != nil {
		return fmt.Errorf("erase an invitation: %w", err)
	}
	_, err := s.updateRows((*userRow)(nil)).
		Set("display_name = ''").Set("name_key = ''").Set("email = ''").Set("email_key = ''").
		Set("username = NULL").Set("username_key = NULL").Set("password_hash = NULL").Set("provider = ''").
		Set("email_refused_at = NULL").Set("postponed_at = NULL").Set("last_sign_in_at = NULL").Set("password_reset_at = NULL").
		Where(is, bun.Ident(column), of).Exec(ctx)
	if err != nil {
		return fmt.Errorf("erase a user: %w", err)
	}
	return nil
}
