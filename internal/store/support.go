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
	ID             identity.ID                  `bun:"id,pk"`
	Kind           identity.SupportActionKind   `bun:"kind"`
	TargetID       identity.ID                  `bun:"target_id"`
	ConcernedID    identity.ID                  `bun:"concerned_id"`
	AccountMaximum *int                         `bun:"account_maximum"`
	Reason         string                       `bun:"reason"`
	Ticket         string                       `bun:"ticket"`
	RequestedBy    identity.ID                  `bun:"requested_by"`
	RequestedAt    time.Time                    `bun:"requested_at"`
	State          identity.SupportActionState  `bun:"state"`
	ExpiresAt      *time.Time                   `bun:"expires_at"`
	ApprovedBy     identity.ID                  `bun:"approved_by"`
	EffectiveAt    *time.Time                   `bun:"effective_at"`
	Cancellation   identity.SupportCancellation `bun:"cancellation"`
	CancelledBy    identity.ID                  `bun:"cancelled_by"`
	EndedAt        *time.Time                   `bun:"ended_at"`
}

func supportActionRowOf(a identity.SupportAction) *supportActionRow {
	return &supportActionRow{
		tenancy: tenancy{a.Portal, a.Organisation}, ID: a.ID, Kind: a.Kind, TargetID: a.Target, ConcernedID: a.Concerned,
		AccountMaximum: a.AccountMaximum, Reason: a.Reason, Ticket: a.Ticket, RequestedBy: a.RequestedBy,
		RequestedAt: a.RequestedAt, State: a.State, ExpiresAt: a.ExpiresAt, ApprovedBy: a.ApprovedBy,
		EffectiveAt: a.EffectiveAt, Cancellation: a.Cancellation, CancelledBy: a.CancelledBy, EndedAt: a.EndedAt,
	}
}

func (r *supportActionRow) action() identity.SupportAction {
	return identity.SupportAction{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, Kind: r.Kind, Target: r.TargetID,
		Concerned: r.ConcernedID, AccountMaximum: r.AccountMaximum, Reason: r.Reason, Ticket: r.Ticket,
		RequestedBy: r.RequestedBy, RequestedAt: r.RequestedAt, State: r.State, ExpiresAt: r.ExpiresAt,
		ApprovedBy: r.ApprovedBy, EffectiveAt: r.EffectiveAt, Cancellation: r.Cancellation, CancelledBy: r.CancelledBy,
		EndedAt: r.EndedAt,
	}
}

// pending is what can still come to something: what is done or cancelled has ended.
const pending = "a.ended_at IS NULL"

// AddSupportAction saves a new one. It refuses a second one of a kind for a target while the first is pending
// (WRONG_STATUS).
func (s *Scope) AddSupportAction(ctx context.Context, action identity.SupportAction) error {
	err := insert(ctx, s, supportActionRowOf(action))
	switch {
	case isTaken(err):
		return identity.Refuse(identity.WrongStatus, "input", "id")
	case err != nil:
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

// MoveSupportAction saves what became of an action; false where it stands elsewhere by now than where it was moved from:
// somebody was first.
func (s *Scope) MoveSupportAction(ctx context.Context, action identity.SupportAction, from identity.SupportActionState) (bool, error) {
	result, err := s.updateRows(supportActionRowOf(action)).
		Column("state", "approved_by", "effective_at", "cancellation", "cancelled_by", "ended_at").
		Where("a.id = ? AND a.state = ?", action.ID, from).Exec(ctx)
	return changed(result, err, "move support action")
}

// DueSupportActions lists some of those whose instant has come, with the organisations they are of; the longest due first.
func (s *Scope) DueSupportActions(ctx context.Context, most int) ([]identity.SupportAction, error) {
	var rows []supportActionRow
	err := s.selectRows(&rows).Where(pending).
		Where("CASE a.state WHEN 'SCHEDULED' THEN a.effective_at ELSE a.expires_at END <= ?", s.Now).
		OrderExpr("a.id").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list due support actions: %w", err)
	}
	return supportActions(rows), nil
}

// PendingSupportActions lists those that concern a user, the latest first.
func (s *Scope) PendingSupportActions(ctx context.Context, user identity.ID) ([]identity.SupportAction, error) {
	var rows []supportActionRow
	err := s.selectRows(&rows).Where(pending).Where("(a.concerned_id = ? OR a.target_id = ?)", user, user).
		OrderExpr("a.id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list pending support actions: %w", err)
	}
	return supportActions(rows), nil
}

func supportActions(rows []supportActionRow) []identity.SupportAction {
	all := make([]identity.SupportAction, len(rows))
	for i := range rows {
		all[i] = rows[i].action()
	}
	return all
}

// SupportActions lists them, the latest first.
func (s *Scope) SupportActions(ctx context.Context, filter identity.SupportActionFilter, page identity.Page) (identity.Slice[identity.SupportAction], error) {
	var rows []supportActionRow
	query := s.selectRows(&rows).ApplyQueryBuilder(supportActionsLike(filter)).OrderExpr("a.id DESC").Limit(int64(page.First) + 1)
	if len(page.After) == 1 {
		query = query.Where("a.id < ?", page.After[0])
	}
	if err := query.Scan(ctx); err != nil {
		return identity.Slice[identity.SupportAction]{}, fmt.Errorf("list support actions: %w", err)
	}
	return slice(rows, page, (*supportActionRow).action), nil
}

// CountSupportActions counts what SupportActions lists.
func (s *Scope) CountSupportActions(ctx context.Context, filter identity.SupportActionFilter) (int, error) {
	count, err := s.selectRows((*supportActionRow)(nil)).ApplyQueryBuilder(supportActionsLike(filter)).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count support actions: %w", err)
	}
	return int(count), nil
}

func supportActionsLike(filter identity.SupportActionFilter) func(bun.QueryBuilder) bun.QueryBuilder {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		if filter.State != nil {
			q = q.Where("a.state = ?", *filter.State)
		}
		if filter.Ticket != nil {
			q = q.Where("a.ticket = ?", *filter.Ticket)
		}
		if filter.Target != nil {
			q = q.Where("a.target_id = ?", *filter.Target)
		}
		return q
	}
}
