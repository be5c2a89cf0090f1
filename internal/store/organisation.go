package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type organisationRow struct {
	bun.BaseModel `bun:"table:organisations,alias:o"`
	tenancy
	Name                 string      `bun:"name"`
	NameKey              string      `bun:"name_key"`
	Code                 *string     `bun:"code"`
	CodeKey              *string     `bun:"code_key"`
	IsOperator           bool        `bun:"is_operator"`
	IsPrivate            bool        `bun:"is_private"`
	MainUserID           identity.ID `bun:"main_user_id"`
	AccountMaximum       *int        `bun:"account_maximum"`
	TwoFactorActivatedAt *time.Time  `bun:"two_factor_activated_at"`
	CreatedAt            time.Time   `bun:"created_at"`
	RemovedAt            *time.Time  `bun:"removed_at"`
}

func organisationRowOf(o identity.Organisation) *organisationRow {
	row := &organisationRow{
		tenancy: tenancy{o.Portal, o.ID}, Name: o.Name, NameKey: identity.Fold(o.Name), Code: o.Code, IsOperator: o.IsOperator,
		IsPrivate: o.IsPrivate, MainUserID: o.MainUserID, AccountMaximum: o.AccountMaximum, TwoFactorActivatedAt: o.TwoFactorActivatedAt,
		CreatedAt: o.CreatedAt, RemovedAt: o.RemovedAt,
	}
	if o.Code != nil {
		key := identity.Fold(*o.Code)
		row.CodeKey = &key
	}
	return row
}

func (r *organisationRow) organisation() identity.Organisation {
	return identity.Organisation{
		ID: r.OrganisationID, Portal: r.Portal, Name: r.Name, Code: r.Code, IsOperator: r.IsOperator,
		IsPrivate: r.IsPrivate, MainUserID: r.MainUserID, AccountMaximum: r.AccountMaximum, TwoFactorActivatedAt: r.TwoFactorActivatedAt,
		CreatedAt: r.CreatedAt, RemovedAt: r.RemovedAt,
	}
}

// organisationSelect selects the columns of an organisation.
const organisationSelect = `SELECT o.organisation_id, o.name, o.code, o.is_operator, o.is_private, o.main_user_id, o.account_maximum,
	o.two_factor_activated_at, o.created_at, o.removed_at FROM organisations AS o`

// columns are where those of organisationSelect go.
func (r *organisationRow) columns() []any {
	return []any{
		(*string)(&r.OrganisationID), &r.Name, &r.Code, &r.IsOperator, &r.IsPrivate, (*string)(&r.MainUserID), &r.AccountMaximum,
		&r.TwoFactorActivatedAt, &r.CreatedAt, &r.RemovedAt,
	}
}

// AddOrganisation saves a new organisation. Its main user is added behind it in the same transaction; a commit
// without one is refused (MAIN_USER_REQUIRED), and so is a code that another organisation of the portal has
// (ORGANISATION_CODE_TAKEN).
func (s *Scope) AddOrganisation(ctx context.Context, o identity.Organisation) error {
	row := organisationRowOf(o)
	if err := insert(ctx, s, row); err != nil {
		return err
	}
	return insert(ctx, s, wordRowsOf(row.tenancy, "", wordsOfOrganisation(o))...)
}

// Organisation loads one, or refuses with NOT_FOUND.
func (s *Scope) Organisation(ctx context.Context, id identity.ID) (identity.Organisation, error) {
	row := organisationRow{tenancy: tenancy{Portal: s.tenant.Portal}}
	query := &statement{}
	query.add(organisationSelect+" WHERE o.organisation_id = ?", string(id))
	query.wall(s.tenant, "o")
	err := s.one(ctx, query, row.columns()...)
	return s.held(row.organisation()), found(err, "load organisation")
}

// OrganisationsByID loads several, by their ids.
func (s *Scope) OrganisationsByID(ctx context.Context, ids []identity.ID) (map[identity.ID]identity.Organisation, error) {
	all := map[identity.ID]identity.Organisation{}
	if len(ids) == 0 {
		return all, nil
	}
	var rows []organisationRow
	if err := s.selectRows(&rows).Where("o.organisation_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("load organisations: %w", err)
	}
	for i := range rows {
		all[rows[i].OrganisationID] = s.held(rows[i].organisation())
	}
	return all, nil
}

