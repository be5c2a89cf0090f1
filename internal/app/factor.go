package app

import (
	"context"
	"errors"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Factors lists the viewer's own.
func (a *App) Factors(ctx context.Context, viewer identity.Viewer) ([]identity.Factor, error) {
	var factors []identity.Factor
	err := a.db.Read(ctx, viewer.User.Tenant(), func(s *store.Scope) error {
		var err error
		factors, err = s.Factors(ctx, viewer.User.ID)
		return err
	})
	return factors, err
}

// proveFactor checks a code for one of the user's factors. A wrong one, or one that was used before, is counted and kept
// even though the transaction refuses; the one that is too many disables the factor and tells its owner.
func (a *App) proveFactor(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, given CodeProof) (identity.Factor, error) {
	wrong := identity.Refuse(identity.InvalidCode, "input", "proof")
	factor, err := s.LockFactor(ctx, user.ID, given.Factor)
	if errors.Is(err, identity.Refuse(identity.NotFound)) {
		return factor.Factor, wrong
	}
	if err != nil {
		return factor.Factor, err
	}
	if err := actor.Portal.Lockout.AdmitCode(factor.Failures, s.Now); err != nil {
		return factor.Factor, err
	}
	right, err := a.acceptCode(ctx, s, actor.Portal, factor, given.Code)
	if err != nil || right {
		return factor.Factor, err
	}
	failures := factor.Failures.Plus(s.Now)
	disable := actor.Portal.Lockout.Disables(failures)
	if disable {
		a.tell(s, actor, organisation, user, identity.FactorDisabledMessage)
		a.record(s, actor, organisation, identity.FactorDisabled, factor.ID, nil)
	}
	if err := s.CountFactorFailure(ctx, factor.ID, failures, disable); err != nil {
		return factor.Factor, err
	}
	return factor.Factor, store.Keep(wrong)
}

func (a *App) acceptCode(ctx context.Context, s *store.Scope, portal identity.Portal, factor store.FactorSecret, code string) (bool, error) {
	step, ok, err := a.matchTOTP(factor.SealedSecret, factor.ID, code, s.Now, portal.Factors.TOTPSkew)
	if err != nil || !ok {
		return false, err
	}
	return s.AcceptStep(ctx, factor.ID, step)
}

// matchTOTP finds the time step of a code. The secret is sealed to the factor's id, so that it opens in no other row.
func (a *App) matchTOTP(sealed []byte, factor identity.ID, code string, at time.Time, skew int) (int64, bool, error) {
	raw, err := a.keys.Open(sealed, []byte(factor))
	if err != nil {
		return 0, false, err
	}
	totp, err := secret.TOTPSecretOf(raw)
	if err != nil {
		return 0, false, err
	}
	step, ok := totp.Match(code, at, skew)
	return step, ok, nil
}
