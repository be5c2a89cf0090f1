package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func onBothMeasured(b *testing.B, measure func(b *testing.B, db testrig.Database)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { measure(b, testrig.NewSQLite(b, testrig.NewClock())) })
	b.Run("postgres", func(b *testing.B) { measure(b, testrig.NewPostgres(b, testrig.NewClock())) })
}

// errNotKept rolls back what was only measured.
var errNotKept = errors.New("not to be kept")

// BenchmarkRewind measures what it takes to have everything since an instant sent again, of a log of a million events that
// happened in the last 30 days.
func BenchmarkRewind(b *testing.B) {
	onBothMeasured(b, func(b *testing.B, db testrig.Database) {
		const events = 1_000_000
		o := addOrganisation(b, db, "p", 1)
		longLog(b, owner(b, db), db.IsPostgres(), o, events, 30*24*time.Hour)
		endpoint := webhookOf(o, 1)
		within(b, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return second(s.AddWebhookEndpoint(ctx, endpoint, sealedWebhook))
		})
		for name, back := range map[string]time.Duration{"an hour": time.Hour, "29 days": 29 * 24 * time.Hour} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					err := db.Within(b.Context(), o.Tenant(), func(s *store.Scope) error {
						return errors.Join(errNotKept, s.RewindWebhook(b.Context(), endpoint, noon.Add(-back)))
					})
					if joined, is := err.(interface{ Unwrap() []error }); !is || len(joined.Unwrap()) > 1 {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

// BenchmarkDueWebhooks measures the look for work, which each process does every five seconds and after commits, in a portal of 10,000
// organisations with an endpoint each, and one endpoint for all of them.
func BenchmarkDueWebhooks(b *testing.B) {
	onBothMeasured(b, func(b *testing.B, db testrig.Database) {
		busy(b, owner(b, db), 10_000)
		for _, name := range []string{"nothing is due", "all are due"} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					if _, err := db.DueWebhooks(b.Context(), 32); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(name+", for how long", func(b *testing.B) {
				for b.Loop() {
					if _, err := db.OldestWebhook(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
			execute(b, owner(b, db), "UPDATE audit_heads SET sequence = sequence + 1")
		}
	})
}

// longLog fills an organisation's audit log with so many events, spread evenly over so long a time until noon.
func longLog(t testing.TB, raw *sql.DB, isPostgres bool, o identity.Organisation, events int, long time.Duration) {
	t.Helper()
	at := fmt.Sprintf(`strftime('%%Y-%%m-%%d %%H:%%M:%%f000+00:00', %d + n * %g, 'unixepoch')`, noon.Add(-long).Unix(), long.Seconds()/float64(events))
	if isPostgres {
		at = fmt.Sprintf(`to_timestamp(%d + n * %g)`, noon.Add(-long).Unix(), long.Seconds()/float64(events))
	}
	empty := map[bool]string{true: "''::bytea", false: "x''"}[isPostgres]
	execute(t, raw, fmt.Sprintf(`WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
		INSERT INTO audit_events SELECT '%s', '%s', n, 'evt_' || n, %s, 'USER_INVITED', '', '', '{}', %s, %s FROM numbers`,
		events, o.Portal, o.ID, at, empty, empty),
		fmt.Sprintf("INSERT INTO audit_heads VALUES ('%s', '%s', %d, %s)", o.Portal, o.ID, events, empty), "ANALYZE")
}

// busy makes a portal of so many organisations, each with an endpoint that has been sent all 100 events of its log, and one more endpoint
// that was sent those of them all.
func busy(t testing.TB, raw *sql.DB, organisations int) {
	t.Helper()
	const endpoint = `INSERT INTO webhook_endpoints (portal, organisation_id, id, slot, url, description, actions, created_at, created_by,
		owner_id, sealed_secret) VALUES `
	numbers := fmt.Sprintf(`WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d) `, organisations)
	execute(t, raw,
		numbers+`INSERT INTO audit_heads SELECT 'p', 'org_' || n, 100, 'x' FROM numbers`,
		numbers+`INSERT INTO webhook_endpoints (portal, organisation_id, id, slot, url, description, actions, created_at, created_by, owner_id, sealed_secret)
			SELECT 'p', 'org_' || n, 'whk_' || n, 1, 'https://partner.test/', '', '', '2025-01-01 00:00:00+00:00', '', '', 'x' FROM numbers`,
		endpoint+`('p', '*', 'whk_all', 1, 'https://partner.test/', '', '', '2025-01-01 00:00:00+00:00', '', '', 'x')`,
		`INSERT INTO webhook_positions SELECT portal, organisation_id, id, organisation_id, 100 FROM webhook_endpoints WHERE id <> 'whk_all'`,
		numbers+`INSERT INTO webhook_positions SELECT 'p', '*', 'whk_all', 'org_' || n, 100 FROM numbers`, "ANALYZE")
}
