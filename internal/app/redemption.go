package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// bringInvitation answers the link of an invitation that somebody takes along to a provider; nil for none. It is looked at,
// and not used up: the person may turn back.
func (a *App) bringInvitation(ctx context.Context, portal identity.Portal, token string) (*identity.Link, error) {
	if token == "" {
		return nil, nil
	}
	link, _, _, err := a.openLink(ctx, portal, token)
	invalid := identity.Refuse(identity.TokenInvalid, "input", "invitation")
	switch {
	case errors.Is(err, identity.Refuse(identity.TokenInvalid)):
		return nil, invalid
	case err != nil:
		return nil, err
	case link.Purpose != identity.ForBusinessInvitation:
		return nil, invalid
	}
	return &link, nil
}

// invitedTo is the organisation that an invitation is of; "" where none was brought.
func invitedTo(invitation *identity.Link) identity.ID {
	if invitation == nil {
		return ""
	}
	return invitation.Organisation
}

// redeem makes the user who was invited the person whom the provider told of, and uses the invitation up. Nothing but the
// link leads from the one to the other: that it came to the right mailbox is all that is known of the person beforehand. The
// organisation must be locked.
func (a *App) redeem(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, link identity.Link, assertion identity.Assertion) (identity.User, error) {
	user, err := s.LockUser(ctx, link.User)
	if err != nil {
		return user, err
	}
	if won, err := s.UseLink(ctx, link.ID); err != nil || !won || !link.Opens(user, s.Now) {
		return user, errors.Join(err, identity.Refuse(identity.TokenInvalid))
	}
	user = user.Redeemed(assertion)
	invitation, err := s.InvitationOf(ctx, user.ID)
	if err != nil {
		return user, err
	}
	invitation.AcceptedAt = &s.Now
	actor.User = &user // whoever holds the mailbox acts as the user
	a.record(s, actor, organisation, identity.InvitationWasAccepted, invitation.ID, map[string]string{"provider": assertion.Provider})
	for _, step := range []func() error{
		func() error { return s.SaveUser(ctx, user) },
		func() error { return s.SaveInvitation(ctx, invitation) },
		func() error { return s.AddFederatedIdentity(ctx, user, assertion) },
		func() error { return s.RevokeLinks(ctx, user.ID) },
	} {
		if err := step(); err != nil {
			return user, err
		}
	}
	return user, nil
}
