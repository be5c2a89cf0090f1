package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// The plans are asked for as the role of requests, behind row-level security, in an organisation of 20,000 users next to
// another one.

func TestAPageOfUsersIsReadFromAnIndex(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	o, raw := populous(t, db)
	middle := userOf(o, 10_000)
	middle.ID, middle.DisplayName, middle.Email = "usr_15000", "User 15000", "user15000@example.nl"
	for index, field := range map[string]identity.UserOrderField{
		"users_by_name": identity.ByDisplayName, "users_by_email": identity.ByEmailAddress, "users_p": identity.ByCreation, // the primary key, or the unique one that begins like it
	} {
		for _, direction := range []identity.OrderDirection{identity.Ascending, identity.Descending} {
			order := identity.UserOrder{Field: field, Direction: direction}
			for _, after := range []identity.Cursor{nil, order.Cursor(middle)} {
				page := identity.Page{First: 50, After: after}
				plan := explain(t, db, raw, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
					return second(s.Users(ctx, o.ID, identity.UserFilter{}, order, page))
				})
				if !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "Sort") {
					t.Errorf("%v after %v isn't read from %s:\n%s", order, after, index, plan)
				}
				if strings.Contains(plan, "Rows Removed") {
					t.Errorf("%v after %v reads rows that it doesn't answer:\n%s", order, after, plan)
				}
			}
		}
	}
}

func TestWhatEveryRequestAsksIsReadFromIndexes(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	o, raw := populous(t, db)
	for name, work := range map[string]func(ctx context.Context, s *store.Scope) error{
		"a user":            func(ctx context.Context, s *store.Scope) error { return second(s.User(ctx, o.MainUserID)) },
		"a user's sessions": func(ctx context.Context, s *store.Scope) error { return second(s.Sessions(ctx, o.MainUserID)) },
		"a user's factors":  func(ctx context.Context, s *store.Scope) error { return second(s.Factors(ctx, o.MainUserID)) },
		"the last link":     func(ctx context.Context, s *store.Scope) error { return second(s.LastLinkAt(ctx, o.MainUserID)) },
		"an invitation": func(ctx context.Context, s *store.Scope) error {
			return second(s.Invitation(ctx, "inv_15000"+o.ID))
		},
		"a user's invitation": func(ctx context.Context, s *store.Scope) error {
			return second(s.InvitationOf(ctx, o.MainUserID))
		},
		"the latest invitations": func(ctx context.Context, s *store.Scope) error {
			return second(s.Invitations(ctx, o.ID, nil, identity.Page{First: 50}))
		},
		"the latest events": func(ctx context.Context, s *store.Scope) error {
			return second(s.AuditEvents(ctx, o.ID, identity.AuditFilter{}, identity.Page{First: 50}))
		},
	} {
		// The organisation's own work, and staff's, which spans the portal.
		for _, tenant := range []identity.Tenant{o.Tenant(), identity.AcrossPortal("p")} {
			if plan := explain(t, db, raw, tenant, work); strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "Rows Removed") {
				t.Errorf("%s isn't read from an index within %s:\n%s", name, tenant.Organisation, plan)
			}
		}
	}
	planOfEvents(t, db, raw, o)
	organisations := explain(t, db, raw, identity.AcrossPortal("p"), func(ctx context.Context, s *store.Scope) error {
		return second(s.Organisations(ctx, identity.OrganisationFilter{}, identity.OrganisationOrder{}, identity.Page{First: 50}))
	})
	if !strings.Contains(organisations, "organisations_by_name") || strings.Contains(organisations, "Sort") {
		t.Errorf("a page of organisations isn't read from its index:\n%s", organisations)
	}
	visitor := strings.NewReplacer("$1", "'p'", "$2", `'\x00'`).Replace(store.VisitorQuery)
	plan := strings.Join(lines(t, raw, "EXPLAIN "+visitor), "\n")
	for _, index := range []string{"sessions_token", "users", "organisations_pkey"} {
		if !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan") {
			t.Errorf("the visitor isn't found through %s:\n%s", index, plan)
		}
	}
}

