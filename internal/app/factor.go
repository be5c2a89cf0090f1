package app

import (
	"context"
	"encoding/json"
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

// Proof is what somebody gives to prove a factor.
type Proof struct {
	// Kind is the kind of factor that the proof is of, or SentCode.
	Kind identity.FactorKind
	// Factor names the factor; "" for a recovery code, of which a user has one set.
	Factor identity.ID
	Code   string
	// Credential is what a security key answered: an AuthenticationResponseJSON. It says itself which key it is.
	Credential json.RawMessage
}

// SentCode stands for all kinds of factors whose codes are sent: by which medium, the factor knows.
const SentCode identity.FactorKind = "sent"

// proves tells whether the proof is of a factor of that kind; one of one kind opens none of another.
func (p Proof) proves(kind identity.FactorKind) bool {
	return kind == p.Kind || p.Kind == SentCode && kind.IsSent()
}

// proveFactor checks a code for one of the user's factors. The owner is the sign-in or session that a sent code was sent
// for. A wrong code, or one that was used before, is counted and kept even though the transaction refuses; the one that is
// too many disables the factor and tells its owner.
func (a *App) proveFactor(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, owner identity.ID, given Proof) (identity.Factor, error) {
	if given.Kind == identity.WebAuthn {
		return a.proveKey(ctx, s, actor, organisation, user, owner, given)
	}
	id, named := given.factorOf(user)
	if !named {
		return identity.Factor{}, identity.Refuse(identity.InvalidCode, "input", "proof")
	}
	factor, err := a.lockProvable(ctx, s, actor.Portal.Lockout, user, id)
	if err != nil {
		return factor.Factor, err
	}
	if err := admitProof(actor.Portal, user, factor.Factor, s.Now); err != nil {
		return factor.Factor, err
	}
	right, err := a.acceptProof(ctx, s, actor.Portal, user, factor, owner, given.Code)
	if err == nil && right && factor.Kind == identity.RecoveryCode {
		err = a.recoveryCodeUsed(ctx, s, actor, organisation, user)
	}
	if err != nil || right {
		return factor.Factor, err
	}
	return a.countWrong(ctx, s, actor, organisation, user, factor.Factor)
}

// lockProvable loads a factor to be proved. Where time has lifted the lock of wrong codes, they are forgotten.
func (a *App) lockProvable(ctx context.Context, s *store.Scope, lockout identity.LockoutPolicy, user identity.User, id identity.ID) (store.FactorSecret, error) {
	factor, err := s.LockFactor(ctx, user.ID, id)
	if err != nil || !lockout.HasLapsed(factor.Failures, s.Now) {
		return factor, err
	}
	factor.Failures, factor.DisabledAt = identity.Failures{}, nil
	_, err = s.EnableFactor(ctx, id)
	return factor, err
}

// countWrong counts a wrong proof for each of the factors that it may have been of, and refuses. The one that is too many
// disables a factor and tells its owner.
func (a *App) countWrong(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, factors ...identity.Factor) (identity.Factor, error) {
	for _, factor := range factors {
		failures := factor.Failures.Plus(s.Now)
		disable := actor.Portal.Lockout.Disables(failures)
		if disable {
			a.tellOf(s, actor, organisation, user, identity.FactorDisabledMessage, factor)
			if err := a.recordFrom(ctx, s, actor, user, identity.FactorDisabled, factor.ID, nil); err != nil {
				return factor, err
			}
		}
		if err := s.CountFactorFailure(ctx, factor.ID, failures, disable); err != nil {
			return factor, err
		}
	}
	return identity.Factor{}, store.Keep(identity.Refuse(identity.InvalidCode, "input", "proof"))
}

// admitProof decides whether a factor may be proved now, or a code for it be sent.
func admitProof(portal identity.Portal, user identity.User, factor identity.Factor, now time.Time) error {
	if factor.DisabledAt != nil && !portal.Lockout.Disables(factor.Failures) {
		return identity.Refuse(identity.TooManyAttempts) // it wasn't wrong codes that disabled it, and time doesn't lift that
	}
	if err := portal.Recovery.AdmitKind(factor.Kind, user, now); err != nil {
		return err
	}
	return portal.Lockout.AdmitCode(factor.Failures, now)
}

// factorOf finds the factor that the proof is of among the user's own.
func (p Proof) factorOf(user identity.User) (identity.ID, bool) {
	for _, factor := range user.Factors {
		matches := p.proves(factor.Kind) && (factor.ID == p.Factor || p.Kind == identity.RecoveryCode)
		if matches {
			return factor.ID, true
		}
	}
	return "", false
}

// acceptProof uses the code up where it is right.
func (a *App) acceptProof(ctx context.Context, s *store.Scope, portal identity.Portal, user identity.User, factor store.FactorSecret, owner identity.ID, code string) (bool, error) {
	if factor.Kind == identity.TOTP {
		step, ok, err := a.matchTOTP(factor.SealedSecret, factor.ID, code, s.Now, portal.Factors.TOTPSkew)
		if err != nil || !ok {
			return false, err
		}
		return s.AcceptStep(ctx, factor.ID, step)
	}
	used, err := a.useCode(ctx, s, user, factor.Factor, owner, code)
	if err != nil || !used {
		return false, err
	}
	return s.ProveFactor(ctx, factor.ID)
}

// useCode uses up a sent code or a recovery code.
func (a *App) useCode(ctx context.Context, s *store.Scope, user identity.User, factor identity.Factor, owner identity.ID, code string) (bool, error) {
	if factor.Kind == identity.RecoveryCode {
		typed, err := secret.ParseRecoveryCode(code)
		if err != nil {
			return false, nil
		}
		return s.UseRecoveryCode(ctx, user.ID, typed.Hashes(a.keys, string(user.ID)))
	}
	typed, err := secret.ParseCode(code)
	if err != nil {
		return false, nil
	}
	return s.UseCode(ctx, owner, factor.ID, typed.Hashes(a.keys, string(owner)))
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

// RemoveFactor takes one of the actor's own factors away, where the portal lets users and policy doesn't demand it. Other
// sessions end, and the owner is told.
func (a *App) RemoveFactor(ctx context.Context, actor identity.Actor, id identity.ID) (Outcome, error) {
	var outcome Outcome
	err := a.onOwnFactor(ctx, actor, id, func(s *store.Scope, organisation identity.Organisation, user identity.User, factor identity.Factor) error {
		if err := actor.Portal.Factors.Remove(actor.Portal, organisation, user, factor, s.Now); err != nil {
			return err
		}
		if err := actor.Session.MayChangeFactors(user); err != nil {
			return err
		}
		user.CredentialVersion++
		a.tellOf(s, actor, organisation, user, identity.FactorRemovedMessage, factor)
		if err := a.recordFrom(ctx, s, actor, user, identity.FactorRemoved, factor.ID, map[string]string{"kind": string(factor.Kind)}); err != nil {
			return err
		}
		if err := s.SaveUser(ctx, user); err != nil {
			return err
		}
		if err := unlink(ctx, s, user, factor); err != nil {
			return err
		}
		if err := s.EndSignInsOf(ctx, user.ID, ""); err != nil {
			return err
		}
		if err := s.EndSessionsOf(ctx, user.ID, actor.Session.ID); err != nil {
			return err
		}
		var err error
		outcome, err = a.renew(ctx, s, *actor.Session)
		return err
	})
	return outcome, err
}

// unlink takes one factor away, and what can't stand without it.
func unlink(ctx context.Context, s *store.Scope, user identity.User, factor identity.Factor) error {
	if user.IsLast(factor) {
		return s.RemoveFactors(ctx, user.ID)
	}
	return s.RemoveFactor(ctx, user.ID, factor)
}

// RenameFactor gives one of the actor's own factors another label.
func (a *App) RenameFactor(ctx context.Context, actor identity.Actor, id identity.ID, name string) (identity.Factor, error) {
	var renamed identity.Factor
	name, err := identity.CleanName(name, "input", "name")
	if err != nil {
		return renamed, err
	}
	err = a.onOwnFactor(ctx, actor, id, func(s *store.Scope, _ identity.Organisation, user identity.User, factor identity.Factor) error {
		renamed = factor
		renamed.Name = name
		if factor.Kind == identity.WebAuthn {
			if err := user.NameKey(factor.ID, name); err != nil {
				return err
			}
		}
		_, err := s.RenameFactor(ctx, user.ID, factor.ID, name)
		return err
	})
	return renamed, err
}

func (a *App) onOwnFactor(ctx context.Context, actor identity.Actor, id identity.ID,
	work func(*store.Scope, identity.Organisation, identity.User, identity.Factor) error,
) error {
	return a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		organisation, err := s.Organisation(ctx, actor.Organisation.ID)
		if err != nil {
			return err
		}
		user, err := s.LockUser(ctx, actor.User.ID)
		if err != nil {
			return err
		}
		for _, factor := range user.Factors {
			if factor.ID == id {
				return work(s, organisation, user, factor)
			}
		}
		return identity.Refuse(identity.NotFound, "input", "id")
	})
}
