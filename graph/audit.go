package graph

import (
	"context"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r organisation) AuditEvents(ctx context.Context, organisation *identity.Organisation, first int, after *string, filter *identity.AuditFilter) (*page.AuditEventConnection, error) {
	asked, err := page.AuditEventList.Of(r.app, first, after, organisation.ID, orZero(filter))
	if err != nil {
		return nil, err
	}
	narrowed := orZero(filter)
	found, err := of(ctx, *organisation, named("events", narrowed, asked.Page),
		func(ctx context.Context, all []identity.Organisation) (map[identity.ID]identity.Slice[identity.AuditEvent], error) {
			return r.app.AuditEvents(ctx, all, narrowed, asked.Page)
		})
	return page.AuditEvents(asked, found, func(ctx context.Context) (int, error) {
		return of(ctx, *organisation, named("count of events", narrowed), func(ctx context.Context, all []identity.Organisation) (map[identity.ID]int, error) {
			return r.app.CountAuditEvents(ctx, all, narrowed)
		})
	}), err
}

func (r organisation) AuditHead(ctx context.Context, organisation *identity.Organisation) (*identity.AuditHead, error) {
	return of(ctx, *organisation, "audit head", r.app.AuditHeads)
}

func (auditHead) Hash(_ context.Context, head *identity.AuditHead) (string, error) {
	return hex.EncodeToString(head.Hash), nil
}

func (auditEvent) Details(_ context.Context, event *identity.AuditEvent) ([]generated.AuditDetail, error) {
	details := make([]generated.AuditDetail, 0, len(event.Details))
	for _, name := range slices.Sorted(maps.Keys(event.Details)) {
		details = append(details, generated.AuditDetail{Name: name, Value: event.Details[name]})
	}
	return details, nil
}

func (auditEvent) Hash(_ context.Context, event *identity.AuditEvent) (string, error) {
	return hex.EncodeToString(event.Hash), nil
}

func (auditEvent) PreviousHash(_ context.Context, event *identity.AuditEvent) (string, error) {
	return hex.EncodeToString(event.PreviousHash), nil
}

// AuditActions are the names of all that an audit event can tell of.
var AuditActions = func() []string {
	var names []string
	for _, value := range generated.NewExecutableSchema(generated.Config{}).Schema().Types["AuditAction"].EnumValues {
		names = append(names, value.Name)
	}
	return names
}()