// planOfEvents shows that what an audit log is narrowed by has an index, which answers a page in the order of the list; and
// that a short period is found by its instants.
func planOfEvents(t *testing.T, db testrig.Database, raw *sql.DB, o identity.Organisation) {
	t.Helper()
	execute(t, raw, `INSERT INTO audit_events SELECT portal, organisation_id, 50000 + n, 'evt', now() + n * interval '1 hour', 'ACTION_' || n % 500,
		'usr_' || n % 500, 'usr_' || n % 500, '{}', '', '' FROM organisations, generate_series(1, 20000) AS n WHERE organisation_id = '`+string(o.ID)+`'`,
		"ANALYZE audit_events")
	someone := identity.ID("usr_7")
	from := db.Clock.Now().AddDate(50, 0, 0)
	execute(t, raw, "UPDATE audit_events SET at = at + interval '50 years' WHERE sequence BETWEEN 55000 AND 55050", "ANALYZE audit_events")
	for index, filter := range map[string]identity.AuditFilter{
		"audit_events_by_action": {Actions: []identity.Action{"ACTION_7"}}, "audit_events_by_actor": {Actor: &someone},
		"audit_events_by_target": {Target: &someone}, "audit_events_by_time": {From: &from},
	} {
		plan := explain(t, db, raw, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return second(s.AuditEvents(ctx, o.ID, filter, identity.Page{First: 20}))
		})
		sorted := strings.Contains(plan, "Sort") && filter.From == nil
		if !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "Rows Removed") || sorted {
			t.Errorf("a part of the audit log isn't read from %s:\n%s", index, plan)
		}
	}
}

// explain answers the plan of the last statement of some work.
func explain(t *testing.T, db testrig.Database, raw *sql.DB, tenant identity.Tenant, work func(context.Context, *store.Scope) error) (plan string) {
	t.Helper()
	var last string
	db.Listen(func(statement string) {
		if strings.HasPrefix(statement, "SELECT") {
			last = statement
		}
	})
	read(t, db, tenant, work)
	asApp(t, raw, tenant.Portal, tenant.Organisation, func(tx *sql.Tx) { plan = planOf(t, tx, last) })
	return plan
}

