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

// Activated is an organisation whose users all have to register again, and how many they are.
type Activated struct {
	Organisation identity.Organisation
	UserCount    int
}

// ActivateTwoFactor switches two-factor authentication on for the whole organisation, for exactly the users that were
// previewed, in one commit: from then on no old password signs in, every other session is over, and a mail to register
// again is on its way to everybody. The session that asks stays, so that the main user sees that it succeeded.
func (a *App) ActivateTwoFactor(ctx context.Context, actor identity.Actor, previewToken string, key *string) (Activated, error) {
	var activated Activated
	asked := request{operation: "activateOrganisationTwoFactor", key: key, input: previewToken, tenant: actor.Organisation.Tenant()}
	err := once(ctx, a, actor, asked, &activated, func(s *store.Scope) error {
		organisation, err := s.LockOrganisation(ctx, actor.Organisation.ID)
		if err != nil {
			return err
		}
		if organisation.MainUserID != actor.User.ID {
			return identity.Refuse(identity.Forbidden)
		}
		preview, err := previewWithin(ctx, s, actor.Portal, organisation)
		if err != nil {
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
		activated = Activated{organisation, preview.UserCount}
		a.record(s, actor, organisation, identity.TwoFactorActivated, organisation.ID,
			map[string]string{"users": strconv.Itoa(preview.UserCount), "previewToken": previewToken})
		return a.mailLinks(ctx, s, actor.Portal, organisation, identity.ForReRegistration, users...)
	})
	if err == nil {
		actor.Knows(activated.Organisation)
	}
	return activated, err
}

// Progress counts who in each of several organisations has a second factor.
func (a *App) Progress(ctx context.Context, of []identity.Organisation) (map[identity.ID]identity.ActivationProgress, error) {
	return readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]identity.ActivationProgress, error) {
		return s.ProgressOf(ctx, ids)
	})
}
