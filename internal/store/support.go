package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type supportActionRow struct {
	bun.BaseModel `bun:"table:support_actions,alias:a"`
	tenancy
	ID          identity.ID                 `bun:"id,pk"`
	Kind        identity.SupportActionKind  `bun:"kind"`
	TargetID    identity.ID                 `bun:"target_id"`
	Reason      string                      `bun:"reason"`
	Ticket      string                      `bun:"ticket"`
	RequestedBy identity.ID                 `bun:"requested_by"`
	RequestedAt time.Time                   `bun:"requested_at"`
	State       identity.SupportActionState `bun:"state"`
	EffectiveAt *time.Time                  `bun:"effective_at"`
}

func supportActionRowOf(a identity.SupportAction) *supportActionRow {
	return &supportActionRow{
		tenancy: tenancy{a.Portal, a.Organisation}, ID: a.ID, Kind: a.Kind, TargetID: a.Target, Reason: a.Reason,
		Ticket: a.Ticket, RequestedBy: a.RequestedBy, RequestedAt: a.RequestedAt, State: a.State, EffectiveAt: a.EffectiveAt,
	}
}

func (r *supportActionRow) action() identity.SupportAction {
	return identity.SupportAction{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, Kind: r.Kind, Target: r.TargetID, Reason: r.Reason,
		Ticket: r.Ticket, RequestedBy: r.RequestedBy, RequestedAt: r.RequestedAt, State: r.State, EffectiveAt: r.EffectiveAt,
	}
}

// AddSupportAction saves a new one.
func (s *Scope) AddSupportAction(ctx context.Context, action identity.SupportAction) error {
	if err := insert(ctx, s, supportActionRowOf(action)); err != nil {
		return fmt.Errorf("add support action: %w", err)
	}
	return nil
}

// SupportAction loads one, or refuses with NOT_FOUND.
func (s *Scope) SupportAction(ctx context.Context, id identity.ID) (identity.SupportAction, error) {
	var row supportActionRow
	err := s.selectRows(&row).Where("a.id = ?", id).Scan(ctx)
	return row.action(), found(err, "load support action")
}