// planOf runs a statement and answers how it was done.
func planOf(t *testing.T, tx *sql.Tx, statement string) (plan string) {
	t.Helper()
	rows, err := tx.QueryContext(t.Context(), "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) "+statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan += line + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}

// populous fills an organisation and its neighbour with 20,000 users each, and one of each thing for each of them, in a
// portal of 5,000 more organisations.
func populous(t testing.TB, db testrig.Database) (identity.Organisation, *sql.DB) {
	t.Helper()
	o, neighbour := addOrganisation(t, db, "p", 1), addOrganisation(t, db, "p", 2)
	raw := owner(t, db)
	const user = `INSERT INTO users (portal, organisation_id, id, display_name, name_key, email, email_key, role, registration, language, created_at)`
	execute(t, raw, `WITH added AS (INSERT INTO organisations (portal, organisation_id, name, name_key, main_user_id, created_at)
			SELECT 'p', 'org_' || n, 'Organisation ' || n, 'organisation ' || n, 'usr_' || n, now() FROM generate_series(10000, 14999) AS n RETURNING *)
		`+user+` SELECT 'p', organisation_id, main_user_id, '', '', '', '', 'SUPER_SUB_USER', 'REGISTERED', 'nl', now() FROM added`)
	for _, each := range []identity.Organisation{o, neighbour} {
		owned := fmt.Sprintf("'p', '%s', ", each.ID)
		execute(t, raw, user+`SELECT `+owned+`'usr_' || n, 'User ' || n, 'user ' || n, 'user' || n || '@example.nl', 'user' || n || '@example.nl',
			'SUB_USER', 'REGISTERED', 'nl', now() FROM generate_series(10000, 29999) AS n`)
	}
	const word = `INSERT INTO name_words SELECT portal, organisation_id, `
	execute(t, raw, word+`id, word FROM users, regexp_split_to_table(name_key, ' ') AS word WHERE word <> '' ON CONFLICT DO NOTHING`,
		word+`'', word FROM organisations, regexp_split_to_table(name_key, ' ') AS word ON CONFLICT DO NOTHING`)
	execute(t, raw, `INSERT INTO business_identities (portal, organisation_id, id, kvk_number, establishment_numbers, registered_establishments,
			legal_name, register_status, check_due_at, created_at)
		SELECT 'p', 'org_' || n, 'biz_' || n, (n + 60000000)::text, '', '', 'Business', 'VERIFIED', now(), now()
		FROM generate_series(10000, 14999) AS n`)
	execute(t, raw, "ANALYZE users") // else each foreign key below is checked by reading all of it
	for table, columns := range map[string]string{
		"sessions":    "'ses_' || id, id, convert_to(organisation_id || id, 'UTF8'), 'TWO_FACTOR', 'password', now(), now(), now(), '', '', ''",
		"links":       "'lnk_' || id, id, convert_to(organisation_id || id, 'UTF8'), 'INVITATION', now(), now()",
		"factors":     "'fac_' || id, id, 'TOTP', '', '', 0, 0, NULL, now()",
		"audit_keys":  "'key_' || id, id, '2025-06', ''",
		"invitations": "replace(id, 'usr', 'inv') || organisation_id, id, email, 'SUB_USER', now(), now()",
	} {
		execute(t, raw, "INSERT INTO "+table+" SELECT portal, organisation_id, "+columns+" FROM users")
	}
	execute(t, raw, `INSERT INTO audit_events SELECT portal, organisation_id, row_number() OVER (PARTITION BY organisation_id), 'evt', now(),
		'SIGNED_IN', '', '', '{}', '', '', 'key_' || id FROM users`, "ANALYZE")
	return o, raw
}

func TestTheLookForWebhooksReadsWhatStandsOpenOnceForAllEndpoints(t *testing.T) {
	t.Parallel()
	raw := owner(t, testrig.NewPostgres(t, testrig.NewClock()))
	busy(t, raw, 2000)
	plan := strings.Join(lines(t, raw, "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) "+
		strings.NewReplacer("?0", "now()", "?1", "32").Replace(store.DueQuery)), "\n")
	for _, loops := range regexp.MustCompile(`(?:audit_heads|webhook_positions).*loops=(\d+)`).FindAllStringSubmatch(plan, -1) {
		if loops[1] != "1" && loops[1] != "0" {
			t.Errorf("it is looked up %s times:\n%s", loops[1], plan)
		}
	}
	if !strings.Contains(plan, "audit_heads") {
		t.Error(plan)
	}
}

func TestARewindReadsAFewMinutesOfALog(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	o := addOrganisation(t, db, "p", 1)
	raw := owner(t, db)
	longLog(t, raw, true, o, 30_000, 30*24*time.Hour) // one in 86 seconds
	endpoint := webhookOf(o, 1)
	within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
		return second(s.AddWebhookEndpoint(ctx, endpoint, sealedWebhook))
	})
	var rewind string
	db.Listen(func(statement string) {
		if strings.HasPrefix(statement, "INSERT INTO webhook_positions") {
			rewind = statement
		}
	})
	for _, back := range []time.Duration{time.Second, time.Hour, 24 * time.Hour, 29 * 24 * time.Hour} {
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return s.RewindWebhook(ctx, endpoint, noon.Add(-back))
		})
		var plan string
		asApp(t, raw, o.Portal, o.ID, func(tx *sql.Tx) { plan = planOf(t, tx, rewind) })
		for _, read := range regexp.MustCompile(`(?:audit_events.*actual rows=|Rows Removed by Filter: )(\d+)`).FindAllStringSubmatch(plan, -1) {
			if len(read[1]) > 1 {
				t.Errorf("rewinding by %s reads %s events:\n%s", back, read[1], plan)
			}
		}
		if strings.Contains(plan, "Seq Scan on audit_events") || !strings.Contains(plan, "audit_events_by_time") {
			t.Errorf("rewinding by %s isn't answered from indexes:\n%s", back, plan)
		}
	}
}
