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
	// key are the columns of the primary key, in its order; bound names the one whose value, with suffix and prefix around
	// it, the values are sealed to.
	key            []string
	bound          string
	prefix, suffix string
}

// String names it as an operator finds it: table.column.
func (c SealedColumn) String() string { return c.Table + "." + c.Column }

var ofOrganisation = []string{"portal", "organisation_id", "id"}

// SealedColumns are all of them: who rotates keys goes by this list.
var SealedColumns = []SealedColumn{
	{Table: "factors", Column: "sealed_secret", key: ofOrganisation, bound: "id"},
	{Table: "enrolments", Column: "sealed_secret", key: []string{"portal", "organisation_id", "user_id"}, bound: "id"},
	{Table: "contact_changes", Column: "sealed_old", key: ofOrganisation, bound: "id", suffix: " old"},
	{Table: "contact_changes", Column: "sealed_new", key: ofOrganisation, bound: "id", suffix: " new"},
	{Table: "messages", Column: "sealed_token", key: ofOrganisation, bound: "id"},
	{Table: "messages", Column: "sealed_number", key: ofOrganisation, bound: "id", prefix: "number of "},
	{Table: "journeys", Column: "sealed", key: []string{"portal", "id"}, bound: "id"},
}

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
	query := db.sealed(c, prefixes).ColumnExpr(list(c.key)+", ?, ?", bun.Ident(c.bound), bun.Ident(c.Column)).OrderExpr(list(c.key)).Limit(most)
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
		value, bound := SealedValue{Place: make([]string, len(c.key))}, ""
		into := make([]any, 0, len(c.key)+2)
		for i := range value.Place {
			into = append(into, &value.Place[i])
		}
		if err := rows.Scan(append(into, &bound, &value.Sealed)...); err != nil {
			return nil, fmt.Errorf("list %s: %w", c, err)
		}
		value.BoundTo = []byte(c.prefix + bound + c.suffix)
		all = append(all, value)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list %s: %w", c, err)
	}
	return all, nil
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
// transaction by itself, so that no request waits for more than one row.
func (db *DB) Reseal(ctx context.Context, c SealedColumn, before SealedValue, sealed []byte) (bool, error) {
	result, err := db.system.NewUpdate().TableExpr("?", bun.Ident(c.Table)).Set("? = ?", bun.Ident(c.Column), sealed).
		Where("("+list(c.key)+") = (?)", bun.List(before.Place)).Where("? = ?", bun.Ident(c.Column), before.Sealed).Exec(ctx)
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
