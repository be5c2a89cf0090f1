package store_test

import (
	"context"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/store"
)

// everBefore is whatever came to its end, whenever that was.
var everBefore = store.Before{At: noon.Add(100 * 365 * 24 * time.Hour), Most: 100}

func init() {
	for name, climb := range map[string]climb{
		"LockAnyOrganisation": {notFound, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(second(s.LockAnyOrganisation(ctx, h.organisation.ID)))
		}},
		"RemoveUsers": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.RemoveUsers(ctx, h.organisation.ID, ""))
		}},
		"ReleaseOrganisation": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.ReleaseOrganisation(ctx, h.organisation.ID))
		}},
		"EraseOrganisation": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return only(s.EraseOrganisation(ctx, h.organisation.ID))
		}},
		"RevokeAPITokensFor": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.RevokeAPITokensFor(ctx, h.organisation.ID))
		}},
		"PendingSupportActionsIn": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.PendingSupportActionsIn(ctx, h.organisation.ID, ""))
		}},
		"Dossier": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			rows := 0
			sections, err := s.Dossier(ctx, h.user, true)
			for _, section := range sections {
				rows += len(section.Rows)
			}
			return rows, err
		}},
		"AuditEventsConcerning": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
			return saw(s.AuditEventsConcerning(ctx, h.user, 0, 100))
		}},
		"NoteRemovals": {answersNothing, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
			return only(s.NoteRemovals(ctx))
		}},
		"RemovedUsers": {answersNothing, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
			return saw(s.RemovedUsers(ctx, everBefore))
		}},
		"RemovedOrganisations": {answersNothing, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
			return saw(s.RemovedOrganisations(ctx, everBefore))
		}},
		"ExpiredInvitations": {answersNothing, func(ctx context.Context, s *store.Scope, _ household) (any, error) {
			return saw(s.ExpiredInvitations(ctx, everBefore))
		}},
	} {
		climbs[name] = climb
	}
}
