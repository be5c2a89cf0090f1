package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// SealedColumn is a column whose values are sealed.
type SealedColumn struct {
	Table, Column string
	// key are the columns of the primary key, in its order.
	key []string
	// Values are sealed to these columns' in the row, written in this form: whoever seals a value says the same.
	bound []string
	form  string
}

// String names it as an operator finds it: table.column.
func (c SealedColumn) String() string { return c.Table + "." + c.Column }

var (
	ofOrganisation = []string{"portal", "organisation_id", "id"}
	toID           = []string{"id"}
)

// SealedColumns are all of them: who rotates keys goes by this list.
var SealedColumns = []SealedColumn{
	{"factors", "sealed_secret", ofOrganisation, toID, "%s"},
	{"enrolments", "sealed_secret", []string{"portal", "organisation_id", "user_id"}, toID, "%s"},
	{"contact_changes", "sealed_old", ofOrganisation, toID, "%s old"},
	{"contact_changes", "sealed_new", ofOrganisation, toID, "%s new"},
	{"messages", "sealed_token", ofOrganisation, toID, "%s"},
	{"messages", "sealed_number", ofOrganisation, toID, "number of %s"},
	{"journeys", "sealed", []string{"portal", "id"}, toID, "%s"},
	{
		"idempotency_keys", "sealed_result",
		[]string{"portal", "organisation_id", "actor_id", "key"},
		[]string{"actor_id", "key"},
		"idempotency %s %s",
	},
	Persons,
	{
		"import_rows", "sealed",
		[]string{"portal", "organisation_id", "import_id", "number"},
		[]string{"import_id", "number"},
		"import %s row %s",
	},
	{"webhook_endpoints", "sealed_secret", ofOrganisation, toID, "webhook secret of %s"},
	{"webhook_endpoints", "sealed_previous", ofOrganisation, toID, "webhook secret of %s"},
	{"audit_keys", "sealed_key", ofOrganisation, toID, "audit key %s"},
}

// Persons are records that are found by MACs of what is sealed in them: those are made anew with it.
var Persons = SealedColumn{"persons", "sealed", []string{"portal", "organisation_id"}, []string{"organisation_id"}, "person %s"}

// SealedValue is one of a column.
type SealedValue struct {
	// Place is the row's primary key, in its order.
	Place []string
	// BoundTo is what the value was sealed to.
	BoundTo []byte
	Sealed  []byte
}

// SealedValues lists what doesn't begin with any of the prefixes, in the order of the primary key, from behind a place on;
// nil: from the beginning. It works across the walls, and only its caller can tell what a value holds.
func (db *DB) SealedValues(ctx context.Context, c SealedColumn, prefixes [][]byte, after []string, most int64) ([]SealedValue, error) {
	query := db.sealed(c, prefixes).ColumnExpr("?", bun.Ident(c.Column)).ColumnExpr(list(c.key)).ColumnExpr(list(c.bound)).
		OrderExpr(list(c.key)).Limit(most)
	if after != nil {
		query = query.Where("("+list(c.key)+") > (?)", bun.List(after))
	}
	rows, err := query.Rows(ctx)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", c, err)
	}
	defer func() { _ = rows.Close() }() // a failure shows in Err
	var all []SealedValue
	for rows.Next() {
		value, err := c.read(rows)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", c, err)
		}
		all = append(all, value)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list %s: %w", c, err)
	}
	return all, nil
}

// read reads a value, its place and what it is bound to.
func (c SealedColumn) read(row interface{ Scan(into ...any) error }) (SealedValue, error) {
	texts := make([]string, len(c.key)+len(c.bound))
	var value SealedValue
	into := []any{&value.Sealed}
	for i := range texts {
		into = append(into, &texts[i])
	}
	if err := row.Scan(into...); err != nil {
		return value, err
	}
	value.Place = texts[:len(c.key)]
	bound := make([]any, len(c.bound))
	for i, text := range texts[len(c.key):] {
		bound[i] = text
	}
	value.BoundTo = fmt.Appendf(nil, c.form, bound...)
	return value, nil
}

// CountSealed counts what begins with the prefix.
func (db *DB) CountSealed(ctx context.Context, c SealedColumn, prefix []byte) (int, error) {
	count, err := db.sealed(c, nil).Where("substr(?, 1, ?) = ?", bun.Ident(c.Column), len(prefix), prefix).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", c, err)
	}
	return int(count), nil
}

// sealed selects the values that there are and that begin with none of the prefixes.
func (db *DB) sealed(c SealedColumn, without [][]byte) *bun.SelectQuery {
	pool := db.system
	if !db.IsPostgres() {
		pool = db.reads // which a request's writing doesn't wait for
	}
	query := pool.NewSelect().TableExpr("?", bun.Ident(c.Table)).Where("length(?) > 0", bun.Ident(c.Column))
	for _, prefix := range without {
		query = query.Where("substr(?, 1, ?) <> ?", bun.Ident(c.Column), len(prefix), prefix)
	}
	return query
}

// Reseal puts a value in the place of the one that was read; false where that one is gone or another by now. Each is a
// transaction by itself, so that no request waits for more than one row. found is nil but for Persons.
func (db *DB) Reseal(ctx context.Context, c SealedColumn, before SealedValue, sealed []byte, found *PersonKeys) (bool, error) {
	update := db.system.NewUpdate().TableExpr("?", bun.Ident(c.Table)).Set("? = ?", bun.Ident(c.Column), sealed)
	if found != nil {
		update = update.Set("name_address = ?", found.NameAddress).Set("name_birth = ?", found.NameBirth).
			Set("address_birth = ?", found.AddressBirth)
	}
	result, err := update.Where("("+list(c.key)+") = (?)", bun.List(before.Place)).Where("? = ?", bun.Ident(c.Column), before.Sealed).Exec(ctx)
	return changed(result, err, "reseal "+c.String())
}

// RecoveryCodesByKey counts the unused recovery codes by the key that their hashes were made under; "" is for those of which
// it wasn't noted.
func (db *DB) RecoveryCodesByKey(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		KeyID string `bun:"key_id"`
		Codes int    `bun:"codes"`
	}
	err := db.system.NewSelect().TableExpr("recovery_codes").ColumnExpr("key_id, count(*) AS codes").GroupExpr("key_id").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count recovery codes: %w", err)
	}
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.KeyID] = row.Codes
	}
	return counts, nil
}

// list are columns of this file, never of an input.
func list(columns []string) string { return strings.Join(columns, ", ") }
