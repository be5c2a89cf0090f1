package app

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Invitee is a person to be invited.
type Invitee struct {
	Organisation *identity.ID
	Email        identity.EmailAddress
	DisplayName  string
	Username     *string
	Role         identity.UserRole
	SignIn       identity.InvitationSignIn // "" is InvitedToPassword
	// IdempotencyKey makes a second sending of the same request answer the first result; nil: each one counts.
	IdempotencyKey *string
	// quiet: the invitation isn't mailed; sending it again mails it.
	quiet bool
	// credentials are what a person brings along who needs no invitation; nil for everybody else.
	credentials *credentials
}

// Invited is an invitation with what is left of the account limit.
type Invited struct {
	Invitation identity.Invitation
	Limit      identity.AccountLimit
}

// InviteUser makes a user without a password and mails them a link. That an address belongs to somebody in another
// organisation is not told here: only its owner hears it, behind the link.
func (a *App) InviteUser(ctx context.Context, actor identity.Actor, invitee Invitee) (Invited, error) {
	named, err := pick(actor, invitee.Organisation)
	if err != nil {
		return Invited{}, err
	}
	if err := invitee.clean(actor.Portal, "input"); err != nil {
		return Invited{}, err
	}
	var invited Invited
	asked := request{operation: "inviteUser", key: invitee.IdempotencyKey, input: invitee}
	err = once(ctx, a, actor, asked, &invited, func(s *store.Scope) error {
		organisation, invitation, err := a.inviteInto(ctx, s, actor, named, invitee)
		if err != nil {
			return err
		}
		invited.Invitation = invitation
		invited.Limit, err = limitWithin(ctx, s, organisation)
		return err
	})
	return invited, err
}

// inviteInto invites a person into an organisation, behind its lock, where the actor may and there is room.
func (a *App) inviteInto(ctx context.Context, s *store.Scope, actor identity.Actor, named identity.ID, invitee Invitee) (identity.Organisation, identity.Invitation, error) {
	var none identity.Invitation
	organisation, err := s.LockOrganisation(ctx, named)
	if err != nil {
		return organisation, none, at(err, "input", "organisationId")
	}
	if organisation.IsOperator && actor.Token != nil {
		return organisation, none, identity.Refuse(identity.NotFound, "input", "organisationId")
	}
	if err := organisation.CheckInvites(); err != nil {
		return organisation, none, err
	}
	if err := actor.CheckGrant(organisation, invitee.Role); err != nil {
		return organisation, none, err
	}
	if err := actor.Portal.CheckInvite(invitee.SignIn, organisation, invitee.Username); err != nil {
		return organisation, none, err
	}
	if err := a.admitInvitation(ctx, s, organisation, invitee.SignIn); err != nil {
		return organisation, none, err
	}
	invitation, err := a.invite(ctx, s, actor, organisation, a.newID(identity.KindUser, s.Now), a.newID(identity.KindInvitation, s.Now), invitee)
	return organisation, invitation, err
}

// clean checks what was typed; path leads to where in the input it stands.
func (invitee *Invitee) clean(portal identity.Portal, path ...string) (err error) {
	field := func(name string) []string { return append(slices.Clone(path), name) }
	if invitee.Email, err = identity.ParseEmailAddress(string(invitee.Email), field("email")...); err != nil {
		return err
	}
	if invitee.DisplayName, err = identity.CleanName(invitee.DisplayName, field("displayName")...); err != nil {
		return err
	}
	if invitee.Username != nil {
		username, err := identity.CleanUsername(*invitee.Username, field("username")...)
		if err != nil {
			return err
		}
		invitee.Username = &username
		return nil
	}
	if invitee.SignIn != identity.InvitedToBusiness && !portal.SignIn.Names(identity.ByEmail) {
		return identity.Refuse(identity.InvalidInput, field("username")...) // they couldn't name themselves
	}
	return nil
}

// invite saves the user, the invitation and the mail; of whoever comes with their credentials, the user.
func (a *App) invite(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, userID, id identity.ID, invitee Invitee) (identity.Invitation, error) {
	user := identity.User{
		ID: userID, Portal: organisation.Portal, OrganisationID: organisation.ID, DisplayName: invitee.DisplayName,
		Email: invitee.Email, Username: invitee.Username, Role: invitee.Role, Registration: identity.Invited,
		CreatedAt: s.Now, CredentialVersion: 1, Language: actor.Portal.Speak(actor.Client.Language),
	}
	if actor.Token != nil {
		user.Language = actor.Portal.Speak() // a program's language says nothing about the person
	}
	if invitee.credentials != nil {
		return identity.Invitation{User: user.ID}, a.settleIn(ctx, s, actor, organisation, user, *invitee.credentials)
	}
	if err := s.AddUser(ctx, user); err != nil {
		return identity.Invitation{}, err
	}
	invitation := identity.Invitation{
		ID: id, Portal: user.Portal, Organisation: organisation.ID, User: user.ID, Email: user.Email, Role: invitedAs(organisation, user),
		SignIn: cmp.Or(invitee.SignIn, identity.InvitedToPassword), CreatedAt: s.Now, ExpiresAt: s.Now.Add(actor.Portal.Links.Invitation), LastSentAt: &s.Now,
	}.At(s.Now)
	if invitee.quiet {
		invitation.LastSentAt = nil
	}
	if err := s.AddInvitation(ctx, invitation); err != nil {
		return invitation, err
	}
	event := identity.AuditEvent{
		Action: identity.UserInvited, Details: map[string]string{"role": string(invitation.Role), "invitation": string(id)},
	}
	if err := a.recordAbout(ctx, s, actor, user, event, identity.Introduced(user)); err != nil {
		return invitation, err
	}
	if invitee.quiet {
		return invitation, nil
	}
	return invitation, a.mailLinks(ctx, s, actor.Portal, organisation, invitation.Purpose(), user)
}

