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
