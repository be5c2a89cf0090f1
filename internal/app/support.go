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
	// AccountMaximum is the limit to be; nil: none.
	AccountMaximum *int
}

// newAction starts a support action that nobody has asked for yet.
func (a *App) newAction(s *store.Scope, organisation identity.Organisation, kind identity.SupportActionKind, request SupportRequest, concerned identity.ID) identity.SupportAction {
	return identity.SupportAction{
		ID: a.newID(identity.KindSupportAction, s.Now), Portal: organisation.Portal, Organisation: organisation.ID,
		Kind: kind, Target: request.Target, Concerned: concerned, AccountMaximum: request.AccountMaximum,
		Reason: request.Reason, Ticket: request.Ticket,
	}
}

// conclude saves a support action on a user that needs neither a second person nor notice, and tells the audit log of it.
func (a *App) conclude(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, kind identity.SupportActionKind, done identity.Action, request SupportRequest) (identity.SupportAction, error) {
	action := a.newAction(s, organisation, kind, request, user.ID)
	action, err := action.Next(identity.Request, requesterOf(actor), actor.Portal.Support, s.Now)
	if err != nil {
		return action, err
	}
	a.record(s, actor, organisation, done, user.ID, factsOf(action))
	return action, s.AddSupportAction(ctx, action)
}

// factsOf are what the audit log tells of a support action besides the target.
func factsOf(action identity.SupportAction) map[string]string {
	facts := map[string]string{"reason": action.Reason, "ticket": action.Ticket, "action": string(action.ID)}
	if action.ApprovedBy != "" {
		facts["approvedBy"] = string(action.ApprovedBy)
	}
	return facts
}

// requesterOf is the actor as who asks for a support action.
func requesterOf(actor identity.Actor) identity.SupportParty {
	return identity.SupportParty{As: identity.AsRequester, ID: actor.User.ID}
}

// Grounds are the reason and the ticket that staff gives; whoever isn't staff needs none.
type Grounds struct{ Reason, Ticket *string }

// check refuses what staff would do without a reason or a ticket.
func (g Grounds) check(actor identity.Actor) error {
	if !actor.IsStaff() {
		return nil
	}
	return identity.CheckGrounds(orEmpty(g.Reason), orEmpty(g.Ticket))
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// onUserFor is onUser for what staff does with a reason and a ticket alone.
func (a *App) onUserFor(ctx context.Context, actor identity.Actor, id identity.ID, grounds Grounds,
	work func(*store.Scope, identity.Organisation, identity.User) (identity.User, error),
) (identity.User, error) {
	if err := grounds.check(actor); err != nil {
		return identity.User{}, err
	}
	return a.onUser(ctx, actor, id, work)
}

// told records what was done to a user, and by staff as a support action, with its reason and ticket.
func (a *App) told(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, kind identity.SupportActionKind, done identity.Action, grounds Grounds) error {
	if !actor.IsStaff() {
		a.record(s, actor, organisation, done, user.ID, nil)
		return nil
	}
	request := SupportRequest{Target: user.ID, Reason: *grounds.Reason, Ticket: *grounds.Ticket}
	_, err := a.conclude(ctx, s, actor, organisation, user, kind, done, request)
	return err
}

// SendAccountLink mails a user the link that leads them in: the invitation again, the registration again, or a new
// password.
func (a *App) SendAccountLink(ctx context.Context, actor identity.Actor, request SupportRequest) (identity.SupportAction, error) {
	if err := identity.CheckGrounds(request.Reason, request.Ticket); err != nil {
		return identity.SupportAction{}, err
	}
	var action identity.SupportAction
	_, err := a.onUser(ctx, actor, request.Target, func(s *store.Scope, organisation identity.Organisation, user identity.User) (identity.User, error) {
		if err := a.mailAccountLink(ctx, s, actor, organisation, user); err != nil {
			return user, err
		}
		var err error
		action, err = a.conclude(ctx, s, actor, organisation, user, identity.SendAccountLink, identity.AccountLinkSent, request)
		return user, err
	})
	return action, err
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
