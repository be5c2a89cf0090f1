package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// These prove PostgreSQL's own walls, with statements that forget theirs.

const (
	denied    = "42501" // a privilege, or a row policy
	forgetful = "sleutelbos_app"
)

// portalWide are the tables whose rows belong to a portal and to no organisation: wrong passwords of names, which lead to
// none before they are right, texts to numbers, which anybody in the portal can ask for, attempts to register, and ways to
// providers, from which anybody's customer can come back.
var portalWide = []string{"assertions", "journeys", "password_failures", "text_budgets", "registration_attempts"}

// asApp runs statements as the role of requests, in a transaction that names a tenant, or ("", "") none.
func asApp(t testing.TB, raw *sql.DB, portal string, organisation identity.ID, work func(tx *sql.Tx)) {
	t.Helper()
	tx, err := raw.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), "SET LOCAL ROLE "+forgetful); err != nil {
		t.Fatal(err)
	}
	if portal != "" {
		_, err = tx.ExecContext(t.Context(), "SELECT set_config('app.portal', $1, true), set_config('app.organisation', $2, true)", portal, organisation)
		if err != nil {
			t.Fatal(err)
		}
	}
	work(tx)
}

func TestEveryTableHasRowLevelSecurityThatHoldsForItsOwnerToo(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, nil)
	raw := owner(t, db)
	walled := lines(t, raw, `SELECT relname FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
		AND relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT 1 FROM information_schema.columns
			WHERE table_name = relname AND column_name = 'portal') ORDER BY 1`)
	all := tables(t, db, raw)
	if !slices.Equal(walled, all) || len(all) < 10 {
		t.Errorf("walled in: %v\nof all: %v", walled, all)
	}
	views := count(t, raw, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')")
	if views != 0 {
		t.Errorf("%d views: their owner's rights would lead around the walls", views)
	}
	definers := lines(t, raw, "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef")
	if len(definers) != 0 {
		t.Errorf("functions with their owner's rights, which lead around the walls: %v", definers)
	}
}

func TestTheServicesRolesStandBehindTheWalls(t *testing.T) {
	t.Parallel()
	raw := owner(t, testrig.NewPostgres(t, nil))
	above := lines(t, raw, `SELECT rolname FROM pg_roles WHERE rolname LIKE 'sleutelbos\_%'
		AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin)`)
	if len(above) != 0 {
		t.Errorf("roles with more rights than their work needs: %v", above)
	}
	if n := count(t, raw, `SELECT count(*) FROM pg_roles WHERE rolname IN ('sleutelbos_app', 'sleutelbos_system')`); n != 2 {
		t.Errorf("%d of the two roles exist", n)
	}
	if n := count(t, raw, `SELECT count(*) FROM pg_auth_members WHERE member = 'sleutelbos_app'::regrole`); n != 0 {
		t.Errorf("the role of requests is a member of %d others", n)
	}
}

func TestAForgottenScopeAnswersNothing(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	mine := settle(t, db, "p", 1)
	settle(t, db, "p", 2)
	settle(t, db, "q", 3)
	raw := owner(t, db)
	for _, table := range tables(t, db, raw) {
		every := map[string]int{}
		for _, view := range []struct {
			name, portal string
			organisation identity.ID
			condition    string
		}{
			{"no tenant", "", "", "false"},
			{"no organisation", "p", "", "portal = 'p' AND organisation_id = ''"},
			{"an organisation", "p", mine.organisation.ID, "portal = 'p' AND organisation_id = '" + string(mine.organisation.ID) + "'"},
			{"chosen organisations", "p", "+tok_place " + mine.organisation.ID, "portal = 'p' AND organisation_id = '" + string(mine.organisation.ID) + "'"},
			{"another portal's organisation", "q", mine.organisation.ID, "portal = 'q' AND organisation_id = '" + string(mine.organisation.ID) + "'"},
			{"a whole portal", "p", identity.WholePortal, "portal = 'p'"},
		} {
			condition := view.condition
			if slices.Contains(portalWide, table) {
				condition = strings.Split(condition, " AND ")[0]
			}
			want := count(t, raw, "SELECT count(*) FROM "+table+" WHERE "+condition)
			every[view.name] = want
			asApp(t, raw, view.portal, view.organisation, func(tx *sql.Tx) {
				var got int
				if err := tx.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&got); err != nil || got != want {
					t.Errorf("%s: with %s named, %d rows are seen (%v), want %d", table, view.name, got, err, want)
				}
			})
			if view.portal == "" || view.organisation == "" {
				wantUnchanged(t, raw, table, view.portal)
			}
		}
		if every["an organisation"] == 0 || every["a whole portal"] == count(t, raw, "SELECT count(*) FROM "+table) {
			t.Errorf("%s: settle puts nothing in it that could be seen, or nothing that couldn't", table)
		}
	}
}

// wantUnchanged proves that statements which forget their tenant find nothing to change.
func wantUnchanged(t *testing.T, raw *sql.DB, table, portal string) {
	t.Helper()
	if slices.Contains(portalWide, table) && portal != "" {
		return
	}
	for _, statement := range []string{"UPDATE " + table + " SET portal = portal", "DELETE FROM " + table} {
		asApp(t, raw, portal, "", func(tx *sql.Tx) {
			result, err := tx.ExecContext(t.Context(), statement)
			if code(err) == denied {
				return
			}
			if err != nil {
				t.Errorf("%s: %v", statement, err)
				return
			}
			if n, err := result.RowsAffected(); n != 0 || err != nil {
				t.Errorf("%s changed %d rows (%v), want none", statement, n, err)
			}
		})
	}
}

