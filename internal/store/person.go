package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type personRow struct {
	bun.BaseModel `bun:"table:persons,alias:p"`
	tenancy
	Sealed       []byte `bun:"sealed"`
	NameAddress  []byte `bun:"name_address,nullzero"`
	NameBirth    []byte `bun:"name_birth,nullzero"`
	AddressBirth []byte `bun:"address_birth,nullzero"`
}

// SealedPerson is the record of a private customer, sealed to its organisation's id.
type SealedPerson struct {
	Organisation identity.Tenant
	Sealed       []byte
	// Keys are MACs of identity.PersonKeys; nil for those that are "".
	Keys PersonKeys
}

// PersonKeys are what a record is found by.
type PersonKeys struct{ NameAddress, NameBirth, AddressBirth []byte }

// SavePerson saves the record of a private customer in the place of the one before.
func (s *Scope) SavePerson(ctx context.Context, person SealedPerson) error {
	_, err := s.deleteRows((*personRow)(nil)).Where("p.organisation_id = ?", person.Organisation.Organisation).Exec(ctx)
	if err != nil {
		return fmt.Errorf("remove the record of a person: %w", err)
	}
	row := &personRow{
		tenancy: tenancy{person.Organisation.Portal, person.Organisation.Organisation}, Sealed: person.Sealed,
		NameAddress: person.Keys.NameAddress, NameBirth: person.Keys.NameBirth, AddressBirth: person.Keys.AddressBirth,
	}
	if err := insert(ctx, s, row); err != nil {
		return fmt.Errorf("save the record of a person: %w", err)
	}
	return nil
}

// Person loads the record of the private customer that an organisation is, or refuses with NOT_FOUND.
func (s *Scope) Person(ctx context.Context, organisation identity.ID) ([]byte, error) {
	var row personRow
	err := s.selectRows(&row).Column("sealed").Where("p.organisation_id = ?", organisation).Scan(ctx)
	return row.Sealed, found(err, "load the record of a person")
}

// PersonsOf loads the records of the private customers that organisations are.
func (s *Scope) PersonsOf(ctx context.Context, of []identity.ID) (map[identity.ID][]byte, error) {
	var rows []personRow
	err := s.selectRows(&rows).Column("organisation_id", "sealed").Where("p.organisation_id IN (?)", bun.List(of)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the records of persons: %w", err)
	}
	sealed := make(map[identity.ID][]byte, len(rows))
	for _, row := range rows {
		sealed[row.OrganisationID] = row.Sealed
	}
	return sealed, nil
}

// EndProvidedSessions ends the sessions of a user that rest on a provider's word.
func (s *Scope) EndProvidedSessions(ctx context.Context, user identity.ID) error {
	_, err := s.deleteRows((*sessionRow)(nil)).Where("s.user_id = ? AND s.provider <> ?", user, identity.PasswordProvider).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end sessions of a provider: %w", err)
	}
	return nil
}

// mostAlike bounds how many records are compared with one person.
const mostAlike = 200

// FoundPerson is a record that a person may be told of in.
type FoundPerson struct {
	Organisation identity.ID
	Sealed       []byte
	// IsOut: the customer is blocked, or gone.
	IsOut bool
}

// PersonsLike answers the records of a portal, at most 200, that have one of those keys, each given under every key of the
// keyring. Like the look-ups in outside.go it goes by what can't be guessed: a MAC of what a provider told.
func (db *DB) PersonsLike(ctx context.Context, portal string, keys []PersonKeys) ([]FoundPerson, error) {
	var rows []struct {
		OrganisationID identity.ID
		Sealed         []byte
		IsOut          bool
	}
	query := db.system.NewSelect().Model((*personRow)(nil)).Column("p.organisation_id", "p.sealed").
		ColumnExpr("u.removed OR u.blocked_at IS NOT NULL AS is_out").
		Join("JOIN organisations AS o ON o.portal = p.portal AND o.organisation_id = p.organisation_id").
		Join("JOIN users AS u ON u.portal = o.portal AND u.organisation_id = o.organisation_id AND u.id = o.main_user_id").
		Where("p.portal = ?", portal).WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for _, key := range keys {
			for column, mac := range map[string][]byte{"name_address": key.NameAddress, "name_birth": key.NameBirth, "address_birth": key.AddressBirth} {
				if mac != nil {
					q = q.WhereOr("p.? = ?", bun.Ident(column), mac)
				}
			}
		}
		return q.WhereOr("1 = 0")
	}).OrderExpr("p.organisation_id").Limit(mostAlike)
	if err := query.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("look for the record of a person: %w", err)
	}
	all := make([]FoundPerson, len(rows))
	for i, row := range rows {
		all[i] = FoundPerson{row.OrganisationID, row.Sealed, row.IsOut}
	}
	return all, nil
}

// PersonIdentified answers of which organisation the private customer is whom a provider's pseudonym stands for; "" for none.
func (db *DB) PersonIdentified(ctx context.Context, portal string, a identity.Assertion) (identity.ID, error) {
	row := federatedRowOf(identity.User{}, a)
	var organisation identity.ID
	err := db.system.NewSelect().Model((*federatedRow)(nil)).Column("organisation_id").
		Where("f.portal = ? AND f.provider = ? AND f.environment = ?", portal, row.Provider, row.Environment).
		Where("f.subject = ? AND f.kvk_number = ''", row.Subject).Scan(ctx, &organisation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("look a person up: %w", err)
	}
	return organisation, nil
}
