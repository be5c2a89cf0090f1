package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// SupportRequest is what staff asks for, with the reason and the ticket.
type SupportRequest struct {
	Target         identity.ID
	Reason, Ticket string
}

// newAction starts the record of a support action that takes effect at once.
func (a *App) newAction(s *store.Scope, actor identity.Actor, organisation identity.Organisation, kind identity.SupportActionKind, request SupportRequest) identity.SupportAction {
	return identity.SupportAction{
		ID: a.newID(identity.KindSupportAction, s.Now), Portal: organisation.Portal, Organisation: organisation.ID,
		Kind: kind, Target: request.Target, Reason: request.Reason, Ticket: request.Ticket,
		RequestedBy: actor.User.ID, RequestedAt: s.Now, State: identity.SupportActionDone, EffectiveAt: &s.Now,
	}
}

// conclude saves a support action and tells the audit log of it.
func (a *App) conclude(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, action identity.SupportAction, told identity.Action) error {
	a.record(s, actor, organisation, told, action.Target,
		map[string]string{"reason": action.Reason, "ticket": action.Ticket, "action": string(action.ID)})
	return s.AddSupportAction(ctx, action)
}

// DeactivateTwoFactor undoes an activation. Whoever hasn't registered again yet can use the old password again; whoever
// has enrolled a factor keeps it. The main user is told.
func (a *App) DeactivateTwoFactor(ctx context.Context, actor identity.Actor, request SupportRequest) (identity.SupportAction, error) {
	if err := identity.CheckGrounds(request.Reason, request.Ticket); err != nil {
		return identity.SupportAction{}, err
	}
	var action identity.SupportAction
	err := a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) error {
		organisation, err := s.LockOrganisation(ctx, request.Target)
		if err != nil {
			return at(err, "input", "id")
		}
		if err := identity.CheckDeactivation(organisation); err != nil {
			return err
		}
		action = a.newAction(s, actor, organisation, identity.DeactivateTwoFactor, request)
		return a.undoActivation(ctx, s, actor, organisation, action)
	})
	return action, err
}

func (a *App) undoActivation(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, action identity.SupportAction) error {
	organisation.TwoFactorActivatedAt = nil
	if err := s.SaveOrganisation(ctx, organisation); err != nil {
		return err
	}
	if err := s.UndoReRegistration(ctx, organisation.ID); err != nil {
		return err
	}
	mainUser, err := s.User(ctx, organisation.MainUserID)
	if err != nil {
		return err
	}
	a.tell(s, actor, organisation, mainUser, identity.TwoFactorUndoneMessage)
	return a.conclude(ctx, s, actor, organisation, action, identity.TwoFactorDeactivated)
}

// ResetFactors unlinks a user's factors: what they were stops working at once, every session and sign-in ends, and the
// next sign-in leads into enrolment. The user is told.
func (a *App) ResetFactors(ctx context.Context, actor identity.Actor, request SupportRequest) (identity.SupportAction, error) {
	return a.onSupported(ctx, actor, request, identity.ResetFactors,
		func(s *store.Scope, organisation identity.Organisation, user identity.User, action identity.SupportAction) error {
			if user.Registration != identity.Registered || len(user.Factors) == 0 {
				return identity.Refuse(identity.WrongStatus, "input", "id")
			}
			user.CredentialVersion++
			user.PasswordResetAt = nil // the desk has made sure who it is
			user.EnrolmentOwed, user.Factors, user.FactorKinds = identity.ByFactorReset, nil, nil
			if err := s.SaveUser(ctx, user); err != nil {
				return err
			}
			if err := s.RemoveFactors(ctx, user.ID); err != nil {
				return err
			}
			if err := shutOut(ctx, s, user); err != nil {
				return err
			}
			a.tell(s, actor, organisation, user, identity.FactorsResetMessage)
			return a.conclude(ctx, s, actor, organisation, action, identity.FactorsReset)
		})
}

// SendAccountLink mails a user the link that leads them in: the invitation again, the registration again, or a new
// password.
func (a *App) SendAccountLink(ctx context.Context, actor identity.Actor, request SupportRequest) (identity.SupportAction, error) {
	return a.onSupported(ctx, actor, request, identity.SendAccountLink,
		func(s *store.Scope, organisation identity.Organisation, user identity.User, action identity.SupportAction) error {
			if err := a.mailAccountLink(ctx, s, actor, organisation, user); err != nil {
				return err
			}
			return a.conclude(ctx, s, actor, organisation, action, identity.AccountLinkSent)
		})
}

func (a *App) mailAccountLink(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User) error {
	purpose, ok := identity.AccountLinkFor(user)
	if !ok || user.Email == "" {
		return identity.Refuse(identity.WrongStatus, "input", "id")
	}
	last, err := s.LastLinkAt(ctx, user.ID)
	if err != nil {
		return err
	}
	if err := actor.Portal.Links.AdmitResend(last, s.Now); err != nil {
		return err
	}
	if purpose == identity.ForInvitation {
		invitation, err := s.InvitationOf(ctx, user.ID)
		if err != nil {
			return err
		}
		_, err = a.renewInvitation(ctx, s, actor, organisation, invitation, user)
		return err
	}
	if err := s.RevokeLinks(ctx, user.ID); err != nil {
		return err
	}
	return a.mailLinks(ctx, s, actor.Portal, organisation, purpose, user)
}

// onSupported runs a support action on a user, behind the organisation's lock and the user's.
func (a *App) onSupported(ctx context.Context, actor identity.Actor, request SupportRequest, kind identity.SupportActionKind,
	work func(*store.Scope, identity.Organisation, identity.User, identity.SupportAction) error,
) (identity.SupportAction, error) {
	if err := identity.CheckGrounds(request.Reason, request.Ticket); err != nil {
		return identity.SupportAction{}, err
	}
	var action identity.SupportAction
	_, err := a.onUser(ctx, actor, request.Target, func(s *store.Scope, organisation identity.Organisation, user identity.User) (identity.User, error) {
		action = a.newAction(s, actor, organisation, kind, request)
		return user, work(s, organisation, user, action)
	})
	return action, err
}
