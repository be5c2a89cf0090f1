package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// ActivationCandidates lists whom an activation of the organisation would apply to: those who have a password. For the activation itself the
// organisation must be locked.
func (s *Scope) ActivationCandidates(ctx context.Context, organisation identity.ID) ([]identity.ActivationCandidate, error) {
	var rows []struct {
		ID             identity.ID
		Email          identity.EmailAddress
		EmailRefusedAt *time.Time
		BlockedAt      *time.Time
	}
	err := s.selectRows((*userRow)(nil)).Column("id", "email", "email_refused_at", "blocked_at").
		Where("u.organisation_id = ? AND u.registration = 'REGISTERED' AND u.provider = ''", organisation).OrderExpr("u.id").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list whom an activation applies to: %w", err)
	}
	all := make([]identity.ActivationCandidate, len(rows))
	for i, row := range rows {
		all[i] = identity.ActivationCandidate{
			ID: row.ID, Email: row.Email, EmailRefused: row.EmailRefusedAt != nil, IsBlocked: row.BlockedAt != nil,
		}
	}
	return all, nil
}

// ReRegisterAll turns every registered user of the organisation who has a password into one who must register again, ends their sign-ins
// and open links, and all their sessions but the one to keep. It answers those who are to be mailed: the blocked are not.
func (s *Scope) ReRegisterAll(ctx context.Context, organisation, keepSession identity.ID) ([]identity.User, error) {
	var rows []userRow
	err := s.selectUsers(&rows).Where("u.organisation_id = ? AND u.registration = 'REGISTERED' AND u.provider = ''", organisation).
		Where("u.blocked_at IS NULL").OrderExpr("u.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list users to register again: %w", err)
	}
	// EXISTS, for a list of ids would be made anew for every row.
	affected := `EXISTS (SELECT 1 FROM users AS a WHERE a.portal = ?TableAlias.portal
		AND a.organisation_id = ?TableAlias.organisation_id AND a.id = ?TableAlias.user_id AND a.registration = 'REGISTERED' AND a.provider = '')`
	steps := []interface {
		Exec(ctx context.Context, dest ...any) (sql.Result, error)
	}{
		s.deleteRows((*sessionRow)(nil)).Where("s.organisation_id = ? AND s.id <> ?", organisation, keepSession).Where(affected),
		s.deleteRows((*signInRow)(nil)).Where("s.organisation_id = ?", organisation).Where(affected),
		s.updateRows((*linkRow)(nil)).Set("revoked_at = ?", s.Now).Where("l.organisation_id = ?", organisation).
			Where("l.used_at IS NULL AND l.revoked_at IS NULL").Where(affected),
		s.updateRows((*userRow)(nil)).Set("registration = 'RE_REGISTERING'").Set("credential_version = credential_version + 1").
			Where("u.organisation_id = ? AND u.registration = 'REGISTERED' AND u.provider = ''", organisation),
	}
	for _, step := range steps {
		if _, err := step.Exec(ctx); err != nil {
			return nil, fmt.Errorf("make users register again: %w", err)
		}
	}
	users := make([]identity.User, len(rows))
	for i := range rows {
		users[i] = rows[i].user()
	}
	return users, nil
}

// UndoReRegistration lets every user of the organisation who hasn't registered again yet in with the old password, and
// voids the links for it.
func (s *Scope) UndoReRegistration(ctx context.Context, organisation identity.ID) error {
	_, err := s.updateRows((*userRow)(nil)).Set("registration = 'REGISTERED'").Set("credential_version = credential_version + 1").
		Where("u.organisation_id = ? AND u.registration = 'RE_REGISTERING'", organisation).Exec(ctx)
	if err != nil {
		return fmt.Errorf("undo re-registration: %w", err)
	}
	return s.RevokeLinksOfPurpose(ctx, organisation, identity.ForReRegistration)
}
