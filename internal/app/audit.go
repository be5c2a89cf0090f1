package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// AuditEvents lists an organisation's, the latest first.
func (a *App) AuditEvents(ctx context.Context, organisation identity.Organisation, filter identity.AuditFilter, page identity.Page) (identity.Slice[identity.AuditEvent], error) {
	var events identity.Slice[identity.AuditEvent]
	err := a.db.Read(ctx, organisation.Tenant(), func(s *store.Scope) error {
		var err error
		events, err = s.AuditEvents(ctx, organisation.ID, filter, page)
		return err
	})
	return events, err
}

// CountAuditEvents counts what AuditEvents lists.
func (a *App) CountAuditEvents(ctx context.Context, organisation identity.Organisation, filter identity.AuditFilter) (int, error) {
	var count int
	err := a.db.Read(ctx, organisation.Tenant(), func(s *store.Scope) error {
		var err error
		count, err = s.CountAuditEvents(ctx, organisation.ID, filter)
		return err
	})
	return count, err
}

// AuditHead answers the end of an organisation's chain; nil where it never had an event.
func (a *App) AuditHead(ctx context.Context, organisation identity.Organisation) (*identity.AuditHead, error) {
	var head identity.AuditHead
	err := a.db.Read(ctx, organisation.Tenant(), func(s *store.Scope) error {
		var err error
		head, err = s.AuditHead(ctx, organisation.ID)
		return err
	})
	return visible(&head, err, true)
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