// LockOrganisation loads one and keeps every other transaction that locks it waiting: what depends on the set of its
// users, its limit or its main user is decided behind this lock. One that was removed is NOT_FOUND: nothing is decided in it any
// more.
func (s *Scope) LockOrganisation(ctx context.Context, id identity.ID) (identity.Organisation, error) {
	o, err := s.LockAnyOrganisation(ctx, id)
	if err == nil && o.RemovedAt != nil {
		err = identity.Refuse(identity.NotFound)
	}
	return o, err
}

// LockAnyOrganisation is LockOrganisation for what is done to removed ones too.
func (s *Scope) LockAnyOrganisation(ctx context.Context, id identity.ID) (identity.Organisation, error) {
	var row organisationRow
	err := s.locked(s.selectRows(&row)).Where("o.organisation_id = ?", id).Scan(ctx)
	return s.held(row.organisation()), found(err, "lock organisation")
}

// Operator loads the portal's own operating organisation, or refuses with NOT_FOUND.
func (s *Scope) Operator(ctx context.Context) (identity.Organisation, error) {
	var row organisationRow
	err := s.locked(s.selectRows(&row)).Where("o.is_operator").Scan(ctx)
	return row.organisation(), found(err, "load operating organisation")
}

// SaveOrganisation saves what can change of one.
func (s *Scope) SaveOrganisation(ctx context.Context, o identity.Organisation) error {
	row := organisationRowOf(o)
	result, err := s.updateRows(row).
		Column("name", "name_key", "code", "code_key", "main_user_id", "account_maximum", "two_factor_activated_at", "removed_at").
		Where("o.organisation_id = ?", o.ID).Exec(ctx)
	saved, err := changed(result, err, "save organisation")
	if err != nil || !saved {
		return err
	}
	return s.saveWords(ctx, row.tenancy, "", wordsOfOrganisation(o))
}

// AccountsInUse counts what an account limit counts: accounts that ever had a password, and open invitations to one. Who comes in
// by an identification provider alone has none. The organisation must be locked for a decision that rests on it.
func (s *Scope) AccountsInUse(ctx context.Context, organisation identity.ID) (int, error) {
	used, err := s.AccountsInUseOf(ctx, []identity.ID{organisation})
	return used[organisation], err
}

// AccountsInUseOf is AccountsInUse for each of several organisations.
func (s *Scope) AccountsInUseOf(ctx context.Context, of []identity.ID) (map[identity.ID]int, error) {
	used, err := counts(ctx, s.selectRows((*userRow)(nil)).Where("u.organisation_id IN (?)", bun.List(of)).
		Where(`(u.registration IN ('REGISTERED', 'RE_REGISTERING') AND u.password_hash IS NOT NULL OR u.registration = 'INVITED' AND EXISTS (
			SELECT 1 FROM invitations AS i WHERE i.portal = u.portal AND i.organisation_id = u.organisation_id
			AND i.user_id = u.id AND i.sign_in <> 'BUSINESS' AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > ?))`, s.Now),
		"u.organisation_id")
	if err != nil {
		return nil, fmt.Errorf("count accounts: %w", err)
	}
	return used, nil
}

// ProgressOf counts who has a second factor and who hasn't, among those who have, or had, a password, for each of several
// organisations; one without such people is left out.
func (s *Scope) ProgressOf(ctx context.Context, of []identity.ID) (map[identity.ID]identity.ActivationProgress, error) {
	var rows []struct {
		OrganisationID identity.ID
		identity.ActivationProgress
	}
	err := s.selectRows((*userRow)(nil)).Where("u.organisation_id IN (?) AND u.provider = ''", bun.List(of)).
		Where("u.registration IN ('REGISTERED', 'RE_REGISTERING')").ColumnExpr("u.organisation_id").
		ColumnExpr("count(CASE WHEN "+enrolled+" THEN 1 END) AS enrolled").
		ColumnExpr("count(CASE WHEN NOT ("+enrolled+") THEN 1 END) AS not_enrolled").
		ColumnExpr("count(CASE WHEN NOT ("+enrolled+") AND u.email_refused_at IS NOT NULL THEN 1 END) AS not_reached").
		GroupExpr("u.organisation_id").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count enrolled users: %w", err)
	}
	progress := make(map[identity.ID]identity.ActivationProgress, len(rows))
	for _, row := range rows {
		progress[row.OrganisationID] = row.ActivationProgress
	}
	return progress, nil
}
