package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type factorRow struct {
	bun.BaseModel `bun:"table:factors,alias:f"`
	tenancy
	ID           identity.ID         `bun:"id,pk"`
	UserID       identity.ID         `bun:"user_id"`
	Kind         identity.FactorKind `bun:"kind"`
	Name         string              `bun:"name"`
	Hint         string              `bun:"hint"`
	SealedSecret []byte              `bun:"sealed_secret"`
	LastStep     int64               `bun:"last_step"`
	Failures     int                 `bun:"failures"`
	LastFailedAt *time.Time          `bun:"last_failed_at"`
	EnrolledAt   time.Time           `bun:"enrolled_at"`
	LastUsedAt   *time.Time          `bun:"last_used_at"`
	RefusedAt    *time.Time          `bun:"refused_at"`
	DisabledAt   *time.Time          `bun:"disabled_at"`
}

func (r *factorRow) factor() identity.Factor {
	factor := identity.Factor{
		ID: r.ID, User: r.UserID, Kind: r.Kind, Name: r.Name, Hint: r.Hint, EnrolledAt: r.EnrolledAt, LastUsedAt: r.LastUsedAt,
		RefusedAt: r.RefusedAt, DisabledAt: r.DisabledAt, Failures: identity.Failures{Count: r.Failures},
	}
	if r.LastFailedAt != nil {
		factor.Failures.LastAt = *r.LastFailedAt
	}
	return factor
}

// Factors lists a user's enrolled factors in the order of their enrolment, recovery codes behind what they came with.
func (s *Scope) Factors(ctx context.Context, user identity.ID) ([]identity.Factor, error) {
	var rows []factorRow
	if err := s.selectRows(&rows).Where("f.user_id = ?", user).OrderExpr("f.enrolled_at, f.kind = 'RECOVERY_CODE', f.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list factors: %w", err)
	}
	all := make([]identity.Factor, len(rows))
	for i := range rows {
		all[i] = rows[i].factor()
	}
	return all, nil
}

// FactorSecret is what proving a factor needs.
type FactorSecret struct {
	identity.Factor
	SealedSecret []byte
}

// LockFactor loads one of a user's factors with its secret, and keeps every other transaction that locks it waiting, so
// that wrong codes are counted one after another; or refuses with NOT_FOUND.
func (s *Scope) LockFactor(ctx context.Context, user, id identity.ID) (FactorSecret, error) {
	var row factorRow
	err := s.locked(s.selectRows(&row)).Where("f.user_id = ? AND f.id = ?", user, id).Scan(ctx)
	return FactorSecret{Factor: row.factor(), SealedSecret: row.SealedSecret}, found(err, "lock factor")
}

// AcceptStep accepts a code's time step and forgets earlier failures; false where a code of that step, or a later one,
// was accepted before. It is the replay rule of RFC 6238 section 5.2.
func (s *Scope) AcceptStep(ctx context.Context, factor identity.ID, step int64) (bool, error) {
	result, err := s.updateRows((*factorRow)(nil)).
		Set("last_step = ?", step).Set("last_used_at = ?", s.Now).Set("failures = 0").Set("last_failed_at = NULL").
		Where("f.id = ? AND f.last_step < ? AND f.disabled_at IS NULL", factor, step).Exec(ctx)
	return changed(result, err, "accept time step")
}

// ProveFactor notes that a factor without time steps was proved, and forgets earlier failures; false where it is disabled.
func (s *Scope) ProveFactor(ctx context.Context, factor identity.ID) (bool, error) {
	result, err := s.updateRows((*factorRow)(nil)).
		Set("last_used_at = ?", s.Now).Set("failures = 0").Set("last_failed_at = NULL").
		Where("f.id = ? AND f.disabled_at IS NULL", factor).Exec(ctx)
	return changed(result, err, "prove factor")
}

// DisableFactor makes a factor work no longer, for another reason than wrong codes.
func (s *Scope) DisableFactor(ctx context.Context, factor identity.ID) error {
	_, err := s.updateRows((*factorRow)(nil)).Set("disabled_at = ?", s.Now).Where("f.id = ?", factor).Exec(ctx)
	if err != nil {
		return fmt.Errorf("disable factor: %w", err)
	}
	return nil
}

// CountFactorFailure counts a wrong code, and disables the factor where that was one too many.
func (s *Scope) CountFactorFailure(ctx context.Context, factor identity.ID, failures identity.Failures, disable bool) error {
	query := s.updateRows((*factorRow)(nil)).
		Set("failures = ?", failures.Count).Set("last_failed_at = ?", failures.LastAt).Where("f.id = ?", factor)
	if disable {
		query = query.Set("disabled_at = ?", s.Now)
	}
	if _, err := query.Exec(ctx); err != nil {
		return fmt.Errorf("count wrong code: %w", err)
	}
	return nil
}

