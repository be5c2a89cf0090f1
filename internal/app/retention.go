package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

const (
	// forgetBatch is how many rows go in a statement, and eraseBatch how many people are looked for at once. Each of those is
	// erased in a transaction of their own, so that a process that dies leaves nobody half erased, and another goes on.
	forgetBatch = 1000
	eraseBatch  = 50
)

// Forgotten is what became of a batch.
type Forgotten struct {
	// Count is how many are gone, and More whether there may be others.
	Count int
	More  bool
}

// Retain lets go a batch of what a portal has kept long enough, by its policy and the database's clock. Whoever does so at the
// same time, or did before, does no harm: each is looked at again behind its lock.
func (a *App) Retain(ctx context.Context, portal identity.Portal, what identity.Retained) (Forgotten, error) {
	now, err := a.db.Now(ctx)
	if err != nil {
		return Forgotten{}, err
	}
	until, known := portal.Retention.Until(what, now)
	if !known {
		return Forgotten{}, nil
	}
	switch what {
	case identity.RetainedUsers:
		return a.retain(ctx, portal, until, (*store.Scope).RemovedUsers, a.eraseDueUser)
	case identity.RetainedOrganisations:
		return a.retain(ctx, portal, until, (*store.Scope).RemovedOrganisations, a.eraseDueOrganisation)
	case identity.RetainedInvitations:
		return a.retain(ctx, portal, until, (*store.Scope).ExpiredInvitations, a.eraseDueInvitation)
	case identity.RetainedFacts:
		return a.forgetFacts(ctx, portal, until)
	}
	count, err := a.db.Forget(ctx, portal.Slug, what, store.Before{At: until, Most: forgetBatch})
	return Forgotten{count, count == forgetBatch}, err
}

// forgetFacts destroys the keys of months that ended long enough ago: a key a person and month, so that they are few.
func (a *App) forgetFacts(ctx context.Context, portal identity.Portal, until time.Time) (gone Forgotten, err error) {
	err = a.db.Within(ctx, identity.AcrossPortal(portal.Slug), func(s *store.Scope) (err error) {
		gone.Count, err = s.ForgetAuditFacts(ctx, until)
		return err
	})
	return gone, err
}

// retain looks for what is due, and erases it one by one. What fails keeps no other waiting, and is tried again the next time.
func (a *App) retain(ctx context.Context, portal identity.Portal, until time.Time,
	list func(*store.Scope, context.Context, store.Before) ([]identity.ID, error),
	erase func(context.Context, *store.Scope, identity.Actor, identity.ID, time.Time) (bool, error),
) (Forgotten, error) {
	tenant, service := identity.AcrossPortal(portal.Slug), identity.Actor{Portal: portal}
	var due []identity.ID
	all := a.db.Within(ctx, tenant, func(s *store.Scope) (err error) {
		if err := s.NoteRemovals(ctx); err != nil {
			return err
		}
		due, err = list(s, ctx, store.Before{At: until, Most: eraseBatch})
		return err
	})
	count := 0
	for _, id := range due {
		erased := false
		err := a.db.Within(ctx, tenant, func(s *store.Scope) (err error) {
			erased, err = erase(ctx, s, service, id, until)
			return err
		})
		switch {
		case err != nil:
			all = errors.Join(all, fmt.Errorf("erase %s: %w", id, err))
		case erased:
			count++
		}
	}
	return Forgotten{count, len(due) == eraseBatch && all == nil}, all
}

func (a *App) eraseDueUser(ctx context.Context, s *store.Scope, service identity.Actor, id identity.ID, until time.Time) (bool, error) {
	e := errand{actor: service, action: identity.SupportAction{Kind: identity.EraseAccount, Target: id}}
	if err := a.lockErrand(ctx, s, &e); err != nil || !e.target.IsDue(until) {
		return false, err
	}
	return true, a.eraseUser(ctx, s, e)
}

func (a *App) eraseDueOrganisation(ctx context.Context, s *store.Scope, service identity.Actor, id identity.ID, until time.Time) (bool, error) {
	e := errand{actor: service, action: identity.SupportAction{Kind: identity.EraseCustomer, Target: id}}
	if err := a.lockErrand(ctx, s, &e); err != nil || !e.organisation.IsDue(until) {
		return false, err
	}
	return true, a.eraseOrganisation(ctx, s, e)
}

// eraseDueInvitation takes back an invitation by which nobody came, and forgets who was invited.
func (a *App) eraseDueInvitation(ctx context.Context, s *store.Scope, service identity.Actor, id identity.ID, until time.Time) (bool, error) {
	owner, err := s.InvitationOwner(ctx, id)
	if err != nil {
		return false, err
	}
	organisation, err := s.LockOrganisation(ctx, owner)
	if err != nil {
		return false, ignoreNotFound(err) // removed meanwhile, and its people with it
	}
	invitation, err := s.Invitation(ctx, id)
	if err != nil {
		return false, err
	}
	user, err := s.LockUser(ctx, invitation.User)
	if err != nil || !invitation.IsDue(organisation, user, until) {
		return false, err
	}
	if err := errors.Join(a.revokePending(ctx, s, service, organisation, user), removeWithin(ctx, s, user)); err != nil {
		return false, err
	}
	a.record(s, service, organisation, identity.UserRemoved, user.ID, nil)
	return true, a.eraseUser(ctx, s, errand{actor: service, organisation: organisation, target: user})
}
