package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// AuditEvents lists those of each of several organisations, the latest first, with the facts that weren't erased.
func (a *App) AuditEvents(ctx context.Context, of []identity.Organisation, filter identity.AuditFilter, page identity.Page) (map[identity.ID]identity.Slice[identity.AuditEvent], error) {
	found, err := readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]identity.Slice[store.AuditEvent], error) {
		return s.AuditEventsOf(ctx, ids, filter, page)
	})
	all := make(map[identity.ID]identity.Slice[identity.AuditEvent], len(found))
	for id, part := range found {
		events, failed := a.opened(part.Items)
		if failed != nil {
			return nil, failed
		}
		all[id] = identity.Slice[identity.AuditEvent]{Items: events, HasNextPage: part.HasNextPage}
	}
	return all, err
}

// CountAuditEvents counts what AuditEvents lists.
func (a *App) CountAuditEvents(ctx context.Context, of []identity.Organisation, filter identity.AuditFilter) (map[identity.ID]int, error) {
	return readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]int, error) {
		return s.CountAuditEventsOf(ctx, ids, filter)
	})
}

// AuditHeads answers the ends of the logs of several organisations; nil for one that never had an event.
func (a *App) AuditHeads(ctx context.Context, of []identity.Organisation) (map[identity.ID]*identity.AuditHead, error) {
	found, err := readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]identity.AuditHead, error) {
		return s.AuditHeadsOf(ctx, ids)
	})
	heads := make(map[identity.ID]*identity.AuditHead, len(found))
	for id, head := range found {
		heads[id] = &head
	}
	return heads, err
}

// VerifyAudit checks the chains of a portal's organisations (one, where organisation isn't ""), and answers how many
// events each has. It stops at the first broken chain, an *identity.ChainFault.
func (a *App) VerifyAudit(ctx context.Context, portal string, organisation identity.ID, each func(identity.ID, int64)) error {
	tenants := []identity.Tenant{{Portal: portal, Organisation: organisation}}
	if organisation == "" {
		var err error
		if tenants, err = a.db.TenantsOf(ctx, portal); err != nil {
			return err
		}
	}
	for _, tenant := range tenants {
		err := a.db.Read(ctx, tenant, func(s *store.Scope) error {
			count, err := s.VerifyAudit(ctx, tenant.Organisation)
			if err == nil {
				each(tenant.Organisation, count)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
