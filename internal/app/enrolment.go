package app

import (
	"context"
	"errors"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// TOTPEnrolment is what an authenticator app needs, told this once. Nothing is active before the enrolment is confirmed.
type TOTPEnrolment struct {
	ID identity.ID
	// Secret is the secret in base32, for typing; URI and QRCode (a data: URI of a PNG) are for scanning.
	Secret, OtpauthURI, QRCode string
	ExpiresAt                  time.Time
}

// enrollee is who enrols: a signed-in user, or one whose sign-in stands before enrolment.
type enrollee struct {
	organisation identity.Organisation
	user         identity.User
	// attempt is nil for a signed-in user.
	attempt *identity.SignIn
}

// enrolling runs work for whoever enrols, with their user locked.
func (a *App) enrolling(ctx context.Context, actor identity.Actor, work func(*store.Scope, enrollee) error) error {
	if actor.Session == nil {
		return a.within(ctx, actor, func(s *store.Scope, attempt identity.SignIn, organisation identity.Organisation, user identity.User) error {
			if !attempt.Enrolling(actor.Portal, organisation, user, s.Now) {
				return identity.Refuse(identity.Forbidden)
			}
			return work(s, enrollee{organisation, user, &attempt})
		})
	}
	return a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		organisation, err := s.Organisation(ctx, actor.Organisation.ID)
		if err != nil {
			return err
		}
		user, err := s.LockUser(ctx, actor.User.ID)
		if err != nil {
			return err
		}
		if user.Status() != identity.StatusActive {
			return identity.Refuse(identity.Forbidden)
		}
		return work(s, enrollee{organisation, user, nil})
	})
}

func mayEnrol(portal identity.Portal, kind identity.FactorKind, user identity.User, now time.Time) error {
	if err := portal.Factors.Enrol(kind, user); err != nil {
		return err
	}
	return portal.Recovery.AdmitKind(kind, user, now)
}

// BeginTOTPEnrolment draws a secret for an authenticator app. An enrolment begun before and not confirmed is void.
func (a *App) BeginTOTPEnrolment(ctx context.Context, actor identity.Actor, label string) (TOTPEnrolment, error) {
	var enrolment TOTPEnrolment
	if label == "" {
		label = actor.Portal.Name
	}
	label, err := identity.CleanName(label, "input", "label")
	if err != nil {
		return enrolment, err
	}
	err = a.enrolling(ctx, actor, func(s *store.Scope, who enrollee) error {
		if err := mayEnrol(actor.Portal, identity.TOTP, who.user, s.Now); err != nil {
			return err
		}
		totp, err := secret.NewTOTPSecret(a.random)
		if err != nil {
			return err
		}
		enrolment = TOTPEnrolment{
			ID: a.newID(identity.KindFactor, s.Now), Secret: totp.Base32(), ExpiresAt: s.Now.Add(identity.EnrolmentLifetime),
		}
		account := accountName(who.user)
		enrolment.OtpauthURI = totp.URI(actor.Portal.Name, account)
		if enrolment.QRCode, err = totp.QRCode(actor.Portal.Name, account); err != nil {
			return err
		}
		return s.BeginEnrolment(ctx, who.user, store.Enrolment{
			ID: enrolment.ID, User: who.user.ID, Kind: identity.TOTP, Name: label, ExpiresAt: enrolment.ExpiresAt,
			SealedSecret: a.keys.Seal(totp.Bytes(), []byte(enrolment.ID)),
		})
	})
	return enrolment, err
}

// accountName is what the app shows under the portal's name.
func accountName(user identity.User) string {
	if user.Email == "" && user.Username != nil {
		return *user.Username
	}
	return string(user.Email)
}

// Enrolled is what a confirmed enrolment came to.
type Enrolled struct {
	Factor identity.Factor
	// RecoveryCodes are shown this once, with the first factor, where the portal gives them.
	RecoveryCodes []string
	Outcome
}

// ConfirmEnrolment makes the factor work with its first right code, in the place of an earlier one of its kind. Other
// sessions and sign-ins of the user end; the person who enrolled goes on: in a sign-in to its next step, in a session
// with a stronger one.
func (a *App) ConfirmEnrolment(ctx context.Context, actor identity.Actor, id identity.ID, code string) (Enrolled, error) {
	var enrolled Enrolled
	err := a.enrolling(ctx, actor, func(s *store.Scope, who enrollee) error {
		enrolment, step, err := a.confirmCode(ctx, s, actor.Portal, who.user, id, code)
		if err != nil {
			return err
		}
		factor := identity.Factor{
			ID: enrolment.ID, User: who.user.ID, Kind: enrolment.Kind, Name: enrolment.Name, EnrolledAt: s.Now,
		}
		if factor.Kind.IsSent() {
			factor.Hint = enrolment.Name // where the code that was right was sent
		}
		first := !who.user.IsEnrolled()
		if who.user, err = a.activateFactor(ctx, s, actor, who, factor, enrolment.SealedSecret, step); err != nil {
			return err
		}
		if first && actor.Portal.Factors.RecoveryCodes {
			if enrolled.RecoveryCodes, err = a.drawRecoveryCodes(ctx, s, who.user); err != nil {
				return err
			}
			if who.user, err = s.LockUser(ctx, who.user.ID); err != nil { // who has one factor more
				return err
			}
		}
		enrolled.Factor = factor
		enrolled.Outcome, err = a.goOn(ctx, s, actor, who, factor)
		return err
	})
	return enrolled, err
}

