package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

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
