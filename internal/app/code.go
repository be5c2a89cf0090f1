package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// SendSignInCode sends a code for a factor of the browser's sign-in, or of the session that wants to prove itself again.
// A new code voids the one before; wrong ones stay counted.
func (a *App) SendSignInCode(ctx context.Context, actor identity.Actor, factor identity.ID) (Outcome, error) {
	if actor.Session != nil {
		return a.sendSessionCode(ctx, actor, factor)
	}
	var outcome Outcome
	err := a.within(ctx, actor, func(s *store.Scope, attempt identity.SignIn, organisation identity.Organisation, user identity.User) error {
		required, needed := attempt.Next(actor.Portal, organisation, user, s.Now).(identity.FactorRequired)
		if !needed {
			return identity.Refuse(identity.SignInExpired)
		}
		dispatch, err := a.sendCode(ctx, s, actor, organisation, user, attempt.ID, factor)
		if err != nil {
			return err
		}
		required.CodeSent = &dispatch
		outcome.Step = required
		return nil
	})
	return outcome, err
}

func (a *App) sendSessionCode(ctx context.Context, actor identity.Actor, factor identity.ID) (Outcome, error) {
	err := a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		user, err := s.LockUser(ctx, actor.User.ID)
		if err != nil {
			return err
		}
		if user.Status() != identity.StatusActive {
			return identity.Refuse(identity.Forbidden)
		}
		_, err = a.sendCode(ctx, s, actor, *actor.Organisation, user, actor.Session.ID, factor)
		return err
	})
	return Outcome{}, err
}

// sendCode sends a code for one of the user's factors.
func (a *App) sendCode(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, owner, id identity.ID) (identity.CodeDispatch, error) {
	for _, factor := range user.Factors {
		if factor.ID != id || !factor.Kind.IsSent() {
			continue
		}
		if err := admitProof(actor.Portal, user, factor, s.Now); err != nil {
			return identity.CodeDispatch{}, err
		}
		return a.dispatchCode(ctx, s, actor, organisation, user, owner, id)
	}
	return identity.CodeDispatch{}, identity.Refuse(identity.NotFound, "input", "factorId")
}

// dispatchCode draws a code for an owner and puts it on its way to the user's stored address.
func (a *App) dispatchCode(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, owner, factor identity.ID) (identity.CodeDispatch, error) {
	if user.Email == "" {
		return identity.CodeDispatch{}, identity.Refuse(identity.DeliveryUnavailable)
	}
	before, err := s.CodeSent(ctx, owner)
	if err != nil {
		return identity.CodeDispatch{}, err
	}
	recent, err := s.Recent(ctx, user.ID, identity.CodeMessage)
	if err != nil {
		return identity.CodeDispatch{}, err
	}
	dispatch, err := identity.Dispatch(factor, before, recent, s.Now)
	if err != nil {
		return dispatch, err
	}
	code, err := secret.NewCode(a.random)
	if err != nil {
		return dispatch, err
	}
	message := identity.CodeMessage.To(actor.Portal, organisation, user)
	message.ID, message.ExpiresAt = a.newID(identity.KindMessage, s.Now), &dispatch.ExpiresAt
	s.Tell(message, a.keys.Seal([]byte(code.Reveal()), []byte(message.ID)))
	return dispatch, s.SendCode(ctx, user, owner, dispatch, code.Hash(a.keys, string(owner)))
}

// CodeEnrolment is a factor that waits for the code which was sent to it.
type CodeEnrolment struct {
	ID              identity.ID
	DestinationHint string
	CodeSent        identity.CodeDispatch
}

// BeginEmailEnrolment sends a code to the user's own address, so that codes by mail can become a factor. Wrong codes stay
// counted however often it is begun anew.
func (a *App) BeginEmailEnrolment(ctx context.Context, actor identity.Actor) (CodeEnrolment, error) {
	var enrolment CodeEnrolment
	err := a.enrolling(ctx, actor, func(s *store.Scope, who enrollee) error {
		if err := mayEnrol(actor.Portal, identity.Email, who.user, s.Now); err != nil {
			return err
		}
		failures, err := s.EnrolmentFailures(ctx, who.user.ID, identity.Email)
		if err != nil {
			return err
		}
		if actor.Portal.Lockout.Disables(identity.Failures{Count: failures}) {
			return identity.Refuse(identity.TooManyAttempts)
		}
		begun := store.Enrolment{
			ID: a.newID(identity.KindFactor, s.Now), User: who.user.ID, Kind: identity.Email, Name: who.user.Email.Mask(),
			SealedSecret: []byte{}, Failures: failures, ExpiresAt: s.Now.Add(identity.EnrolmentLifetime),
		}
		if err := s.BeginEnrolment(ctx, who.user, begun); err != nil {
			return err
		}
		dispatch, err := a.dispatchCode(ctx, s, actor, who.organisation, who.user, who.user.ID, begun.ID)
		enrolment = CodeEnrolment{ID: begun.ID, DestinationHint: who.user.Email.Mask(), CodeSent: dispatch}
		return err
	})
	return enrolment, err
}
