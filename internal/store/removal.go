package store

import (
	"context"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// RemoveUsers removes everybody of an organisation but one, with all by which they could sign in or be found, and answers how
// many they were. Like Scope.SaveUser for each, but by as many statements for ten thousand as for one.
func (s *Scope) RemoveUsers(ctx context.Context, organisation, but identity.ID) (int, error) {
	result, err := s.updateRows((*userRow)(nil)).
		Set("registration = ?", identity.Removed).Set("removed_at = ?", s.Now).Set("password_hash = NULL").Set("factor_kinds = ''").
		Where("u.organisation_id = ? AND u.id <> ? AND NOT u.removed", organisation, but).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("remove users: %w", err)
	}
	for _, row := range []any{
		(*identifierRow)(nil), (*recoveryCodeRow)(nil), (*codeRow)(nil), (*factorRow)(nil), (*enrolmentRow)(nil), (*webAuthnChallengeRow)(nil),
		(*sessionRow)(nil), (*signInRow)(nil), (*federatedRow)(nil), (*wordRow)(nil),
	} {
		removal := s.deleteRows(row).Where("?TableAlias.organisation_id = ?", organisation)
		if _, err := removal.Exec(ctx); err != nil {
			return 0, fmt.Errorf("remove %s: %w", removal.GetTableName(), err)
		}
	}
	if err := s.revokeLinksWhere(ctx, "l.organisation_id = ?", organisation); err != nil {
		return 0, err
	}
	_, err = s.updateRows((*invitationRow)(nil)).Set("revoked_at = ?", s.Now).
		Where("i.organisation_id = ? AND i.accepted_at IS NULL AND i.revoked_at IS NULL", organisation).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("revoke invitations: %w", err)
	}
	count, err := result.RowsAffected()
	return int(count), err
}

// ReleaseOrganisation frees what no other organisation can have while this one does, and ends what works in its name: its
// businesses, policy numbers and record of a person, its webhook endpoints, and registrations that were under way.
func (s *Scope) ReleaseOrganisation(ctx context.Context, organisation identity.ID) error {
	for _, row := range []any{
		(*businessRow)(nil), (*policyNumberRow)(nil), (*personRow)(nil),
		(*webhookDeliveryRow)(nil), (*webhookPositionRow)(nil), (*webhookRow)(nil),
	} {
		removal := s.deleteRows(row).Where("?TableAlias.organisation_id = ?", organisation)
		if _, err := removal.Exec(ctx); err != nil {
			return fmt.Errorf("remove %s: %w", removal.GetTableName(), err)
		}
	}
	_, err := s.updateRows((*registrantRow)(nil)).Set("ended_at = ?", s.Now).Set("outcome = ?", identity.RegistrationStopped).
		Where("r.organisation_id = ?", organisation).Where(notEnded).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end registrations: %w", err)
	}
	return nil
}

// PendingSupportActionsIn lists those in an organisation that can still come to something, but for one.
func (s *Scope) PendingSupportActionsIn(ctx context.Context, organisation, but identity.ID) ([]identity.SupportAction, error) {
	var rows []supportActionRow
	err := s.selectRows(&rows).Where(pending).Where("a.organisation_id = ? AND a.id <> ?", organisation, but).OrderExpr("a.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list pending support actions: %w", err)
	}
	return supportActions(rows), nil
}
