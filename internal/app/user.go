package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Users lists those of each of several organisations; removed ones only where the filter asks for them.
func (a *App) Users(ctx context.Context, actor identity.Actor, of []identity.Organisation, filter identity.UserFilter, order identity.UserOrder, page identity.Page) (map[identity.ID]identity.Slice[identity.User], error) {
	if err := filter.Check(); err != nil {
		return nil, err
	}
	found, err := a.users(ctx, of, filter, order, page)
	for _, organisation := range of {
		for i, user := range found[organisation.ID].Items {
			found[organisation.ID].Items[i] = user.WithTwoFactor(actor.Portal, organisation)
		}
	}
	return found, err
}

func (a *App) users(ctx context.Context, of []identity.Organisation, filter identity.UserFilter, order identity.UserOrder, page identity.Page) (map[identity.ID]identity.Slice[identity.User], error) {
	if len(of) == 1 { // which takes one round trip
		users, err := a.db.Users(ctx, of[0].Tenant(), of[0].ID, filter, order, page)
		return map[identity.ID]identity.Slice[identity.User]{of[0].ID: users}, err
	}
	return readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]identity.Slice[identity.User], error) {
		return s.UsersOf(ctx, ids, filter, order, page)
	})
}

// CountUsers counts what Users lists.
func (a *App) CountUsers(ctx context.Context, of []identity.Organisation, filter identity.UserFilter) (map[identity.ID]int, error) {
	return readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]int, error) {
		return s.CountUsersOf(ctx, ids, filter)
	})
}

// User loads one that the actor may see; nil for every other, as for one that doesn't exist. An ordinary sub-user sees
// themselves alone.
func (a *App) User(ctx context.Context, actor identity.Actor, id identity.ID) (*identity.User, error) {
	var user identity.User
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		var err error
		if user, err = s.User(ctx, id); err != nil {
			return err
		}
		organisation, err := s.Organisation(ctx, user.OrganisationID)
		user = user.WithTwoFactor(actor.Portal, organisation)
		return err
	})
	return visible(&user, err, actor.Sees(user))
}

// UserChange is what becomes of a user; what is nil stays.
type UserChange struct {
	ID          identity.ID
	DisplayName *string
	Username    *string
	Role        *identity.UserRole
}

// UpdateUser changes a user's name, user name or role.
func (a *App) UpdateUser(ctx context.Context, actor identity.Actor, change UserChange) (identity.User, error) {
	return a.onUser(ctx, actor, change.ID, func(s *store.Scope, organisation identity.Organisation, user identity.User) (identity.User, error) {
		before := user
		if err := applyChange(actor, organisation, &user, change); err != nil {
			return user, err
		}
		if before.Role == identity.PortalAdmin && user.Role != before.Role {
			if err := a.endTokensOf(ctx, s, actor, organisation, user); err != nil {
				return user, err
			}
		}
		if err := s.SaveUser(ctx, user); err != nil {
			return user, err
		}
		event := identity.AuditEvent{Action: identity.UserUpdated, Details: map[string]string{"role": string(user.Role)}}
		if err := a.recordAbout(ctx, s, actor, user, event, identity.AuditFacts{}.WithNames(before, user)); err != nil {
			return user, err
		}
		if user.Registration == identity.Invited {
			return user, nil
		}
		return user, s.ClaimIdentifiers(ctx, user, actor.Portal.SignIn.IdentifiersOf(organisation, user))
	})
}

func applyChange(actor identity.Actor, organisation identity.Organisation, user *identity.User, change UserChange) (err error) {
	if change.DisplayName != nil {
		if user.DisplayName, err = identity.CleanName(*change.DisplayName, "input", "displayName"); err != nil {
			return err
		}
	}
	if change.Username != nil {
		username, err := identity.CleanUsername(*change.Username, "input", "username")
		if err != nil {
			return err
		}
		user.Username = &username
	}
	if change.Role != nil && *change.Role != user.Role {
		if user.Role == identity.MainUser {
			return identity.Refuse(identity.MainUserRequired, "input", "role")
		}
		if err := actor.CheckGrant(organisation, *change.Role); err != nil {
			return err
		}
		user.Role = *change.Role
	}
	return nil
}

