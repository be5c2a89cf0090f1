package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// AuditKey is a user's key of one month, sealed: what the audit log tells of the user is sealed under it.
type AuditKey struct {
	ID     identity.ID
	Sealed []byte
}

type auditKeyRow struct {
	bun.BaseModel `bun:"table:audit_keys,alias:ak"`
	tenancy
	ID     identity.ID `bun:"id,pk"`
	UserID identity.ID `bun:"user_id"`
	Month  string      `bun:"month"`
	Sealed []byte      `bun:"sealed_key"`
}

// AuditKey answers a user's key of the transaction's month, or nil where there is none yet.
func (s *Scope) AuditKey(ctx context.Context, u identity.User) (*AuditKey, error) {
	var row auditKeyRow
	err := s.selectRows(&row).Where("ak.organisation_id = ? AND ak.user_id = ?", u.OrganisationID, u.ID).
		Where("ak.month = ?", identity.AuditMonth(s.Now)).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read an audit key: %w", err)
	}
	return &AuditKey{row.ID, row.Sealed}, nil
}

// AddAuditKey adds a user's key of the transaction's month. Where another transaction was faster, that one's is answered and
// holds: a user has one key a month.
func (s *Scope) AddAuditKey(ctx context.Context, u identity.User, key AuditKey) (AuditKey, error) {
	row := &auditKeyRow{
		tenancy: tenancy{u.Portal, u.OrganisationID}, ID: key.ID, UserID: u.ID, Month: identity.AuditMonth(s.Now), Sealed: key.Sealed,
	}
	if !s.admits(row.owner()) {
		return key, errors.New("add an audit key: the row belongs to another tenant")
	}
	if err := s.mayAdd(row); err != nil {
		return key, err
	}
	_, err := s.tx.NewInsert().Model(row).On("CONFLICT (portal, organisation_id, user_id, month) DO UPDATE").
		Set("month = ak.month").Returning("id, sealed_key").Exec(ctx)
	if err != nil {
		return key, fmt.Errorf("add an audit key: %w", mended(err))
	}
	return AuditKey{row.ID, row.Sealed}, nil
}

// ForgetAuditFacts destroys the keys of all calendar months (UTC) that had ended by that instant, of every user behind the
// wall, and answers how many those were. What audit events of those months told of users is gone with them; the events stay,
// and their chains hold. What is younger than the instant is never forgotten, what is older by less than a month may not be
// yet: a month goes as a whole. Nothing happens where it is done again.
//
// A portal's retention runs it in a transaction of identity.AcrossPortal.
func (s *Scope) ForgetAuditFacts(ctx context.Context, before time.Time) (int, error) {
	result, err := s.deleteRows((*auditKeyRow)(nil)).Where("ak.month < ?", identity.AuditMonth(before)).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("forget the facts of audit events: %w", err)
	}
	count, err := result.RowsAffected()
	return int(count), err
}
