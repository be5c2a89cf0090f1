package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// exportBatch is how many events an export reads at a time.
const exportBatch = 1000

// AuditExport is an organisation's audit log on its way out, up to the head that it had when the export began.
type AuditExport struct {
	Organisation identity.Organisation
	Head         identity.AuditHead
	Filter       identity.AuditFilter
	app          *App
}

// ExportAudit begins an export for somebody who may read the organisation's audit log. An organisation that the actor may not
// see is refused as one that doesn't exist is, with NOT_FOUND.
func (a *App) ExportAudit(ctx context.Context, actor identity.Actor, organisation identity.ID, filter identity.AuditFilter) (*AuditExport, error) {
	if err := identity.AuditReaders.Admit(actor); err != nil {
		return nil, err
	}
	owner, err := a.Organisation(ctx, actor, &organisation)
	if err != nil {
		return nil, err
	}
	if owner == nil {
		return nil, identity.Refuse(identity.NotFound)
	}
	heads, err := a.AuditHeads(ctx, []identity.Organisation{*owner})
	if err != nil {
		return nil, err
	}
	head := heads[owner.ID]
	if head == nil {
		return nil, identity.Refuse(identity.NotFound)
	}
	return &AuditExport{Organisation: *owner, Head: *head, Filter: filter, app: a}, nil
}

// Each hands the events over, the earliest first, batch by batch, and answers how many there were. Each batch
// is a transaction of its own, so that a slow reader holds nothing up: events never change, and what comes in behind the head
// isn't read.
func (e *AuditExport) Each(ctx context.Context, batch func([]identity.AuditEvent) error) (int64, error) {
	count := int64(0)
	for last := int64(0); last < e.Head.Sequence; {
		events, more, err := e.behind(ctx, last)
		if err == nil && len(events) > 0 {
			err = batch(events)
			count += int64(len(events))
		}
		if err != nil || !more {
			return count, err
		}
		last = events[len(events)-1].Sequence
	}
	return count, nil
}

// behind reads the batch behind a sequence, up to the head, and tells whether there may be another one.
func (e *AuditExport) behind(ctx context.Context, sequence int64) (events []identity.AuditEvent, more bool, err error) {
	err = e.app.db.Read(ctx, e.Organisation.Tenant(), func(s *store.Scope) error {
		sealed, err := s.AuditEventsBehind(ctx, e.Organisation.ID, e.Filter, sequence, exportBatch)
		if err == nil {
			events, err = e.app.opened(sealed)
		}
		return err
	})
	more = len(events) == exportBatch
	for len(events) > 0 && events[len(events)-1].Sequence > e.Head.Sequence {
		events, more = events[:len(events)-1], false
	}
	return events, more, err
}
