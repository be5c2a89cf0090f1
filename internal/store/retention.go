package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Before is what came to its end before an instant, at most so many.
type Before struct {
	At   time.Time
	Most int
}

// perishable are the rows that are deleted when their time is over, with the column that says when they came to their end.
var perishable = map[identity.Retained]struct {
	row    any
	column string
}{
	identity.RetainedLinks:      {(*linkRow)(nil), "expires_at"},
	identity.RetainedSessions:   {(*sessionRow)(nil), "created_at"},
	identity.RetainedMessages:   {(*messageRow)(nil), "settled_at"},
	identity.RetainedImports:    {(*importRow)(nil), "created_at"},
	identity.RetainedDeliveries: {(*webhookDeliveryRow)(nil), "settled_at"},
	identity.RetainedKeys:       {(*idempotencyRow)(nil), "created_at"},
}

// Forget deletes rows of a portal that have served, in every organisation of it, and answers how many.
func (db *DB) Forget(ctx context.Context, portal string, what identity.Retained, before Before) (int, error) {
	kind, known := perishable[what]
	if !known {
		return 0, fmt.Errorf("forget %s: it is in no table", what)
	}
	place := bun.Ident("rowid")
	if db.IsPostgres() {
		place = "ctid"
	}
	served := db.system.NewSelect().Model(kind.row).ColumnExpr("?TableAlias.?", place).
		Where("?TableAlias.portal = ? AND ?TableAlias.? < ?", portal, bun.Ident(kind.column), before.At).Limit(int64(before.Most))
	result, err := db.system.NewDelete().Model(kind.row).Where("?TableAlias.? IN (?)", place, served).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("forget %s: %w", what, err)
	}
	count, err := result.RowsAffected()
	return int(count), err
}

// Portals lists the portals of which anything is kept, whether or not there still is a file of them.
func (db *DB) Portals(ctx context.Context) ([]string, error) {
	var slugs []string
	err := db.system.NewSelect().Model((*organisationRow)(nil)).Distinct().Column("portal").OrderExpr("portal").Scan(ctx, &slugs)
	if err != nil {
		return nil, fmt.Errorf("list portals: %w", err)
	}
	return slugs, nil
}

// NoteRemovals notes as removed from now on whoever was removed without a note of when: before that was kept, or by a server of
// the version before.
func (s *Scope) NoteRemovals(ctx context.Context) error {
	_, err := s.updateRows((*userRow)(nil)).Set("removed_at = ?", s.Now).
		Where("u.registration = 'REMOVED' AND u.removed_at IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("note when users were removed: %w", err)
	}
	return nil
}

// RemovedUsers names users who were removed before an instant, and aren't erased; the longest removed first.
func (s *Scope) RemovedUsers(ctx context.Context, before Before) ([]identity.ID, error) {
	return s.due(ctx, s.selectRows((*userRow)(nil)).Column("id").Where("u.removed_at < ? AND u.display_name <> ''", before.At).
		OrderExpr("u.removed_at, u.id"), before)
}

// RemovedOrganisations names organisations that were removed before an instant, and aren't erased; the longest removed first.
func (s *Scope) RemovedOrganisations(ctx context.Context, before Before) ([]identity.ID, error) {
	return s.due(ctx, s.selectRows((*organisationRow)(nil)).Column("organisation_id").Where("o.removed_at < ? AND o.name <> ''", before.At).
		OrderExpr("o.removed_at, o.organisation_id"), before)
}

// ExpiredInvitations names invitations that expired before an instant, of people who never came; the longest expired first.
func (s *Scope) ExpiredInvitations(ctx context.Context, before Before) ([]identity.ID, error) {
	return s.due(ctx, s.selectRows((*invitationRow)(nil)).Column("i.id").
		Join("JOIN users AS u ON u.portal = i.portal AND u.organisation_id = i.organisation_id AND u.id = i.user_id").Join(joinOrganisation).
		Where("i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at < ?", before.At).
		Where("u.registration = 'INVITED' AND m.main_user_id <> u.id AND m.removed_at IS NULL").OrderExpr("i.expires_at, i.id"), before)
}

func (s *Scope) due(ctx context.Context, query *bun.SelectQuery, before Before) (ids []identity.ID, err error) {
	if err := query.Limit(int64(before.Most)).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("list what is to be erased: %w", err)
	}
	return ids, nil
}
