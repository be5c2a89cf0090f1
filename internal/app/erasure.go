package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// EraseUser forgets what is known of a removed user, for good; to erase once more changes nothing. The audit log keeps the id,
// and tells that it was done. By staff it is a support action, which may wait for a second person; nil for everybody else,
// and where there was nothing left to erase.
func (a *App) EraseUser(ctx context.Context, actor identity.Actor, id identity.ID, grounds Grounds) (*identity.SupportAction, error) {
	return a.dispose(ctx, actor, identity.EraseAccount, id, grounds)
}

// EraseOrganisation is EraseUser for a removed organisation: its name, and all of its users.
func (a *App) EraseOrganisation(ctx context.Context, actor identity.Actor, id identity.ID, grounds Grounds) (*identity.SupportAction, error) {
	return a.dispose(ctx, actor, identity.EraseCustomer, id, grounds)
}

// dispose does, or by staff asks for, what can't be undone: a removal of an organisation, or an erasure. What was done before is
// as good as done now.
func (a *App) dispose(ctx context.Context, actor identity.Actor, kind identity.SupportActionKind, id identity.ID, grounds Grounds) (*identity.SupportAction, error) {
	if err := grounds.check(actor); err != nil {
		return nil, err
	}
	over, err := a.isOver(ctx, actor, kind, id)
	if err != nil || over {
		return nil, err
	}
	if actor.IsStaff() {
		action, err := a.undertake(ctx, actor, kind, SupportRequest{Target: id, Reason: *grounds.Reason, Ticket: *grounds.Ticket})
		return &action, err
	}
	return nil, a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) error {
		e := errand{actor: actor, action: identity.SupportAction{Kind: kind, Target: id}}
		if err := a.lockErrand(ctx, s, &e); err != nil {
			return at(err, "input", "id")
		}
		err := e.check()
		if kind.IsOver(e.organisation, e.target) && errors.Is(err, identity.Refuse(identity.WrongStatus, "input", "id")) {
			return nil // somebody else was first
		}
		if err != nil {
			return err
		}
		return a.carryOut(ctx, s, e)
	})
}

// isOver tells whether such a thing was done to its target before; NOT_FOUND where there is no such target for the actor.
func (a *App) isOver(ctx context.Context, actor identity.Actor, kind identity.SupportActionKind, id identity.ID) (over bool, err error) {
	err = a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		var user identity.User
		var organisation identity.Organisation
		if kind == identity.EraseAccount {
			user, err = s.User(ctx, id)
		} else {
			organisation, err = s.Organisation(ctx, id)
		}
		over = kind.IsOver(organisation, user) && (user.ID == "" || actor.Sees(user))
		return at(err, "input", "id")
	})
	return over, err
}

// eraseUser forgets a user. Of an organisation of one nothing else is left to know: its name is theirs.
func (a *App) eraseUser(ctx context.Context, s *store.Scope, e errand) error {
	a.record(s, e.actor, e.organisation, identity.UserErased, e.target.ID, e.grounds())
	if e.organisation.IsPrivate {
		return a.eraseOrganisation(ctx, s, e)
	}
	return s.EraseUser(ctx, e.target.ID)
}

func (a *App) eraseOrganisation(ctx context.Context, s *store.Scope, e errand) error {
	a.record(s, e.actor, e.organisation, identity.OrganisationErased, e.organisation.ID, e.grounds())
	return s.EraseOrganisation(ctx, e.organisation.ID)
}
