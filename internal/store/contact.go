package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type contactChangeRow struct {
	bun.BaseModel `bun:"table:contact_changes,alias:c"`
	tenancy
	ID              identity.ID           `bun:"id,pk"`
	UserID          identity.ID           `bun:"user_id"`
	SessionID       identity.ID           `bun:"session_id"`
	Kind            identity.ContactKind  `bun:"kind"`
	State           identity.ContactState `bun:"state"`
	DestinationHint string                `bun:"destination_hint"`
	SealedOld       []byte                `bun:"sealed_old"`
	SealedNew       []byte                `bun:"sealed_new"`
	UndoLinkID      identity.ID           `bun:"undo_link_id"`
	Failures        int                   `bun:"failures"`
	LastFailedAt    *time.Time            `bun:"last_failed_at"`
	RequestedAt     time.Time             `bun:"requested_at"`
	ExpiresAt       time.Time             `bun:"expires_at"`
}

// ContactChange is one with its two addresses, sealed.
type ContactChange struct {
	identity.ContactChange
	SealedOld, SealedNew []byte
}

func contactChangeRowOf(c ContactChange) *contactChangeRow {
	row := &contactChangeRow{
		tenancy: tenancy{c.Portal, c.Organisation}, ID: c.ID, UserID: c.User, SessionID: c.Session, Kind: c.Kind, State: c.State,
		DestinationHint: c.DestinationHint, SealedOld: c.SealedOld, SealedNew: c.SealedNew, UndoLinkID: c.UndoLink,
		Failures: c.Failures.Count, RequestedAt: c.RequestedAt, ExpiresAt: c.ExpiresAt,
	}
	if !c.Failures.LastAt.IsZero() {
		row.LastFailedAt = &c.Failures.LastAt
	}
	return row
}

func (r *contactChangeRow) change() ContactChange {
	change := ContactChange{SealedOld: r.SealedOld, SealedNew: r.SealedNew, ContactChange: identity.ContactChange{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, User: r.UserID, Session: r.SessionID, Kind: r.Kind,
		State: r.State, DestinationHint: r.DestinationHint, UndoLink: r.UndoLinkID,
		Failures: identity.Failures{Count: r.Failures}, RequestedAt: r.RequestedAt, ExpiresAt: r.ExpiresAt,
	}}
	if r.LastFailedAt != nil {
		change.Failures.LastAt = *r.LastFailedAt
	}
	return change
}

// WaitingContactChange loads the one that the user asked for last and hasn't confirmed, in time or not; nil: there is none.
func (s *Scope) WaitingContactChange(ctx context.Context, user identity.ID) (*ContactChange, error) {
	var row contactChangeRow
	err := s.selectRows(&row).Where("c.user_id = ? AND c.state = ?", user, identity.ContactAwaitsCode).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load waiting change of contact: %w", err)
	}
	change := row.change()
	return &change, nil
}

// BeginContactChange saves a change in the place of one that the user had asked for before and not confirmed.
func (s *Scope) BeginContactChange(ctx context.Context, c ContactChange) error {
	_, err := s.deleteRows((*contactChangeRow)(nil)).
		Where("c.user_id = ? AND c.state = ?", c.User, identity.ContactAwaitsCode).Exec(ctx)
	if err != nil {
		return fmt.Errorf("replace change of contact: %w", err)
	}
	if err := insert(ctx, s, contactChangeRowOf(c)); err != nil {
		return fmt.Errorf("begin change of contact: %w", err)
	}
	return nil
}

// LockContactChange loads one of a user's, and keeps every other transaction that locks it waiting; or refuses with
// NOT_FOUND.
func (s *Scope) LockContactChange(ctx context.Context, user, id identity.ID) (ContactChange, error) {
	var row contactChangeRow
	err := s.locked(s.selectRows(&row)).Where("c.user_id = ? AND c.id = ?", user, id).Scan(ctx)
	return row.change(), found(err, "lock change of contact")
}

// CountContactFailure counts a wrong code.
func (s *Scope) CountContactFailure(ctx context.Context, id identity.ID, failures identity.Failures) error {
	_, err := s.updateRows((*contactChangeRow)(nil)).
		Set("failures = ?", failures.Count).Set("last_failed_at = ?", failures.LastAt).Where("c.id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("count wrong code: %w", err)
	}
	return nil
}

// MoveContactChange takes a change from one state to the next; false where it wasn't in that state any more.
func (s *Scope) MoveContactChange(ctx context.Context, c identity.ContactChange, from identity.ContactState) (bool, error) {
	result, err := s.updateRows((*contactChangeRow)(nil)).
		Set("state = ?", c.State).Set("undo_link_id = ?", c.UndoLink).Set("expires_at = ?", c.ExpiresAt).
		Where("c.id = ? AND c.state = ?", c.ID, from).Exec(ctx)
	return changed(result, err, "move change of contact")
}

// ContactChanges lists the confirmed changes of a user that weren't undone, the oldest first.
func (s *Scope) ContactChanges(ctx context.Context, user identity.ID) ([]ContactChange, error) {
	var rows []contactChangeRow
	err := s.selectRows(&rows).Where("c.user_id = ? AND c.state = ?", user, identity.ContactChanged).OrderExpr("c.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list changes of contact: %w", err)
	}
	all := make([]ContactChange, len(rows))
	for i := range rows {
		all[i] = rows[i].change()
	}
	return all, nil
}
