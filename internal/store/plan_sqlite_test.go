package store_test

import (
	"context"
	"database/sql"
	"regexp"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// byPortal is a step of one of SQLite's plans that looks at all that a portal has.
var byPortal = regexp.MustCompile(`SCAN |INDEX \w+ \(portal=\?\)`)

// SQLite has no statistics: which index it takes hangs on how many of its columns are known, in however small a database.
func TestOnSQLiteNobodyIsLookedForAmongAllPeopleOfThePortal(t *testing.T) {
	t.Parallel()
	db := testrig.NewSQLite(t, testrig.NewClock())
	o := addOrganisation(t, db, "p", 1)
	raw, of, user := owner(t, db), importOf(o, 1), userOf(o, 7)
	of.Organisation = identity.WholePortal
	var statements []string
	db.Listen(func(statement string) { statements = append(statements, statement) })
	for name, work := range map[string]func(ctx context.Context, s *store.Scope) error{
		"load a user": func(ctx context.Context, s *store.Scope) error { return ignore(second(s.User(ctx, user.ID))) },
		"lock a user": func(ctx context.Context, s *store.Scope) error { return ignore(second(s.LockUser(ctx, user.ID))) },
		"save a user": func(ctx context.Context, s *store.Scope) error { return s.SaveUser(ctx, user) },
		"set a password": func(ctx context.Context, s *store.Scope) error {
			return s.SetPasswordHash(ctx, user.ID, "hash")
		},
		"find what seals an event": func(ctx context.Context, s *store.Scope) error {
			return second(s.AuditKey(ctx, user))
		},
		"claim a name": func(ctx context.Context, s *store.Scope) error {
			return s.ClaimIdentifiers(ctx, user, nil)
		},
		"load an invitation": func(ctx context.Context, s *store.Scope) error {
			return ignore(second(s.Invitation(ctx, id(identity.KindInvitation, 7))))
		},
		"load rows that wait": func(ctx context.Context, s *store.Scope) error { return second(s.WaitingRows(ctx, of, 0, 25)) },
		"know rows again":     func(ctx context.Context, s *store.Scope) error { return second(s.SentRows(ctx, of, []int{1, 2})) },
		"settle a row": func(ctx context.Context, s *store.Scope) error {
			return second(s.SettleImportRow(ctx, of, identity.ImportRow{Number: 1, State: identity.RowDone}))
		},
		"count rows":      func(ctx context.Context, s *store.Scope) error { return second(s.CountImportRows(ctx, of, nil)) },
		"list rows":       func(ctx context.Context, s *store.Scope) error { return second(s.ImportRows(ctx, of, nil, everything)) },
		"begin an import": func(ctx context.Context, s *store.Scope) error { return second(s.BeginImport(ctx, of)) },
	} {
		statements = nil
		within(t, db, identity.AcrossPortal("p"), work)
		asked := 0
		for _, statement := range statements {
			if !regexp.MustCompile(`^(SELECT|UPDATE|DELETE)`).MatchString(statement) || !strings.Contains(statement, "portal") {
				continue
			}
			asked++
			if plan := planOnSQLite(t, raw, statement); byPortal.MatchString(plan) {
				t.Errorf("%s: %s\n%s", name, statement, plan)
			}
		}
		if asked == 0 {
			t.Errorf("%s: nothing was asked", name)
		}
	}
}

// ignore passes over a refusal: whether somebody is there says nothing of how they are looked for.
func ignore(err error) error {
	if _, refused := identity.Refusals(err); refused {
		return nil
	}
	return err
}

func planOnSQLite(t *testing.T, raw *sql.DB, statement string) (plan string) {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+strings.ReplaceAll(statement, " ?", " 'x'"))
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var line string
		if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
			t.Fatal(err)
		}
		plan += line + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