// EnableFactor makes a factor that wrong codes disabled work again, and forgets them; false where it wasn't disabled.
func (s *Scope) EnableFactor(ctx context.Context, factor identity.ID) (bool, error) {
	result, err := s.updateRows((*factorRow)(nil)).
		Set("disabled_at = NULL").Set("failures = 0").Set("last_failed_at = NULL").
		Where("f.id = ? AND f.disabled_at IS NOT NULL", factor).Exec(ctx)
	return changed(result, err, "enable factor")
}

// ReplaceNumber gives a factor another number, sealed to the factor's id; false where there is no such factor. What is known
// of the old number goes with it.
func (s *Scope) ReplaceNumber(ctx context.Context, user, factor identity.ID, sealedNumber []byte, hint string) (bool, error) {
	result, err := s.updateRows((*factorRow)(nil)).
		Set("sealed_secret = ?", sealedNumber).Set("hint = ?", hint).Set("refused_at = NULL").
		Where("f.user_id = ? AND f.id = ? AND f.kind = ?", user, factor, identity.SMS).Exec(ctx)
	return changed(result, err, "replace number")
}

// AddFactor saves an enrolled factor. The step of the code that confirmed it is used up.
func (s *Scope) AddFactor(ctx context.Context, u identity.User, f identity.Factor, sealedSecret []byte, step int64) error {
	row := &factorRow{
		tenancy: tenancy{u.Portal, u.OrganisationID}, ID: f.ID, UserID: u.ID, Kind: f.Kind, Name: f.Name,
		Hint: f.Hint, SealedSecret: sealedSecret, LastStep: step, EnrolledAt: f.EnrolledAt,
		RefusedAt: f.RefusedAt,
	}
	if err := insert(ctx, s, row); err != nil {
		return fmt.Errorf("add factor: %w", err)
	}
	return s.refreshFactorKinds(ctx, u.ID)
}

// RemoveFactor takes one factor of a user away; the one that stands for recovery codes takes them with it.
func (s *Scope) RemoveFactor(ctx context.Context, user identity.ID, factor identity.Factor) error {
	if factor.Kind == identity.RecoveryCode {
		return s.RemoveFactorsOfKind(ctx, user, factor.Kind)
	}
	if _, err := s.deleteRows((*factorRow)(nil)).Where("f.user_id = ? AND f.id = ?", user, factor.ID).Exec(ctx); err != nil {
		return fmt.Errorf("remove factor: %w", err)
	}
	return s.refreshFactorKinds(ctx, user)
}

// RemoveFactorsOfKind takes the factors of one kind away, to make room for a new one.
func (s *Scope) RemoveFactorsOfKind(ctx context.Context, user identity.ID, kind identity.FactorKind) error {
	if _, err := s.deleteRows((*factorRow)(nil)).Where("f.user_id = ? AND f.kind = ?", user, kind).Exec(ctx); err != nil {
		return fmt.Errorf("remove factors: %w", err)
	}
	if kind == identity.RecoveryCode {
		if err := s.voidRecoveryCodes(ctx, user); err != nil {
			return err
		}
	}
	return s.refreshFactorKinds(ctx, user)
}

// RenameFactor gives a factor another label; false where there is no such one.
func (s *Scope) RenameFactor(ctx context.Context, user, id identity.ID, name string) (bool, error) {
	result, err := s.updateRows((*factorRow)(nil)).Set("name = ?", name).Where("f.user_id = ? AND f.id = ?", user, id).Exec(ctx)
	return changed(result, err, "rename factor")
}

// RemoveFactors takes all factors of a user away, their recovery codes, and an enrolment that was begun.
func (s *Scope) RemoveFactors(ctx context.Context, user identity.ID) error {
	if _, err := s.deleteRows((*factorRow)(nil)).Where("f.user_id = ?", user).Exec(ctx); err != nil {
		return fmt.Errorf("remove factors: %w", err)
	}
	if _, err := s.deleteRows((*enrolmentRow)(nil)).Where("e.user_id = ?", user).Exec(ctx); err != nil {
		return fmt.Errorf("remove enrolment: %w", err)
	}
	if err := s.voidRecoveryCodes(ctx, user); err != nil {
		return err
	}
	return s.refreshFactorKinds(ctx, user)
}

// refreshFactorKinds writes users.factor_kinds anew from the factors themselves, each kind once.
func (s *Scope) refreshFactorKinds(ctx context.Context, user identity.ID) error {
	factors, err := s.Factors(ctx, user)
	if err != nil {
		return err
	}
	kinds := []string{""}
	for _, factor := range factors {
		if !slices.Contains(kinds, string(factor.Kind)) {
			kinds = append(kinds, string(factor.Kind))
		}
	}
	if _, err := s.updateRows((*userRow)(nil)).Set("factor_kinds = ?", strings.Join(kinds, " ")).Where("u.id = ?", user).Exec(ctx); err != nil {
		return fmt.Errorf("refresh factor kinds: %w", err)
	}
	return nil
}
