package app

import (
	"context"
	"encoding/json"
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
		if err := actor.Session.MayChangeFactors(user); err != nil {
			return err
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

// Confirmation is what somebody gives to confirm an enrolment: a first code, or what a security key answered, a
// RegistrationResponseJSON.
type Confirmation struct {
	Code       string
	Credential json.RawMessage
}

// confirmed is an enrolment whose first proof was right.
type confirmed struct {
	store.Enrolment
	// step is the time step of an authenticator app's code, which is used up.
	step int64
	// credential is a security key's.
	credential *identity.PublicKeyCredential
}

// ConfirmEnrolment makes the factor work with its first right code, in the place of an earlier one of its kind, or with a
// security key's first right answer, beside the earlier ones. Other sessions and sign-ins of the user end; the person who
// enrolled goes on: in a sign-in to its next step, in a session with a stronger one.
func (a *App) ConfirmEnrolment(ctx context.Context, actor identity.Actor, id identity.ID, given Confirmation) (Enrolled, error) {
	var enrolled Enrolled
	err := a.enrolling(ctx, actor, func(s *store.Scope, who enrollee) error {
		done, err := a.confirm(ctx, s, actor.Portal, who.user, id, given)
		if err != nil {
			return err
		}
		factor := identity.Factor{ID: done.ID, User: who.user.ID, Kind: done.Kind, Name: done.Name, EnrolledAt: s.Now}
		if factor.Kind.IsSent() {
			factor.Hint = done.Name // where the code that was right was sent
		}
		first := !who.user.IsEnrolled()
		if who.user, err = a.activateFactor(ctx, s, actor, who, factor, done); err != nil {
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

// confirm checks the first proof, and uses the enrolment up when it is right. A wrong one is counted; too many end the
// enrolment.
func (a *App) confirm(ctx context.Context, s *store.Scope, portal identity.Portal, user identity.User, id identity.ID, given Confirmation) (confirmed, error) {
	enrolment, err := s.LockEnrolment(ctx, user.ID, id)
	done := confirmed{Enrolment: enrolment}
	if errors.Is(err, identity.Refuse(identity.NotFound)) || err == nil && !s.Now.Before(done.ExpiresAt) {
		return done, identity.Refuse(identity.NotFound, "input", "enrolmentId")
	}
	if err != nil {
		return done, err
	}
	if portal.Lockout.Disables(identity.Failures{Count: done.Failures}) {
		return done, identity.Refuse(identity.TooManyAttempts)
	}
	if err := mayEnrol(portal, done.Kind, user, s.Now); err != nil {
		return done, err
	}
	right, err := a.matchEnrolment(ctx, s, portal, user, &done, given)
	if err != nil {
		return done, err
	}
	wrong := identity.Refuse(identity.InvalidCode, "input", "code")
	if done.Kind == identity.WebAuthn {
		wrong.Path = []string{"input", "webAuthn"}
	}
	if !right {
		if err := s.CountEnrolmentFailure(ctx, done.ID); err != nil {
			return done, err
		}
		return done, store.Keep(wrong)
	}
	if won, err := s.EndEnrolment(ctx, done.ID); err != nil || !won {
		return done, errors.Join(err, wrong)
	}
	return done, nil
}

// matchEnrolment tells whether what was given is the enrolment's, and notes what is to be kept of it.
func (a *App) matchEnrolment(ctx context.Context, s *store.Scope, portal identity.Portal, user identity.User, done *confirmed, given Confirmation) (right bool, err error) {
	switch done.Kind {
	case identity.TOTP:
		done.step, right, err = a.matchTOTP(done.SealedSecret, done.ID, given.Code, s.Now, portal.Factors.TOTPSkew)
		return right, err
	case identity.WebAuthn:
		if err := user.NameKey(done.ID, done.Name); err != nil {
			return false, err
		}
		done.credential, err = matchKey(ctx, s, portal, user, given.Credential)
		return done.credential != nil, err
	}
	return a.useCode(ctx, s, user, identity.Factor{ID: done.ID, Kind: done.Kind}, user.ID, given.Code)
}

func (a *App) activateFactor(ctx context.Context, s *store.Scope, actor identity.Actor, who enrollee, factor identity.Factor, done confirmed) (identity.User, error) {
	user, keepSession, keepSignIn := who.user, identity.ID(""), identity.ID("")
	user.EnrolmentOwed, user.CredentialVersion = "", user.CredentialVersion+1
	if actor.Session != nil {
		keepSession = actor.Session.ID
	}
	if who.attempt != nil {
		keepSignIn = who.attempt.ID
	}
	a.tellOf(s, actor, who.organisation, user, identity.FactorEnrolledMessage, factor)
	if err := a.recordAbout(ctx, s, actor, user, enrolledEvent(user, factor), actor.Client.Facts()); err != nil {
		return user, err
	}
	if err := addFactor(ctx, s, user, factor, done); err != nil {
		return user, err
	}
	err := errors.Join(
		s.SaveUser(ctx, user),
		s.EndSessionsOf(ctx, user.ID, keepSession),
		s.EndSignInsOf(ctx, user.ID, keepSignIn),
	)
	if err != nil {
		return user, err
	}
	return s.LockUser(ctx, user.ID)
}

// addFactor saves a factor in the place of the one of its kind, or beside those where there can be several.
func addFactor(ctx context.Context, s *store.Scope, user identity.User, factor identity.Factor, done confirmed) error {
	if !factor.Kind.IsPlural() {
		if err := s.RemoveFactorsOfKind(ctx, user.ID, factor.Kind); err != nil {
			return err
		}
	}
	if err := s.AddFactor(ctx, user, factor, done.SealedSecret, done.step); err != nil || done.credential == nil {
		return err
	}
	done.credential.Factor = factor.ID
	return s.AddPublicKeyCredential(ctx, user, *done.credential)
}

// goOn takes whoever enrolled to where the enrolment leads.
func (a *App) goOn(ctx context.Context, s *store.Scope, actor identity.Actor, who enrollee, factor identity.Factor) (Outcome, error) {
	if who.attempt != nil {
		attempt := *who.attempt
		attempt.FactorProven, attempt.CredentialVersion = factor.Kind, who.user.CredentialVersion
		if attempt.By == identity.WithRegistration {
			if err := a.ready(ctx, s, who.user); err != nil {
				return Outcome{}, err
			}
		}
		return a.advance(ctx, s, actor, attempt, who.organisation, who.user, isOld)
	}
	session := *actor.Session
	session.Strength = session.Strength.Or(factor.Kind.Strength())
	if session.ProvenBy != identity.RecoveryCode { // else the recovery goes on: what was lost can be taken away
		session.ProvenBy = session.ProvenBy.Or(factor.Kind)
	}
	return a.renew(ctx, s, session)
}
