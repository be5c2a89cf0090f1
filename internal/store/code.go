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

type codeRow struct {
	bun.BaseModel `bun:"table:codes,alias:c"`
	tenancy
	OwnerID          identity.ID `bun:"owner_id,pk"`
	UserID           identity.ID `bun:"user_id"`
	FactorID         identity.ID `bun:"factor_id"`
	CodeHash         []byte      `bun:"code_hash"`
	SentAt           time.Time   `bun:"sent_at"`
	ExpiresAt        time.Time   `bun:"expires_at"`
	ResendAllowedAt  time.Time   `bun:"resend_allowed_at"`
	ResendsRemaining int         `bun:"resends_remaining"`
}

func (r *codeRow) dispatch() *identity.CodeDispatch {
	return &identity.CodeDispatch{
		FactorID: r.FactorID, SentAt: r.SentAt, ExpiresAt: r.ExpiresAt, ResendAllowedAt: r.ResendAllowedAt,
		ResendsRemaining: r.ResendsRemaining,
	}
}

// CodeSent tells of the code that was last sent for an owner: a sign-in, an enrolment or a session. Nil: none was.
func (s *Scope) CodeSent(ctx context.Context, owner identity.ID) (*identity.CodeDispatch, error) {
	var row codeRow
	err := s.selectRows(&row).Where("c.owner_id = ?", owner).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load sent code: %w", err)
	}
	return row.dispatch(), nil
}

// SendCode saves a code that is on its way, in the place of the one that was sent for the owner before.
func (s *Scope) SendCode(ctx context.Context, u identity.User, owner identity.ID, dispatch identity.CodeDispatch, hash []byte) error {
	row := &codeRow{
		tenancy: tenancy{u.Portal, u.OrganisationID}, OwnerID: owner, UserID: u.ID, FactorID: dispatch.FactorID, CodeHash: hash,
		SentAt: dispatch.SentAt, ExpiresAt: dispatch.ExpiresAt, ResendAllowedAt: dispatch.ResendAllowedAt,
		ResendsRemaining: dispatch.ResendsRemaining,
	}
	if _, err := s.deleteRows((*codeRow)(nil)).Where("c.owner_id = ?", owner).Exec(ctx); err != nil {
		return fmt.Errorf("replace code: %w", err)
	}
	if err := insert(ctx, s, row); err != nil {
		return fmt.Errorf("save code: %w", err)
	}
	return nil
}

// UseCode uses a sent code up; false where it isn't the one, was used before, or has run out. How often it can be sent
// again stays counted.
func (s *Scope) UseCode(ctx context.Context, owner, factor identity.ID, hashes [][]byte) (bool, error) {
	result, err := s.updateRows((*codeRow)(nil)).Set("code_hash = NULL").
		Where("c.owner_id = ? AND c.factor_id = ? AND c.expires_at > ?", owner, factor, s.Now).
		Where("c.code_hash IN (?)", bun.List(hashes)).Exec(ctx)
	return changed(result, err, "use code")
}

// VoidCodes voids every code that was sent to a user and not used. How often it can be sent again stays counted.
func (s *Scope) VoidCodes(ctx context.Context, user identity.ID) error {
	_, err := s.updateRows((*codeRow)(nil)).Set("code_hash = NULL").Where("c.user_id = ?", user).Exec(ctx)
	if err != nil {
		return fmt.Errorf("void codes: %w", err)
	}
	return nil
}

type recoveryCodeRow struct {
	bun.BaseModel `bun:"table:recovery_codes,alias:r"`
	tenancy
	UserID   identity.ID `bun:"user_id,pk"`
	CodeHash []byte      `bun:"code_hash,pk"`
	KeyID    string      `bun:"key_id"`
}

// voidRecoveryCodes takes a user's recovery codes away; the factor that stands for them must go with them.
func (s *Scope) voidRecoveryCodes(ctx context.Context, user identity.ID) error {
	if _, err := s.deleteRows((*recoveryCodeRow)(nil)).Where("r.user_id = ?", user).Exec(ctx); err != nil {
		return fmt.Errorf("void recovery codes: %w", err)
	}
	return nil
}

// AddRecoveryCodes saves a user's recovery codes, with the key that their hashes were made under.
func (s *Scope) AddRecoveryCodes(ctx context.Context, u identity.User, hashes [][]byte, key string) error {
	rows := make([]*recoveryCodeRow, len(hashes))
	for i, hash := range hashes {
		rows[i] = &recoveryCodeRow{tenancy: tenancy{u.Portal, u.OrganisationID}, UserID: u.ID, CodeHash: hash, KeyID: key}
	}
	if err := insert(ctx, s, rows...); err != nil {
		return fmt.Errorf("save recovery codes: %w", err)
	}
	return nil
}

// UseRecoveryCode uses one of a user's recovery codes up; false where it is none, or was used before.
func (s *Scope) UseRecoveryCode(ctx context.Context, user identity.ID, hashes [][]byte) (bool, error) {
	result, err := s.deleteRows((*recoveryCodeRow)(nil)).Where("r.user_id = ?", user).
		Where("r.code_hash IN (?)", bun.List(hashes)).Exec(ctx)
	return changed(result, err, "use recovery code")
}

// RecoveryCodesRemaining counts a user's unused recovery codes.
func (s *Scope) RecoveryCodesRemaining(ctx context.Context, user identity.ID) (int, error) {
	count, err := s.selectRows((*recoveryCodeRow)(nil)).Where("r.user_id = ?", user).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count recovery codes: %w", err)
	}
	return int(count), nil
}