func TestNoRowIsWrittenOverAWall(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	mine, theirs := settle(t, db, "p", 1), settle(t, db, "p", 2)
	raw := owner(t, db)
	for _, table := range tables(t, db, raw) {
		columns := lines(t, raw, `SELECT column_name FROM information_schema.columns
			WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name = $1 ORDER BY ordinal_position`, table)
		over := map[string]string{"portal": "'q'", "organisation_id": "'" + string(theirs.organisation.ID) + "'"}
		for column, value := range over {
			if !slices.Contains(columns, column) {
				continue
			}
			values := slices.Clone(columns)
			values[slices.Index(columns, column)] = value
			for _, statement := range []string{
				fmt.Sprintf("UPDATE %s SET %s = %s", table, column, value),
				fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", table, strings.Join(columns, ", "), strings.Join(values, ", "), table),
			} {
				asApp(t, raw, "p", mine.organisation.ID, func(tx *sql.Tx) {
					if _, err := tx.ExecContext(t.Context(), statement); code(err) != denied {
						t.Errorf("%s: answered %v, want it denied", statement, err)
					}
				})
			}
		}
	}
}

func TestNoRoleOfTheServiceChangesAnAuditEvent(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	h := settle(t, db, "p", 1)
	raw := owner(t, db)
	for _, statement := range []string{
		"UPDATE audit_events SET action = 'SIGNED_IN'", "DELETE FROM audit_events", "TRUNCATE audit_events", "DELETE FROM audit_heads",
		"TRUNCATE users", "ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY", "DROP TABLE audit_events", "CREATE TABLE mine ()",
		"SELECT * FROM bun_migrations", "DELETE FROM river_job",
	} {
		asApp(t, raw, "p", h.organisation.ID, func(tx *sql.Tx) {
			if _, err := tx.ExecContext(t.Context(), statement); code(err) != denied {
				t.Errorf("%s: answered %v, want it denied", statement, err)
			}
		})
	}
	for _, statement := range []string{"UPDATE audit_events SET action = 'SIGNED_IN'", "DELETE FROM audit_events", "TRUNCATE audit_events"} {
		if _, err := db.SystemPool().Exec(t.Context(), statement); code(err) != denied {
			t.Errorf("as the system, %s: answered %v, want it denied", statement, err)
		}
	}
}

func TestTheSystemSeesEveryTenant(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	settle(t, db, "p", 1)
	settle(t, db, "q", 2)
	raw := owner(t, db)
	for _, table := range tables(t, db, raw) {
		var got int
		err := db.SystemPool().QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&got)
		if want := count(t, raw, "SELECT count(*) FROM "+table); err != nil || got != want {
			t.Errorf("%s: the system sees %d rows (%v), want %d", table, got, err, want)
		}
	}
}

func TestEveryConnectionWorksAsItsRole(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	h := settle(t, db, "p", 1)
	raw := owner(t, db)
	database := lines(t, raw, "SELECT current_database()::text")[0]
	// All of them at once, so that many connections are made.
	race(t, func(int) (bool, error) {
		return true, db.Within(t.Context(), h.organisation.Tenant(), func(s *store.Scope) error {
			_, err := s.LockOrganisation(t.Context(), h.organisation.ID)
			return err
		})
	})
	var role string
	pool := db.SystemPool()
	if err := pool.QueryRow(t.Context(), "SELECT current_user").Scan(&role); err != nil || role != "sleutelbos_system" {
		t.Errorf("the system works as %q (%v)", role, err)
	}
	// What the connections of requests are, they alone know; that they can't see what a tenant can't proves it: the
	// enqueuer gets the transaction itself.
	asked := 0
	db.OnMessages(enqueuer(func(ctx context.Context, tx *sql.Tx) error {
		asked++
		return tx.QueryRowContext(ctx, "SELECT current_user").Scan(&role)
	}))
	within(t, db, h.organisation.Tenant(), func(_ context.Context, s *store.Scope) error {
		s.Tell(messageOf(h.user, 9), nil)
		return nil
	})
	if role != forgetful || asked != 1 {
		t.Errorf("a request works as %q, want %s", role, forgetful)
	}
	if n := count(t, raw, "SELECT count(*) FROM pg_stat_activity WHERE datname = '"+database+"'"); n < 3 {
		t.Errorf("%d connections: the race made no further ones", n)
	}
}

func TestAMalformedURLIsNotShown(t *testing.T) {
	t.Parallel()
	const url = "postgres://sleutelbos:secret@%zz/"
	_, opened := store.Open(t.Context(), store.Options{URL: url})
	for _, err := range []error{opened, store.Migrate(t.Context(), url)} {
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("answered %v, want a fault without the password", err)
		}
	}
}

func code(err error) string {
	var fault *pgconn.PgError
	if errors.As(err, &fault) {
		return fault.Code
	}
	return ""
}
