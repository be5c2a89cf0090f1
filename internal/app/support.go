package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// SupportRequest is what staff asks for, with the reason and the ticket.
type SupportRequest struct {
	Target         identity.ID
	Reason, Ticket string
	// AccountMaximum is the limit to be; nil: none.
	AccountMaximum *int
	// IdempotencyKey makes a second sending of the same request answer the first result; nil: each one counts.
	IdempotencyKey *string
}

// asked is the request as one that may be sent again.
func (r SupportRequest) asked(kind identity.SupportActionKind) request {
	return request{operation: string(kind), key: r.IdempotencyKey, input: r}
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

// SendAccountLink mails a user the link that leads them in: the invitation again, the registration again, or a new
// password.
func (a *App) SendAccountLink(ctx context.Context, actor identity.Actor, wanted SupportRequest) (identity.SupportAction, error) {
	if err := identity.CheckGrounds(wanted.Reason, wanted.Ticket); err != nil {
		return identity.SupportAction{}, err
	}
	var action identity.SupportAction
	err := once(ctx, a, actor, wanted.asked(identity.SendAccountLink), &action, func(s *store.Scope) error {
		_, err := a.manageUser(ctx, s, actor, wanted.Target, func(s *store.Scope, organisation identity.Organisation, user identity.User) (identity.User, error) {
			if err := a.mailAccountLink(ctx, s, actor, organisation, user); err != nil {
				return user, err
			}
			var err error
			action, err = a.conclude(ctx, s, actor, organisation, user, identity.SendAccountLink, identity.AccountLinkSent, wanted)
			return user, err
		})
		return err
	})
	return action, err
}

func (a *App) mailAccountLink(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User) error {
	purpose, ok := identity.AccountLinkFor(organisation, user)
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
	if purpose == identity.ForInvitation && !organisation.IsPrivate {
		invitation, err := s.InvitationOf(ctx, user.ID)
		if errors.Is(err, identity.Refuse(identity.NotFound)) {
			return identity.Refuse(identity.WrongStatus, "input", "id") // whoever registers does so again by themselves
		}
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
