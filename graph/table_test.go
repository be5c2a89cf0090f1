package graph_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// What tests read of the database behind the server's back: all tables, all columns, whatever they are.

func tables(r *rig.Rig) []string {
	if r.Database.IsPostgres() {
		return column(r, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1")
	}
	return column(r, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1")
}

func columnsOf(r *rig.Rig, table string) []string {
	if r.Database.IsPostgres() {
		return column(r, "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '"+table+"' ORDER BY 1")
	}
	return column(r, "SELECT name FROM pragma_table_info('"+table+"') ORDER BY 1")
}

// texts are the rows of a table, each as its columns' text. Bytes are written in hexadecimal and, where they read as such,
// as text.
func texts(r *rig.Rig, table string, columns []string, where string) []string {
	r.T.Helper()
	rows, err := r.Database.SystemSQL().Query("SELECT " + strings.Join(columns, ", ") + " FROM " + table + " WHERE " + where)
	if err != nil {
		r.T.Fatalf("read %s: %v", table, err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			r.T.Fatalf("read %s: %v", table, err)
		}
		all = append(all, lines(columns, values))
	}
	if err := rows.Err(); err != nil {
		r.T.Fatalf("read %s: %v", table, err)
	}
	slices.Sort(all)
	return all
}

func lines(columns []string, values []any) string {
	var row strings.Builder
	for i, value := range values {
		if raw, is := value.([]byte); is {
			fmt.Fprintf(&row, "%s=%x %s\n", columns[i], raw, raw)
			continue
		}
		fmt.Fprintf(&row, "%s=%v\n", columns[i], value)
	}
	return row.String()
}

func column(r *rig.Rig, query string) []string {
	r.T.Helper()
	rows, err := r.Database.SystemSQL().Query(query)
	if err != nil {
		r.T.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var value sql.NullString
		if err := rows.Scan(&value); err != nil {
			r.T.Fatal(err)
		}
		all = append(all, value.String)
	}
	if err := rows.Err(); err != nil {
		r.T.Fatal(err)
	}
	return all
}
