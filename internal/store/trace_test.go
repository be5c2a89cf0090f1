package store_test

import (
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/store"
)

func TestOfAStatementATraceSaysItsFirstWordAndItsTableAndNoValue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`SELECT "u"."id" FROM "users" AS "u" WHERE u.email = 'secret'`:  "SELECT users",
		`SELECT 'secret FROM secret' FROM "users"`:                      "SELECT",
		`SELECT now(), s.id FROM sessions AS s WHERE s.token_hash = $1`: "SELECT sessions",
		`INSERT INTO "links" ("id") VALUES ('secret')`:                  "INSERT links",
		`UPDATE "users" AS "u" SET name = 'FROM secret' WHERE id = 'a'`: "UPDATE users",
		`DELETE FROM "codes" WHERE owner = 'secret'`:                    "DELETE codes",
		`begin isolation level repeatable read`:                         "BEGIN",
		`SELECT set_config('app.portal', 'secret', true)`:               "SELECT",
		`WITH x AS (SELECT 1) UPDATE users SET a = 'secret'`:            "WITH users",
		`'secret'`: "", ``: "statement", `INSERT INTO secret'secret`: "INSERT", `INSERT INTO`: "INSERT",
	} {
		if got := store.StatementKind(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
