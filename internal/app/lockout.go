package app

import (
	"context"
	"slices"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// UnblockUser lets a user in again, also where wrong passwords had locked them out. Who must register again gets a fresh
// link for it. By the support desk it also lifts lock-outs of a user who isn't blocked: a locked name, and where the
// portal has nothing else lift them, disabled factors.
func (a *App) UnblockUser(ctx context.Context, actor identity.Actor, id identity.ID, grounds Grounds) (identity.User, error) {
	locked, err := a.isLocked(ctx, actor, id)
	if err != nil {
		return identity.User{}, err
	}
	var organisation identity.Organisation
	user, err := a.onUserFor(ctx, actor, id, grounds, func(s *store.Scope, o identity.Organisation, user identity.User) (identity.User, error) {
		organisation = o
		lifts := actor.IsStaff() && (locked || slices.ContainsFunc(user.Factors, actor.Portal.Lockout.Lifts))
		if err := user.CheckUnblock(); err != nil && !lifts {
			return user, err
		}
		if lifts {
			if err := a.liftLockout(ctx, s, actor, o, user, grounds); err != nil {
				return user, err
			}
		}
		if user.BlockedAt == nil {
			return user, nil
		}
		return a.unblock(ctx, s, actor, o, user, grounds)
	})
	if err != nil {
		return user, err
	}
	return user, a.forgetFailuresOf(ctx, actor.Portal, organisation, user)
}

func (a *App) unblock(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, grounds Grounds) (identity.User, error) {
	user.BlockedAt = nil
	if err := a.told(ctx, s, actor, organisation, user, identity.UnblockAccount, identity.UserUnblocked, grounds); err != nil {
		return user, err
	}
	if err := s.SaveUser(ctx, user); err != nil {
		return user, err
	}
	if user.Status() == identity.StatusReRegistering {
		return user, a.mailLinks(ctx, s, actor.Portal, organisation, identity.ForReRegistration, user)
	}
	return user, nil
}

// liftLockout makes disabled factors work again where staff lifts, and tells the owner that a lock-out is over.
func (a *App) liftLockout(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, grounds Grounds) error {
	for _, factor := range user.Factors {
		if !actor.Portal.Lockout.Lifts(factor) {
			continue
		}
		if _, err := s.EnableFactor(ctx, factor.ID); err != nil {
			return err
		}
	}
	a.tell(s, actor, organisation, user, identity.LockoutLiftedMessage)
	if user.BlockedAt != nil {
		a.record(s, actor, organisation, identity.LockoutLifted, user.ID, nil)
		return nil // the unblocking is the support action
	}
	return a.told(ctx, s, actor, organisation, user, identity.UnblockAccount, identity.LockoutLifted, grounds)
}

// isLocked tells staff whether wrong passwords keep one of a user's names locked. Others needn't know.
func (a *App) isLocked(ctx context.Context, actor identity.Actor, id identity.ID) (bool, error) {
	if !actor.IsStaff() {
		return false, nil
	}
	var user identity.User
	var organisation identity.Organisation
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		if user, err = s.User(ctx, id); err == nil {
			organisation, err = s.Organisation(ctx, user.OrganisationID)
		}
		return ignoreNotFound(err)
	})
	if err != nil {
		return false, err
	}
	for _, identifier := range actor.Portal.SignIn.IdentifiersOf(organisation, user) {
		_, failures, now, err := a.db.Attempted(ctx, actor.Portal.Slug, identifier, a.failuresOf(actor.Portal, identifier))
		if err != nil || failures != nil && actor.Portal.Lockout.IsLocked(*failures, now) {
			return err == nil, err
		}
	}
	return false, nil
}
