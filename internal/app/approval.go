package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// ApproveSupportAction is the second person's word, once: the user concerned is told and it takes effect when their notice
// is over, or at once where they have none.
func (a *App) ApproveSupportAction(ctx context.Context, actor identity.Actor, id identity.ID) (identity.SupportAction, error) {
	return a.onAction(ctx, actor, id, func(s *store.Scope, e errand) (errand, error) {
		before := e.action
		var err error
		if e.action, err = before.Next(identity.Approve, before.PartyOf(actor), actor.Portal.Support, s.Now); err != nil {
			return e, err
		}
		if err := e.check(); err != nil {
			return e, err
		}
		requester, err := s.User(ctx, before.RequestedBy)
		if err != nil {
			return e, err
		}
		if !e.action.Stands(e.organisation, e.target, requester, *actor.User) {
			return e, identity.Refuse(identity.WrongStatus, "input", "id")
		}
		a.record(s, actor, e.organisation, identity.SupportActionApproved, e.action.Target, e.facts())
		if err := move(ctx, s, e.action, before); err != nil {
			return e, err
		}
		if e.action.State == identity.Done {
			e.actor.User = &requester // whose doing it is; the approval stands beside it
		}
		return e, a.follow(ctx, s, e)
	})
}

// CancelSupportAction stops what hasn't taken effect yet, by staff or by the user concerned. Who is neither hears that there
// is no such action.
func (a *App) CancelSupportAction(ctx context.Context, actor identity.Actor, id identity.ID) (identity.SupportAction, error) {
	return a.onAction(ctx, actor, id, func(s *store.Scope, e errand) (errand, error) {
		return a.cancel(ctx, s, e, identity.Cancel, e.action.PartyOf(actor))
	})
}

// StopSupportAction stops it through the link in the mail that announced it, and uses the link up. It does nothing else: it
// signs nobody in.
func (a *App) StopSupportAction(ctx context.Context, actor identity.Actor, text string) error {
	link, organisation, user, err := a.openLink(ctx, actor.Portal, text)
	if err == nil && link.Purpose != identity.ForStopping {
		err = identity.Refuse(identity.TokenInvalid, "input", "token")
	}
	if err != nil {
		return err
	}
	actor.User = &user // whoever holds the mailbox acts as the user
	return a.db.Within(ctx, organisation.Tenant(), func(s *store.Scope) error {
		e, err := a.lockAction(ctx, s, actor, link.Action)
		if err != nil {
			return err
		}
		won, err := s.UseLink(ctx, link.ID)
		if err != nil {
			return err
		}
		if !won || !e.action.IsPending() {
			return identity.Refuse(identity.TokenInvalid, "input", "token")
		}
		_, err = a.cancel(ctx, s, e, identity.Cancel, identity.SupportParty{As: identity.AsConcerned, ID: user.ID})
		return err
	})
}

// cancel ends an action that won't be done, and tells the user where it had been announced.
func (a *App) cancel(ctx context.Context, s *store.Scope, e errand, event identity.SupportEvent, by identity.SupportParty) (errand, error) {
	before := e.action
	var err error
	if e.action, err = before.Next(event, by, e.actor.Portal.Support, s.Now); err != nil {
		return e, err
	}
	if err := move(ctx, s, e.action, before); err != nil {
		return e, err
	}
	if before.State == identity.Scheduled {
		a.tell(s, e.actor, e.organisation, e.concerned, identity.SupportActionCancelledMessage)
	}
	a.record(s, e.actor, e.organisation, identity.SupportActionCancelled, e.action.Target, e.facts())
	return e, s.RevokeStopLinks(ctx, e.concerned.ID, e.action.ID)
}

// move saves what became of an action. That somebody was first can't be, behind the organisation's lock; were it so, nothing
// is done.
func move(ctx context.Context, s *store.Scope, after, before identity.SupportAction) error {
	won, err := s.MoveSupportAction(ctx, after, before.State)
	if err == nil && !won {
		return identity.Refuse(identity.WrongStatus, "input", "id")
	}
	return err
}

// onAction runs work on a support action, behind the organisation's lock.
func (a *App) onAction(ctx context.Context, actor identity.Actor, id identity.ID, work func(*store.Scope, errand) (errand, error)) (identity.SupportAction, error) {
	var action identity.SupportAction
	err := a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) error {
		e, err := a.lockAction(ctx, s, actor, id)
		if err != nil {
			return at(err, "input", "id")
		}
		e, err = work(s, e)
		action = e.action
		return err
	})
	return action, err
}

// lockAction loads an action behind the lock of the organisation that it is of.
func (a *App) lockAction(ctx context.Context, s *store.Scope, actor identity.Actor, id identity.ID) (errand, error) {
	seen, err := s.SupportAction(ctx, id)
	if err != nil {
		return errand{}, err
	}
	e := errand{actor: actor, action: seen}
	if err := a.lockErrand(ctx, s, &e); err != nil {
		return e, err
	}
	e.action, err = s.SupportAction(ctx, id) // as it stands behind the lock
	return e, err
}

// mostDue bounds how many actions one sweep looks at.
const mostDue = 1000

// PerformDue does what has fallen due in a portal, each action once and in a transaction of its own, whatever dies in
// between and however many processes try; and gives up what nobody approved in time, or whose grounds are gone. It brings
// registrations to their end too.
func (a *App) PerformDue(ctx context.Context, portal identity.Portal) error {
	var due []identity.SupportAction
	err := a.db.Read(ctx, identity.AcrossPortal(portal.Slug), func(s *store.Scope) (err error) {
		due, err = s.DueSupportActions(ctx, mostDue)
		return err
	})
	err = errors.Join(err, a.finishRegistrations(ctx, portal))
	for _, action := range due {
		if failed := a.perform(ctx, portal, action.ID); failed != nil {
			err = errors.Join(err, fmt.Errorf("perform support action %s: %w", action.ID, failed))
		}
	}
	return err
}

func (a *App) perform(ctx context.Context, portal identity.Portal, id identity.ID) error {
	return a.db.Within(ctx, identity.AcrossPortal(portal.Slug), func(s *store.Scope) error {
		e, err := a.lockAction(ctx, s, identity.Actor{Portal: portal}, id)
		if err != nil || !e.action.IsDue(s.Now) {
			return err
		}
		staff, err := staffOf(ctx, s, e.action)
		if err != nil {
			return err
		}
		before := e.action
		if e.action, err = before.Next(identity.FallDue, identity.TheClock, portal.Support, s.Now); err != nil {
			return err
		}
		if e.action.State != identity.Done || !before.Stands(e.organisation, e.target, staff...) {
			event := identity.Lapse
			if before.State == identity.AwaitingApproval {
				event = identity.FallDue
			}
			e.action = before
			_, err = a.cancel(ctx, s, e, event, identity.TheClock)
			return err
		}
		if err := move(ctx, s, e.action, before); err != nil {
			return err
		}
		e.actor.User = &staff[0] // whoever asked for it
		return a.follow(ctx, s, e)
	})
}

// staffOf loads who asked for an action and who approved it.
func staffOf(ctx context.Context, s *store.Scope, action identity.SupportAction) ([]identity.User, error) {
	requester, err := s.User(ctx, action.RequestedBy)
	if err != nil || action.ApprovedBy == "" {
		return []identity.User{requester}, err
	}
	approver, err := s.User(ctx, action.ApprovedBy)
	return []identity.User{requester, approver}, err
}
