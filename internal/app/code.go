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
		to, err := a.destinationOf(ctx, s, user, factor)
		if err != nil {
			return identity.CodeDispatch{}, err
		}
		return a.dispatchCode(ctx, s, actor, organisation, user, owner, to)
	}
	return identity.CodeDispatch{}, identity.Refuse(identity.NotFound, "input", "factorId")
}

// destination is where a code goes.
type destination struct {
	// kind is the medium.
	kind identity.FactorKind
	// factor is the factor, or the enrolment, that the code proves.
	factor identity.ID
	// line is the phone's; a mail goes to the user's stored address.
	line identity.PhoneLine
}

func (to destination) message() identity.MessageKind {
	if to.kind == identity.SMS {
		return identity.TextCodeMessage
	}
	return identity.CodeMessage
}

// hint is the destination, masked.
func (to destination) hint(user identity.User) string {
	if to.kind == identity.SMS {
		return to.line.Number.Mask()
	}
	return user.Email.Mask()
}

// admit decides whether the portal reaches that destination now.
func (to destination) admit(portal identity.Portal, user identity.User) error {
	switch {
	case to.kind == identity.Email && user.Email == "",
		to.kind == identity.SMS && (!portal.Factors.Offers(identity.SMS) || portal.SMS.Admit(to.line) != nil):
		return identity.Refuse(identity.DeliveryUnavailable)
	}
	return nil
}

// destinationOf is where the codes for a factor go.
func (a *App) destinationOf(ctx context.Context, s *store.Scope, user identity.User, factor identity.Factor) (destination, error) {
	to := destination{kind: factor.Kind, factor: factor.ID}
	if factor.Kind != identity.SMS {
		return to, nil
	}
	var err error
	to.line, err = a.lineOf(ctx, s, user, factor.ID)
	return to, err
}

// dispatchCode draws a code for an owner and puts it on its way. Call it before whatever else the transaction changes: past
// a budget of texts, what was changed so far is committed with the refusal.
func (a *App) dispatchCode(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, owner identity.ID, to destination) (identity.CodeDispatch, error) {
	if err := to.admit(actor.Portal, user); err != nil {
		return identity.CodeDispatch{}, err
	}
	before, err := s.CodeSent(ctx, owner)
	if err != nil {
		return identity.CodeDispatch{}, err
	}
	recent, err := s.Recent(ctx, user.ID, to.message())
	if err != nil {
		return identity.CodeDispatch{}, err
	}
	dispatch, err := identity.Dispatch(to.factor, before, recent, s.Now)
	if err != nil {
		return dispatch, err
	}
	if to.kind == identity.SMS {
		if err := a.spendOnText(ctx, s, actor, organisation, to.line.Number); err != nil {
			return dispatch, err
		}
	}
	code, err := secret.NewCode(a.random)
	if err != nil {
		return dispatch, err
	}
	message := to.message().To(actor.Portal, organisation, user)
	message.ID, message.ExpiresAt = a.newID(identity.KindMessage, s.Now), &dispatch.ExpiresAt
	sealed := a.keys.Seal([]byte(code.Reveal()), []byte(message.ID))
	if to.kind == identity.SMS {
		s.TellText(message, sealed, a.textTo(message, to))
	} else {
		s.Tell(message, sealed)
	}
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
	return a.beginCodeEnrolment(ctx, actor, identity.Email, func() (identity.PhoneLine, error) { return identity.PhoneLine{}, nil })
}

// beginCodeEnrolment sends a code to the user's own address or to the line that is read.
func (a *App) beginCodeEnrolment(ctx context.Context, actor identity.Actor, kind identity.FactorKind, read func() (identity.PhoneLine, error)) (CodeEnrolment, error) {
	var enrolment CodeEnrolment
	err := a.enrolling(ctx, actor, func(s *store.Scope, who enrollee) error {
		if err := mayEnrol(actor.Portal, kind, who.user, s.Now); err != nil {
			return err
		}
		failures, err := s.EnrolmentFailures(ctx, who.user.ID, kind)
		if err != nil {
			return err
		}
		if actor.Portal.Lockout.Disables(identity.Failures{Count: failures}) {
			return identity.Refuse(identity.TooManyAttempts)
		}
		to := destination{kind: kind, factor: a.newID(identity.KindFactor, s.Now)}
		if to.line, err = read(); err != nil {
			return err
		}
		enrolment.ID, enrolment.DestinationHint = to.factor, to.hint(who.user)
		if enrolment.CodeSent, err = a.dispatchCode(ctx, s, actor, who.organisation, who.user, who.user.ID, to); err != nil {
			return err
		}
		return s.BeginEnrolment(ctx, who.user, store.Enrolment{
			ID: to.factor, User: who.user.ID, Kind: kind, Name: enrolment.DestinationHint, SealedSecret: a.sealLine(to),
			Failures: failures, ExpiresAt: s.Now.Add(identity.EnrolmentLifetime),
		})
	})
	return enrolment, err
}
