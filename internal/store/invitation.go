package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type invitationRow struct {
	bun.BaseModel `bun:"table:invitations,alias:i"`
	tenancy
	ID         identity.ID               `bun:"id,pk"`
	UserID     identity.ID               `bun:"user_id"`
	Email      identity.EmailAddress     `bun:"email"`
	Role       identity.UserRole         `bun:"role"`
	SignIn     identity.InvitationSignIn `bun:"sign_in"`
	CreatedAt  time.Time                 `bun:"created_at"`
	ExpiresAt  time.Time                 `bun:"expires_at"`
	LastSentAt *time.Time                `bun:"last_sent_at"`
	AcceptedAt *time.Time                `bun:"accepted_at"`
	RevokedAt  *time.Time                `bun:"revoked_at"`
}

func invitationRowOf(i identity.Invitation) *invitationRow {
	return &invitationRow{
		tenancy: tenancy{i.Portal, i.Organisation}, ID: i.ID, UserID: i.User, Email: i.Email, Role: i.Role, SignIn: i.SignIn,
		CreatedAt: i.CreatedAt, ExpiresAt: i.ExpiresAt, LastSentAt: i.LastSentAt, AcceptedAt: i.AcceptedAt, RevokedAt: i.RevokedAt,
	}
}

func (r *invitationRow) invitation() identity.Invitation {
	return identity.Invitation{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, User: r.UserID, Email: r.Email, Role: r.Role, SignIn: r.SignIn,
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, LastSentAt: r.LastSentAt, AcceptedAt: r.AcceptedAt, RevokedAt: r.RevokedAt,
	}
}

// AddInvitation saves a new one.
func (s *Scope) AddInvitation(ctx context.Context, i identity.Invitation) error {
	return insert(ctx, s, invitationRowOf(i))
}

// Invitation loads one with its status as it is now, or refuses with NOT_FOUND.
func (s *Scope) Invitation(ctx context.Context, id identity.ID) (identity.Invitation, error) {
	return s.invitationWhere(ctx, "i.id = ?", id)
}

// InvitationOf loads the one by which a user came in, or refuses with NOT_FOUND.
func (s *Scope) InvitationOf(ctx context.Context, user identity.ID) (identity.Invitation, error) {
	return s.invitationWhere(ctx, "i.user_id = ?", user)
}

// InvitationOwner answers whose organisation's an invitation is, without locking it, or refuses with NOT_FOUND.
func (s *Scope) InvitationOwner(ctx context.Context, id identity.ID) (identity.ID, error) {
	var owner identity.ID
	err := s.selectRows((*invitationRow)(nil)).Column("organisation_id").Where("i.id = ?", id).Scan(ctx, &owner)
	return owner, found(err, "load invitation")
}

func (s *Scope) invitationWhere(ctx context.Context, condition string, value any) (identity.Invitation, error) {
	var row invitationRow
	err := s.selectRows(&row).Where(condition, value).Scan(ctx)
	return row.invitation().At(s.Now), found(err, "load invitation")
}

// SaveInvitation saves what can change of one.
func (s *Scope) SaveInvitation(ctx context.Context, i identity.Invitation) error {
	_, err := s.updateRows(invitationRowOf(i)).
		Column("email", "role", "expires_at", "last_sent_at", "accepted_at", "revoked_at").
		Where("i.id = ?", i.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save invitation: %w", err)
	}
	return nil
}

// InvitationsOf lists those of each of several organisations, the latest first; of a status, or of all of them.
func (s *Scope) InvitationsOf(ctx context.Context, of []identity.ID, status *identity.InvitationStatus, page identity.Page) (map[identity.ID]identity.Slice[identity.Invitation], error) {
	parts, err := pages(ctx, s, of, page, func(rows *[]invitationRow, of identity.ID) *bun.SelectQuery {
		query := s.selectRows(rows).Where("i.organisation_id = ?", of).ApplyQueryBuilder(s.invitationsLike(status)).
			OrderExpr("i.id DESC").Limit(int64(page.First) + 1)
		if len(page.After) == 1 {
			query = query.Where("i.id < ?", page.After[0])
		}
		return query
	}, func(r *invitationRow) identity.ID { return r.OrganisationID }, func(r *invitationRow) identity.Invitation { return r.invitation().At(s.Now) })
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return parts, nil
}

// CountInvitationsOf counts what InvitationsOf lists.
func (s *Scope) CountInvitationsOf(ctx context.Context, of []identity.ID, status *identity.InvitationStatus) (map[identity.ID]int, error) {
	found, err := counts(ctx, s.selectRows((*invitationRow)(nil)).Where("i.organisation_id IN (?)", bun.List(of)).
		ApplyQueryBuilder(s.invitationsLike(status)), "i.organisation_id")
	if err != nil {
		return nil, fmt.Errorf("count invitations: %w", err)
	}
	return found, nil
}

func (s *Scope) invitationsLike(status *identity.InvitationStatus) func(bun.QueryBuilder) bun.QueryBuilder {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		if status == nil {
			return q
		}
		const open = "i.accepted_at IS NULL AND i.revoked_at IS NULL AND "
		switch *status {
		case identity.InvitationAccepted:
			return q.Where("i.accepted_at IS NOT NULL")
		case identity.InvitationRevoked:
			return q.Where("i.accepted_at IS NULL AND i.revoked_at IS NOT NULL")
		case identity.InvitationExpired:
			return q.Where(open+"i.expires_at <= ?", s.Now)
		}
		return q.Where(open+"i.expires_at > ?", s.Now)
	}
}
