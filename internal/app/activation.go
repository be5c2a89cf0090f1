package app

import (
	"context"
	"strconv"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// PreviewActivation tells the main user what an activation of their organisation would do, and binds it to the exact set
// of users by its token. Of another organisation nobody gets one.
func (a *App) PreviewActivation(ctx context.Context, actor identity.Actor, of identity.Organisation) (identity.ActivationPreview, error) {
	var preview identity.ActivationPreview
	if of.ID != actor.Organisation.ID {
		return preview, identity.Refuse(identity.Forbidden)
	}
	err := a.db.Read(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		organisation, err := s.Organisation(ctx, actor.Organisation.ID)
		if err != nil {
			return err
		}
		preview, err = previewWithin(ctx, s, actor.Portal, organisation)
		return err
	})
	return preview, err
}

func previewWithin(ctx context.Context, s *store.Scope, portal identity.Portal, organisation identity.Organisation) (identity.ActivationPreview, error) {
	candidates, err := s.ActivationCandidates(ctx, organisation.ID)
	return identity.PreviewActivation(portal, organisation, candidates), err
}

// ActivateTwoFactor switches two-factor authentication on for the whole organisation, for exactly the users that were
// previewed, in one commit: from then on no old password signs in, every other session is over, and a mail to register
// again is on its way to everybody. The session that asks stays, so that the main user sees that it succeeded.
func (a *App) ActivateTwoFactor(ctx context.Context, actor identity.Actor, previewToken string) (identity.Organisation, int, error) {
	var organisation identity.Organisation
	var preview identity.ActivationPreview
	err := a.db.Within(ctx, actor.Organisation.Tenant(), func(s *store.Scope) error {
		var err error
		if organisation, err = s.LockOrganisation(ctx, actor.Organisation.ID); err != nil {
			return err
		}
		if organisation.MainUserID != actor.User.ID {
			return identity.Refuse(identity.Forbidden)
		}
		if preview, err = previewWithin(ctx, s, actor.Portal, organisation); err != nil {
			return err
		}
		if err := preview.Activate(previewToken); err != nil {
			return err
		}
		organisation.TwoFactorActivatedAt = &s.Now
		if err := s.SaveOrganisation(ctx, organisation); err != nil {
			return err
		}
		users, err := s.ReRegisterAll(ctx, organisation.ID, actor.Session.ID)
		if err != nil {
			return err
		}
		a.record(s, actor, organisation, identity.TwoFactorActivated, organisation.ID,
			map[string]string{"users": strconv.Itoa(preview.UserCount), "previewToken": previewToken})
		return a.mailLinks(ctx, s, actor.Portal, organisation, identity.ForReRegistration, users...)
	})
	if err == nil {
		actor.Knows(organisation)
	}
	return organisation, preview.UserCount, err
}

// SupportRequest is what staff asks for, with the reason and the ticket.
type SupportRequest struct {
	Target         identity.ID
	Reason, Ticket string
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
		action = identity.SupportAction{
			ID: a.newID(identity.KindSupportAction, s.Now), Portal: organisation.Portal, Organisation: organisation.ID,
			Kind: identity.DeactivateTwoFactor, Target: organisation.ID, Reason: request.Reason, Ticket: request.Ticket,
			RequestedBy: actor.User.ID, RequestedAt: s.Now, State: identity.SupportActionDone, EffectiveAt: &s.Now,
		}
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
	a.record(s, actor, organisation, identity.TwoFactorDeactivated, organisation.ID,
		map[string]string{"reason": action.Reason, "ticket": action.Ticket, "action": string(action.ID)})
	return s.AddSupportAction(ctx, action)
}

// Progress counts who in an organisation has a second factor.
func (a *App) Progress(ctx context.Context, organisation identity.Organisation) (identity.ActivationProgress, error) {
	var progress identity.ActivationProgress
	err := a.db.Read(ctx, organisation.Tenant(), func(s *store.Scope) error {
		var err error
		progress, err = s.Progress(ctx, organisation.ID)
		return err
	})
	return progress, err
}
