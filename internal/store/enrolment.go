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

type enrolmentRow struct {
	bun.BaseModel `bun:"table:enrolments,alias:e"`
	tenancy
	UserID       identity.ID         `bun:"user_id,pk"`
	ID           identity.ID         `bun:"id"`
	Kind         identity.FactorKind `bun:"kind"`
	Name         string              `bun:"name"`
	SealedSecret []byte              `bun:"sealed_secret"`
	Failures     int                 `bun:"failures"`
	ExpiresAt    time.Time           `bun:"expires_at"`
}

// Enrolment is a factor that was begun and not yet confirmed. It has the id that the factor will have.
type Enrolment struct {
	ID           identity.ID
	User         identity.ID
	Kind         identity.FactorKind
	Name         string
	SealedSecret []byte
	Failures     int
	ExpiresAt    time.Time
}

// BeginEnrolment saves an enrolment in the place of one that the user had begun before.
func (s *Scope) BeginEnrolment(ctx context.Context, u identity.User, e Enrolment) error {
	row := &enrolmentRow{
		tenancy: tenancy{u.Portal, u.OrganisationID}, UserID: u.ID, ID: e.ID, Kind: e.Kind, Name: e.Name,
		SealedSecret: e.SealedSecret, Failures: e.Failures, ExpiresAt: e.ExpiresAt,
	}
	if _, err := s.deleteRows((*enrolmentRow)(nil)).Where("e.user_id = ?", u.ID).Exec(ctx); err != nil {
		return fmt.Errorf("replace enrolment: %w", err)
	}
	if err := insert(ctx, s, row); err != nil {
		return fmt.Errorf("begin enrolment: %w", err)
	}
	return nil
}

// EnrolmentFailures counts the wrong codes for the enrolment of that kind which the user began last, confirmable or not.
func (s *Scope) EnrolmentFailures(ctx context.Context, user identity.ID, kind identity.FactorKind) (int, error) {
	var failures int
	err := s.selectRows((*enrolmentRow)(nil)).Column("failures").Where("e.user_id = ? AND e.kind = ?", user, kind).Scan(ctx, &failures)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("count wrong codes: %w", err)
	}
	return failures, nil
}

// LockEnrolment loads the one that a user has begun, or refuses with NOT_FOUND.
func (s *Scope) LockEnrolment(ctx context.Context, user, id identity.ID) (Enrolment, error) {
	var row enrolmentRow
	err := s.locked(s.selectRows(&row)).Where("e.user_id = ? AND e.id = ?", user, id).Scan(ctx)
	return Enrolment{
		ID: row.ID, User: row.UserID, Kind: row.Kind, Name: row.Name, SealedSecret: row.SealedSecret,
		Failures: row.Failures, ExpiresAt: row.ExpiresAt,
	}, found(err, "lock enrolment")
}

// EndEnrolment takes an enrolment away; false where it was gone already.
func (s *Scope) EndEnrolment(ctx context.Context, id identity.ID) (bool, error) {
	result, err := s.deleteRows((*enrolmentRow)(nil)).Where("e.id = ?", id).Exec(ctx)
	return changed(result, err, "end enrolment")
}

// CountEnrolmentFailure counts a wrong code.
func (s *Scope) CountEnrolmentFailure(ctx context.Context, id identity.ID) error {
	if _, err := s.updateRows((*enrolmentRow)(nil)).Set("failures = failures + 1").Where("e.id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("count wrong code: %w", err)
	}
	return nil
}
