package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type registrantRow struct {
	bun.BaseModel `bun:"table:registrants,alias:r"`
	tenancy
	ID         identity.ID              `bun:"id,pk"`
	UserID     identity.ID              `bun:"user_id"`
	ReplacesID identity.ID              `bun:"replaces_id"`
	CreatedAt  time.Time                `bun:"created_at"`
	DueAt      time.Time                `bun:"due_at"`
	ReadyAt    *time.Time               `bun:"ready_at"`
	EndedAt    *time.Time               `bun:"ended_at"`
	Outcome    identity.RegistrationEnd `bun:"outcome"`
}

func registrantRowOf(r identity.Registrant) *registrantRow {
	return &registrantRow{
		tenancy: tenancy{r.Portal, r.Organisation}, ID: r.ID, UserID: r.User, ReplacesID: r.Replaces, CreatedAt: r.CreatedAt,
		DueAt: r.DueAt, ReadyAt: r.ReadyAt, EndedAt: r.EndedAt, Outcome: r.End,
	}
}

func (r *registrantRow) registrant() identity.Registrant {
	return identity.Registrant{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, User: r.UserID, Replaces: r.ReplacesID, CreatedAt: r.CreatedAt,
		DueAt: r.DueAt, ReadyAt: r.ReadyAt, EndedAt: r.EndedAt, End: r.Outcome,
	}
}

// notEnded is of whoever still registers.
const notEnded = "r.ended_at IS NULL"

// AddRegistrant saves a new one. A user registers once at a time: a second one is a fault.
func (s *Scope) AddRegistrant(ctx context.Context, r identity.Registrant) error {
	if err := insert(ctx, s, registrantRowOf(r)); err != nil {
		return fmt.Errorf("add registrant: %w", err)
	}
	return nil
}

// Registrant loads one, or refuses with NOT_FOUND.
func (s *Scope) Registrant(ctx context.Context, id identity.ID) (identity.Registrant, error) {
	return s.registrantWhere(ctx, "r.id = ?", id)
}

// RegistrantOf loads the registration of a user that isn't at its end, or refuses with NOT_FOUND.
func (s *Scope) RegistrantOf(ctx context.Context, user identity.ID) (identity.Registrant, error) {
	return s.registrantWhere(ctx, notEnded+" AND r.user_id = ?", user)
}

// Replacing loads the registrant who was announced to a user as the one to replace them, or refuses with NOT_FOUND.
func (s *Scope) Replacing(ctx context.Context, user identity.ID) (identity.Registrant, error) {
	return s.registrantWhere(ctx, notEnded+" AND r.replaces_id = ?", user)
}

func (s *Scope) registrantWhere(ctx context.Context, condition string, value any) (identity.Registrant, error) {
	var row registrantRow
	err := s.selectRows(&row).Where(condition, value).Scan(ctx)
	return row.registrant(), found(err, "load registrant")
}

// IsAnnounced tells whether somebody is to replace a user of the organisation.
func (s *Scope) IsAnnounced(ctx context.Context, organisation identity.ID) (bool, error) {
	count, err := s.selectRows((*registrantRow)(nil)).Where("r.organisation_id = ?", organisation).
		Where(notEnded + " AND r.replaces_id <> ''").Count(ctx)
	if err != nil {
		return false, fmt.Errorf("look for a replacement: %w", err)
	}
	return count > 0, nil
}

// SaveRegistrant saves what becomes of one whose registration isn't at its end. It refuses to announce a second
// replacement in an organisation (ACCOUNT_LIMIT_REACHED).
func (s *Scope) SaveRegistrant(ctx context.Context, r identity.Registrant) error {
	_, err := s.updateRows(registrantRowOf(r)).Column("replaces_id", "due_at", "ready_at").
		Where("r.id = ?", r.ID).Where(notEnded).Exec(ctx)
	switch {
	case isTaken(err):
		return identity.Refuse(identity.AccountLimitReached)
	case err != nil:
		return fmt.Errorf("save registrant: %w", err)
	}
	return nil
}

// EndRegistrant brings a registration to its end; false where it had come to one.
func (s *Scope) EndRegistrant(ctx context.Context, id identity.ID, end identity.RegistrationEnd) (bool, error) {
	result, err := s.updateRows((*registrantRow)(nil)).Set("ended_at = ?", s.Now).Set("outcome = ?", end).
		Where("r.id = ?", id).Where(notEnded).Exec(ctx)
	return changed(result, err, "end a registration")
}

// DueRegistrants lists some of those whose instant has come.
func (s *Scope) DueRegistrants(ctx context.Context, most int) ([]identity.Registrant, error) {
	var rows []registrantRow
	err := s.selectRows(&rows).Where(notEnded).Where("r.due_at <= ?", s.Now).OrderExpr("r.due_at").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list due registrants: %w", err)
	}
	all := make([]identity.Registrant, len(rows))
	for i := range rows {
		all[i] = rows[i].registrant()
	}
	return all, nil
}

// UserWithEmail answers the user of an organisation who has that address, and isn't removed; "" for nobody.
func (s *Scope) UserWithEmail(ctx context.Context, organisation identity.ID, email identity.EmailAddress) (identity.ID, error) {
	var user identity.ID
	err := s.selectRows((*userRow)(nil)).Column("id").
		Where("u.organisation_id = ? AND u.email_key = ? AND NOT u.removed", organisation, email.Fold()).Scan(ctx, &user)
	if refusal := found(err, "look an address up"); err != nil && !errors.Is(refusal, identity.Refuse(identity.NotFound)) {
		return "", refusal
	}
	return user, nil
}

// attemptRow counts the registrations that were asked for on a day. It belongs to a portal and to no organisation: they
// are counted before anybody knows which.
type attemptRow struct {
	bun.BaseModel `bun:"table:registration_attempts,alias:a"`
	Portal        string    `bun:"portal,pk"`
	Subject       string    `bun:"subject,pk"`
	Day           time.Time `bun:"day,pk"`
	Made          int       `bun:"made"`
}

// CountAttempt counts one more attempt on each subject in a portal, and answers how many were counted before. The counts
// stay locked until the transaction ends; whoever counts several names them in the same order each time.
func (s *Scope) CountAttempt(ctx context.Context, portal string, subjects ...[]byte) ([]int, error) {
	if s.tenant != identity.AcrossPortal(portal) {
		return nil, errors.New("count an attempt to register: it is counted across its portal")
	}
	before := make([]int, len(subjects))
	for i, subject := range subjects {
		row := &attemptRow{Portal: s.tenant.Portal, Subject: hex.EncodeToString(subject), Day: s.today(), Made: 1}
		_, err := s.tx.NewInsert().Model(row).On("CONFLICT (portal, subject, day) DO UPDATE").Set("made = a.made + 1").
			Returning("made").Exec(ctx)
		if err != nil {
			return nil, fmt.Errorf("count an attempt to register: %w", err)
		}
		before[i] = row.Made - 1
	}
	return before, nil
}