// BlockUser keeps a user out at once: sessions, sign-ins, links and the API tokens that they made are over.
func (a *App) BlockUser(ctx context.Context, actor identity.Actor, id identity.ID, grounds Grounds) (identity.User, error) {
	return a.onUserFor(ctx, actor, id, grounds, func(s *store.Scope, organisation identity.Organisation, user identity.User) (identity.User, error) {
		if err := user.CheckBlock(organisation); err != nil {
			return user, err
		}
		user.BlockedAt = &s.Now
		if err := a.told(ctx, s, actor, organisation, user, identity.BlockAccount, identity.UserBlocked, grounds); err != nil {
			return user, err
		}
		if err := s.SaveUser(ctx, user); err != nil {
			return user, err
		}
		if err := a.endTokensOf(ctx, s, actor, organisation, user); err != nil {
			return user, err
		}
		return user, shutOut(ctx, s, user)
	})
}

// RemoveUser takes a user out of the organisation. The main user can't be removed: another must take over first.
func (a *App) RemoveUser(ctx context.Context, actor identity.Actor, id identity.ID, grounds Grounds) (identity.User, error) {
	return a.onUserFor(ctx, actor, id, grounds, func(s *store.Scope, organisation identity.Organisation, user identity.User) (identity.User, error) {
		if err := user.CheckRemoval(organisation); err != nil {
			return user, err
		}
		if err := removeWithin(ctx, s, user); err != nil {
			return user, err
		}
		if err := a.told(ctx, s, actor, organisation, user, identity.RemoveAccount, identity.UserRemoved, grounds); err != nil {
			return user, err
		}
		user.Registration, user.RemovedAt, user.FactorKinds = identity.Removed, &s.Now, nil
		if err := a.endTokensOf(ctx, s, actor, organisation, user); err != nil {
			return user, err
		}
		return user, a.revokePending(ctx, s, actor, organisation, user)
	})
}

// removeWithin takes away everything by which a user could sign in, and the user.
func removeWithin(ctx context.Context, s *store.Scope, user identity.User) error {
	user.Registration, user.RemovedAt = identity.Removed, &s.Now
	for _, step := range []func() error{
		func() error { return s.SaveUser(ctx, user) },
		func() error { return s.SetPasswordHash(ctx, user.ID, "") },
		func() error { return s.ReleaseIdentifiers(ctx, user.ID) },
		func() error { return s.RemoveFactors(ctx, user.ID) },
		func() error { return shutOut(ctx, s, user) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// shutOut ends everything that a user has open.
func shutOut(ctx context.Context, s *store.Scope, user identity.User) error {
	if err := s.EndSessionsOf(ctx, user.ID, ""); err != nil {
		return err
	}
	if err := s.EndSignInsOf(ctx, user.ID, ""); err != nil {
		return err
	}
	return s.RevokeLinks(ctx, user.ID)
}

// revokePending takes back the invitation of a user who was removed before accepting it.
func (a *App) revokePending(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User) error {
	invitation, err := s.InvitationOf(ctx, user.ID)
	if err != nil || invitation.Status != identity.InvitationPending && invitation.Status != identity.InvitationExpired {
		return ignoreNotFound(err)
	}
	invitation.RevokedAt = &s.Now
	a.record(s, actor, organisation, identity.InvitationWasRevoked, invitation.ID, nil)
	return s.SaveInvitation(ctx, invitation)
}

// onUser runs work on a user that the actor may manage, behind the organisation's lock.
func (a *App) onUser(ctx context.Context, actor identity.Actor, id identity.ID,
	work func(*store.Scope, identity.Organisation, identity.User) (identity.User, error),
) (identity.User, error) {
	var user identity.User
	err := a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		user, err = a.manageUser(ctx, s, actor, id, work)
		return err
	})
	return user, err
}

// manageUser is onUser in a transaction that is open.
func (a *App) manageUser(ctx context.Context, s *store.Scope, actor identity.Actor, id identity.ID,
	work func(*store.Scope, identity.Organisation, identity.User) (identity.User, error),
) (identity.User, error) {
	organisation, err := a.lockOrganisationOf(ctx, s, id, "input", "id")
	if err != nil {
		return identity.User{}, err
	}
	user, err := s.LockUser(ctx, id)
	if err != nil {
		return user, at(err, "input", "id")
	}
	if user.Registration == identity.Removed || !actor.Sees(user) {
		return user, identity.Refuse(identity.NotFound, "input", "id")
	}
	if err := actor.CheckManage(user); err != nil {
		return user, err
	}
	user, err = work(s, organisation, user)
	return user.WithTwoFactor(actor.Portal, organisation), err
}

func (a *App) lockOrganisationOf(ctx context.Context, s *store.Scope, user identity.ID, path ...string) (identity.Organisation, error) {
	seen, err := s.User(ctx, user)
	if err != nil {
		return identity.Organisation{}, at(err, path...)
	}
	return s.LockOrganisation(ctx, seen.OrganisationID)
}
