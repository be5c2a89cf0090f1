package store

import (
	"context"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// EraseUser removes or blanks what identifies a user, in every table. What stays has ids and instants alone, but for the
// grounds that staff gave in support actions, and what the audit log keeps sealed under keys that are destroyed.
func (s *Scope) EraseUser(ctx context.Context, user identity.ID) error {
	for _, row := range []any{
		(*webAuthnCredentialRow)(nil), (*webAuthnChallengeRow)(nil), (*recoveryCodeRow)(nil), (*codeRow)(nil), (*factorRow)(nil),
		(*enrolmentRow)(nil), (*contactChangeRow)(nil), (*sessionRow)(nil), (*signInRow)(nil), (*linkRow)(nil), (*messageRow)(nil),
		(*federatedRow)(nil), (*refusalRow)(nil), (*identifierRow)(nil), (*wordRow)(nil),
		(*auditKeyRow)(nil),
	} {
		removal := s.deleteRows(row).Where("?TableAlias.user_id = ?", user)
		if _, err := removal.Exec(ctx); err != nil {
			return fmt.Errorf("erase %s: %w", removal.GetTableName(), err)
		}
	}
	if _, err := s.deleteRows((*idempotencyRow)(nil)).Where("k.actor_id = ?", user).Exec(ctx); err != nil {
		return fmt.Errorf("erase idempotency keys: %w", err)
	}
	if _, err := s.updateRows((*invitationRow)(nil)).Set("email = ''").Where("i.user_id = ?", user).Exec(ctx); err != nil {
		return fmt.Errorf("erase an invitation: %w", err)
	}
	_, err := s.updateRows((*userRow)(nil)).
		Set("display_name = ''").Set("name_key = ''").Set("email = ''").Set("email_key = ''").
		Set("username = NULL").Set("username_key = NULL").Set("password_hash = NULL").Set("provider = ''").
		Set("email_refused_at = NULL").Set("postponed_at = NULL").Set("last_sign_in_at = NULL").Set("password_reset_at = NULL").
		Where("u.id = ?", user).Exec(ctx)
	if err != nil {
		return fmt.Errorf("erase a user: %w", err)
	}
	return nil
}
