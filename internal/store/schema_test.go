package store_test

import (
	"database/sql"
	_ "embed"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

var update = flag.Bool("update", false, "write the snapshots of the schema anew")

func TestSchemaSnapshot(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		wantSnapshot(t, "sqlite", lines(t, owner(t, testrig.NewSQLite(t, nil)), sqliteSchema))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		wantSnapshot(t, "postgres", lines(t, owner(t, testrig.NewPostgres(t, nil)), postgresSchema))
	})
}

func wantSnapshot(t *testing.T, folder string, statements []string) {
	t.Helper()
	const head = "-- What the migrations add up to. Written by: go test ./internal/store -run TestSchemaSnapshot -update\n\n"
	got := head + strings.Join(statements, "\n") + "\n"
	file := filepath.Join("..", "..", "migrations", folder, "schema.sql")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); difference != "" {
		t.Errorf("the migrations add up to another schema than %s; see the difference, then run with -update:\n%s", file, difference)
	}
}

const sqliteSchema = `SELECT sql || ';' || char(10) FROM sqlite_master
	WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND tbl_name NOT LIKE 'bun\_%' ESCAPE '\'
	ORDER BY tbl_name, type = 'table' DESC, type, name`

// postgresSchema says from PostgreSQL's catalogue what sqliteSchema says of SQLite.
//
//go:embed testdata/catalogue.sql
var postgresSchema string

func TestBothDatabasesHaveTheSameTablesAndColumns(t *testing.T) {
	t.Parallel()
	lite := lines(t, owner(t, testrig.NewSQLite(t, nil)), `
		SELECT m.name || '.' || c.name || ' ' || lower(c.type)
			|| CASE WHEN c."notnull" THEN ' NOT NULL' ELSE '' END || CASE WHEN c.pk > 0 THEN ' key ' || c.pk ELSE '' END
		FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS c WHERE m.type = 'table' AND `+ours("m.name")+``)
	postgres := lines(t, owner(t, testrig.NewPostgres(t, nil)), `
		SELECT c.table_name || '.' || c.column_name || ' ' || CASE c.data_type WHEN 'bytea' THEN 'blob' WHEN 'bigint' THEN 'integer'
				WHEN 'timestamp with time zone' THEN 'timestamp' ELSE c.data_type END
			|| CASE WHEN c.is_nullable = 'NO' THEN ' NOT NULL' ELSE '' END
			|| coalesce((SELECT ' key ' || array_position(p.conkey, c.ordinal_position::smallint)::text FROM pg_constraint AS p
				WHERE p.contype = 'p' AND p.conrelid = c.table_name::regclass), '')
		FROM information_schema.columns AS c WHERE c.table_schema = 'public' AND `+ours("c.table_name")+``)
	slices.Sort(lite)
	slices.Sort(postgres)
	if difference := cmp.Diff(lite, postgres); difference != "" {
		t.Errorf("the databases differ (-SQLite +PostgreSQL):\n%s", difference)
	}
	if len(lite) < 100 {
		t.Errorf("compared %d columns: the rule would hold for nothing", len(lite))
	}
}

func TestBothDatabasesHaveTheSameIndexes(t *testing.T) {
	t.Parallel()
	lite := shorn(lines(t, owner(t, testrig.NewSQLite(t, nil)),
		`SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND `+ours("tbl_name")+` ORDER BY name`))
	postgres := shorn(lines(t, owner(t, testrig.NewPostgres(t, nil)), `
		SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND `+ours("tablename")+` AND NOT EXISTS (
			SELECT 1 FROM pg_constraint AS c WHERE c.conindid = indexname::regclass AND c.contype IN ('p', 'u'))
		ORDER BY indexname COLLATE "C"`))
	if difference := cmp.Diff(lite, postgres); difference != "" || len(lite) < 10 {
		t.Errorf("of %d, the databases differ (-SQLite +PostgreSQL):\n%s", len(lite), difference)
	}
}

// shorn takes away how PostgreSQL writes an index, and SQLite doesn't.
func shorn(statements []string) []string {
	for i, statement := range statements {
		statement = strings.NewReplacer("USING btree ", "", "public.", "", "(", "", ")", "", "::text", "", "+00:00'", "+00'", "::timestamp with time zone", "").Replace(statement)
		statements[i] = strings.ReplaceAll(regexp.MustCompile(`\s+`).ReplaceAllString(statement, " "), " ,", ",")
	}
	return statements
}

// ours leaves out the tables of libraries.
func ours(column string) string {
	return column + ` NOT LIKE 'bun\_%' ESCAPE '\' AND ` + column + ` NOT LIKE 'river\_%' ESCAPE '\' AND ` + column +
		` NOT LIKE 'sqlite\_%' ESCAPE '\'`
}

func lines(t testing.TB, raw *sql.DB, query string, values ...any) (all []string) {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), query, values...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
