package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// OrganisationsOf loads those with these ids, which users whom the actor sees belong to.
func (a *App) OrganisationsOf(ctx context.Context, actor identity.Actor, ids []identity.ID) (map[identity.ID]identity.Organisation, error) {
	if actor.Organisation != nil && len(ids) == 1 && ids[0] == actor.Organisation.ID {
		return map[identity.ID]identity.Organisation{ids[0]: *actor.Organisation}, nil
	}
	tenant := identity.Chosen(actor.Portal.Slug, ids...)
	tenant.Scope = actor.Tenant().Scope
	var organisations map[identity.ID]identity.Organisation
	err := a.db.Read(ctx, tenant, func(s *store.Scope) (err error) {
		organisations, err = s.OrganisationsByID(ctx, ids)
		return err
	})
	return organisations, err
}

// readOf reads something of each of several organisations behind a wall around just these, by as many statements as for one.
func readOf[T any](ctx context.Context, a *App, of []identity.Organisation, read func(*store.Scope, []identity.ID) (map[identity.ID]T, error)) (found map[identity.ID]T, err error) {
	err = a.db.Read(ctx, identity.TenantOf(of), func(s *store.Scope) error {
		found, err = read(s, identity.IDsOf(of))
		return err
	})
	return found, err
}