// invitedAs is the role that a person is invited to: an organisation's first is invited to answer for it.
func invitedAs(organisation identity.Organisation, user identity.User) identity.UserRole {
	if user.ID == organisation.MainUserID && !organisation.IsOperator {
		return identity.MainUser
	}
	return user.Role
}

// ResendInvitation mails a fresh link, which voids the older one, and starts the invitation's time anew. One that had
// expired counts again, so it needs room under the account limit again.
func (a *App) ResendInvitation(ctx context.Context, actor identity.Actor, id identity.ID, key *string) (Invited, error) {
	asked := request{operation: "resendInvitation", key: key, input: id}
	return a.onInvitation(ctx, actor, asked, id, func(s *store.Scope, organisation identity.Organisation, invitation identity.Invitation, user identity.User) (identity.Invitation, error) {
		return a.renewInvitation(ctx, s, actor, organisation, invitation, user)
	})
}

func (a *App) renewInvitation(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, invitation identity.Invitation, user identity.User) (identity.Invitation, error) {
	if err := invitation.CheckResend(actor.Portal.Links, s.Now); err != nil {
		return invitation, err
	}
	if invitation.Status == identity.InvitationExpired {
		if err := a.admitInvitation(ctx, s, organisation, invitation.SignIn); err != nil {
			return invitation, err
		}
	}
	invitation.LastSentAt, invitation.ExpiresAt = &s.Now, s.Now.Add(actor.Portal.Links.Invitation)
	if err := s.RevokeLinks(ctx, user.ID); err != nil {
		return invitation, err
	}
	a.record(s, actor, organisation, identity.InvitationResent, invitation.ID, nil)
	return invitation.At(s.Now), errors.Join(
		s.SaveInvitation(ctx, invitation),
		a.mailLinks(ctx, s, actor.Portal, organisation, invitation.Purpose(), user))
}

// RevokeInvitation takes an invitation back: its link is void, its user removed, its place under the limit free.
func (a *App) RevokeInvitation(ctx context.Context, actor identity.Actor, id identity.ID) (Invited, error) {
	return a.onInvitation(ctx, actor, request{}, id, func(s *store.Scope, organisation identity.Organisation, invitation identity.Invitation, user identity.User) (identity.Invitation, error) {
		if err := invitation.CheckRevoke(organisation); err != nil {
			return invitation, err
		}
		a.record(s, actor, organisation, identity.InvitationWasRevoked, invitation.ID, nil)
		invitation.RevokedAt = &s.Now
		return invitation.At(s.Now), errors.Join(s.SaveInvitation(ctx, invitation), removeWithin(ctx, s, user))
	})
}

// onInvitation runs work on an invitation that the actor may manage, behind the organisation's lock.
func (a *App) onInvitation(ctx context.Context, actor identity.Actor, asked request, id identity.ID,
	work func(*store.Scope, identity.Organisation, identity.Invitation, identity.User) (identity.Invitation, error),
) (Invited, error) {
	var invited Invited
	err := once(ctx, a, actor, asked, &invited, func(s *store.Scope) error {
		seen, err := s.InvitationOwner(ctx, id)
		if err != nil {
			return at(err, "input", "id")
		}
		organisation, err := s.LockOrganisation(ctx, seen)
		if err != nil {
			return err
		}
		invitation, err := s.Invitation(ctx, id)
		if err != nil {
			return at(err, "input", "id")
		}
		user, err := s.LockUser(ctx, invitation.User)
		if err != nil {
			return err
		}
		if !actor.Sees(user) {
			return identity.Refuse(identity.NotFound, "input", "id")
		}
		if err := actor.CheckManage(user); err != nil {
			return err
		}
		if invited.Invitation, err = work(s, organisation, invitation, user); err != nil {
			return err
		}
		invited.Limit, err = limitWithin(ctx, s, organisation)
		return err
	})
	return invited, err
}

// at says where in the input a thing was named that isn't there.
func at(err error, path ...string) error {
	if errors.Is(err, identity.Refuse(identity.NotFound)) {
		return identity.Refuse(identity.NotFound, path...)
	}
	return err
}

// Invitations lists those of each of several organisations, the latest first; of one status where it is asked for.
func (a *App) Invitations(ctx context.Context, of []identity.Organisation, status *identity.InvitationStatus, page identity.Page) (map[identity.ID]identity.Slice[identity.Invitation], error) {
	return readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]identity.Slice[identity.Invitation], error) {
		return s.InvitationsOf(ctx, ids, status, page)
	})
}

// CountInvitations counts what Invitations lists.
func (a *App) CountInvitations(ctx context.Context, of []identity.Organisation, status *identity.InvitationStatus) (map[identity.ID]int, error) {
	return readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]int, error) {
		return s.CountInvitationsOf(ctx, ids, status)
	})
}
