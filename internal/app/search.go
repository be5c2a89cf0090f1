package app

import (
	"cmp"
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// SearchUsers finds users of the whole portal by the beginnings of words of their name or their organisation's, by the
// beginning of their address, user name or organisation's code, or by a ticket in which something was done to them. By each of
// these it finds 200 at most, of whom the filter lets some through: then a longer search does.
func (a *App) SearchUsers(ctx context.Context, actor identity.Actor, text string, filter identity.UserFilter, order identity.UserOrder, page identity.Page) (identity.Slice[identity.User], error) {
	var users identity.Slice[identity.User]
	search, err := identity.CleanSearch(text)
	if err := cmp.Or(err, filter.Check()); err != nil {
		return users, err
	}
	err = a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		if users, err = s.SearchUsers(ctx, search, filter, order, page); err != nil {
			return err
		}
		var ids []identity.ID
		for _, user := range users.Items {
			ids = append(ids, user.OrganisationID)
		}
		organisations, err := s.OrganisationsByID(ctx, ids)
		for i, user := range users.Items {
			users.Items[i] = user.WithTwoFactor(actor.Portal, organisations[user.OrganisationID])
		}
		return err
	})
	return users, err
}

// CountSearchedUsers counts what SearchUsers finds.
func (a *App) CountSearchedUsers(ctx context.Context, actor identity.Actor, text string, filter identity.UserFilter) (int, error) {
	var count int
	search, err := identity.CleanSearch(text)
	if err != nil {
		return 0, err
	}
	err = a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		count, err = s.CountSearchedUsers(ctx, search, filter)
		return err
	})
	return count, err
}

// SupportActions lists the portal's, the latest first.
func (a *App) SupportActions(ctx context.Context, actor identity.Actor, filter identity.SupportActionFilter, page identity.Page) (identity.Slice[identity.SupportAction], error) {
	var actions identity.Slice[identity.SupportAction]
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		actions, err = s.SupportActions(ctx, filter, page)
		return err
	})
	return actions, err
}

// CountSupportActions counts what SupportActions lists.
func (a *App) CountSupportActions(ctx context.Context, actor identity.Actor, filter identity.SupportActionFilter) (int, error) {
	var count int
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		count, err = s.CountSupportActions(ctx, filter)
		return err
	})
	return count, err
}

// PendingSupportActions lists those that concern the viewer and haven't taken effect.
func (a *App) PendingSupportActions(ctx context.Context, viewer identity.Viewer) ([]identity.SupportAction, error) {
	var actions []identity.SupportAction
	err := a.db.Read(ctx, viewer.User.Tenant(), func(s *store.Scope) (err error) {
		actions, err = s.PendingSupportActions(ctx, viewer.User.ID)
		return err
	})
	return actions, err
}