// confirmCode checks the first code, and uses the enrolment up when it is right. A wrong one is counted; too many end the
// enrolment.
func (a *App) confirmCode(ctx context.Context, s *store.Scope, portal identity.Portal, user identity.User, id identity.ID, code string) (store.Enrolment, int64, error) {
	enrolment, err := s.LockEnrolment(ctx, user.ID, id)
	if errors.Is(err, identity.Refuse(identity.NotFound)) || err == nil && !s.Now.Before(enrolment.ExpiresAt) {
		return enrolment, 0, identity.Refuse(identity.NotFound, "input", "enrolmentId")
	}
	if err != nil {
		return enrolment, 0, err
	}
	if portal.Lockout.Disables(identity.Failures{Count: enrolment.Failures}) {
		return enrolment, 0, identity.Refuse(identity.TooManyAttempts)
	}
	if err := mayEnrol(portal, enrolment.Kind, user, s.Now); err != nil {
		return enrolment, 0, err
	}
	step, right, err := a.matchEnrolment(ctx, s, portal, user, enrolment, code)
	if err != nil {
		return enrolment, 0, err
	}
	if !right {
		if err := s.CountEnrolmentFailure(ctx, enrolment.ID); err != nil {
			return enrolment, 0, err
		}
		return enrolment, 0, store.Keep(identity.Refuse(identity.InvalidCode, "input", "code"))
	}
	if won, err := s.EndEnrolment(ctx, enrolment.ID); err != nil || !won {
		return enrolment, 0, errors.Join(err, identity.Refuse(identity.InvalidCode, "input", "code"))
	}
	return enrolment, step, nil
}

// matchEnrolment tells whether a code is the enrolment's, and the time step of an authenticator app's.
func (a *App) matchEnrolment(ctx context.Context, s *store.Scope, portal identity.Portal, user identity.User, enrolment store.Enrolment, code string) (int64, bool, error) {
	if enrolment.Kind == identity.TOTP {
		return a.matchTOTP(enrolment.SealedSecret, enrolment.ID, code, s.Now, portal.Factors.TOTPSkew)
	}
	used, err := a.useCode(ctx, s, user, identity.Factor{ID: enrolment.ID, Kind: enrolment.Kind}, user.ID, code)
	return 0, used, err
}

func (a *App) activateFactor(ctx context.Context, s *store.Scope, actor identity.Actor, who enrollee, factor identity.Factor, sealedSecret []byte, step int64) (identity.User, error) {
	user, keepSession, keepSignIn := who.user, identity.ID(""), identity.ID("")
	user.EnrolmentOwed, user.CredentialVersion = "", user.CredentialVersion+1
	if actor.Session != nil {
		keepSession = actor.Session.ID
	}
	if who.attempt != nil {
		keepSignIn = who.attempt.ID
	}
	a.tell(s, actor, who.organisation, user, identity.FactorEnrolledMessage)
	a.record(s, actor, who.organisation, identity.FactorEnrolled, factor.ID, map[string]string{"kind": string(factor.Kind), "user": string(user.ID)})
	err := errors.Join(
		s.SaveUser(ctx, user),
		s.RemoveFactorsOfKind(ctx, user.ID, factor.Kind),
		s.AddFactor(ctx, user, factor, sealedSecret, step),
		s.EndSessionsOf(ctx, user.ID, keepSession),
		s.EndSignInsOf(ctx, user.ID, keepSignIn),
	)
	if err != nil {
		return user, err
	}
	return s.LockUser(ctx, user.ID)
}

// goOn takes whoever enrolled to where the enrolment leads.
func (a *App) goOn(ctx context.Context, s *store.Scope, actor identity.Actor, who enrollee, factor identity.Factor) (Outcome, error) {
	if who.attempt != nil {
		attempt := *who.attempt
		attempt.FactorProven, attempt.CredentialVersion = factor.Kind, who.user.CredentialVersion
		return a.advance(ctx, s, actor, attempt, who.organisation, who.user, isOld)
	}
	return a.renew(ctx, s, *actor.Session, factor.Kind.Strength())
}
