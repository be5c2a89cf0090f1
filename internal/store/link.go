package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type linkRow struct {
	bun.BaseModel `bun:"table:links,alias:l"`
	tenancy
	ID        identity.ID          `bun:"id,pk"`
	UserID    identity.ID          `bun:"user_id"`
	TokenHash []byte               `bun:"token_hash"`
	Purpose   identity.LinkPurpose `bun:"purpose"`
	ActionID  identity.ID          `bun:"action_id"`
	CreatedAt time.Time            `bun:"created_at"`
	ExpiresAt time.Time            `bun:"expires_at"`
	UsedAt    *time.Time           `bun:"used_at"`
	RevokedAt *time.Time           `bun:"revoked_at"`
}

func linkRowOf(l identity.Link, tokenHash []byte) *linkRow {
	return &linkRow{
		tenancy: tenancy{l.Portal, l.Organisation}, ID: l.ID, UserID: l.User, TokenHash: tokenHash, Purpose: l.Purpose,
		ActionID: l.Action, CreatedAt: l.CreatedAt, ExpiresAt: l.ExpiresAt, UsedAt: l.UsedAt, RevokedAt: l.RevokedAt,
	}
}

func (r *linkRow) link() identity.Link {
	return identity.Link{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, User: r.UserID, Purpose: r.Purpose,
		Action: r.ActionID, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, UsedAt: r.UsedAt, RevokedAt: r.RevokedAt,
	}
}

// HashedLink is a link with the hash of its token, as it is saved.
type HashedLink struct {
	identity.Link
	TokenHash []byte
}

// AddLinks saves new links.
func (s *Scope) AddLinks(ctx context.Context, links ...HashedLink) error {
	rows := make([]*linkRow, len(links))
	for i, link := range links {
		rows[i] = linkRowOf(link.Link, link.TokenHash)
	}
	if err := insert(ctx, s, rows...); err != nil {
		return fmt.Errorf("add links: %w", err)
	}
	return nil
}

// Link loads one, or refuses with NOT_FOUND.
func (s *Scope) Link(ctx context.Context, id identity.ID) (identity.Link, error) {
	var row linkRow
	err := s.selectRows(&row).Where("l.id = ?", id).Scan(ctx)
	return row.link(), found(err, "load link")
}

// LastLinkAt is when the user was last mailed a link that leads in; nil for never.
func (s *Scope) LastLinkAt(ctx context.Context, user identity.ID) (*time.Time, error) {
	var rows []linkRow
	err := s.selectRows(&rows).Where("l.user_id = ? AND l.purpose NOT IN (?)", user, bun.List(identity.GuardingPurposes)).
		OrderExpr("l.id DESC").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, found(err, "load last link")
	}
	return &rows[0].CreatedAt, nil
}

// UseLink uses a link up; false where somebody was first, or it was revoked, or it has expired.
func (s *Scope) UseLink(ctx context.Context, id identity.ID) (bool, error) {
	result, err := s.updateRows((*linkRow)(nil)).Set("used_at = ?", s.Now).
		Where("l.id = ? AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > ?", id, s.Now).Exec(ctx)
	return changed(result, err, "use link")
}

// RevokeLinks voids every open link of a user that leads in. What undoes a change of contact or stops a support action
// stays: it is there against whoever has come in, or would.
func (s *Scope) RevokeLinks(ctx context.Context, user identity.ID) error {
	return s.revokeLinksWhere(ctx, "l.user_id = ? AND l.purpose NOT IN (?)", user, bun.List(identity.GuardingPurposes))
}

// RevokeStopLinks voids the open links that stop a support action.
func (s *Scope) RevokeStopLinks(ctx context.Context, concerned, action identity.ID) error {
	return s.revokeLinksWhere(ctx, "l.user_id = ? AND l.action_id = ?", concerned, action)
}

// RevokeLink voids one link, where it is open.
func (s *Scope) RevokeLink(ctx context.Context, id identity.ID) error {
	return s.revokeLinksWhere(ctx, "l.id = ?", id)
}

// RevokeLinksOfPurpose voids every open link of that purpose in an organisation.
func (s *Scope) RevokeLinksOfPurpose(ctx context.Context, organisation identity.ID, purpose identity.LinkPurpose) error {
	return s.revokeLinksWhere(ctx, "l.organisation_id = ? AND l.purpose = ?", organisation, purpose)
}

func (s *Scope) revokeLinksWhere(ctx context.Context, condition string, values ...any) error {
	_, err := s.updateRows((*linkRow)(nil)).Set("revoked_at = ?", s.Now).
		Where("l.used_at IS NULL AND l.revoked_at IS NULL").Where(condition, values...).Exec(ctx)
	if err != nil {
		return fmt.Errorf("revoke links: %w", err)
	}
	return nil
}
