package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// An endpoint is worked by one process at a time, which holds a claim on it, so that its events go out one after the other. A
// process that dies leaves a claim that runs out; one that only fell asleep finds its claim lost, and saves nothing.

// ClaimWebhook takes an endpoint that is due for a process, or goes on holding it, and answers it with its secrets; false:
// another has it, or there is nothing to do now.
func (s *Scope) ClaimWebhook(ctx context.Context, id identity.ID, process string, lease time.Duration) (identity.WebhookEndpoint, WebhookSecrets, bool, error) {
	var row webhookRow
	err := s.updateRows(&row).Set("claimed_by = ?", process).Set("claimed_until = ?", s.Now.Add(lease)).
		Where("w.id = ? AND w.disabled_at IS NULL", id).
		Where("(w.claimed_until IS NULL OR w.claimed_until <= ? OR w.claimed_by = ?)", s.Now, process).
		Where("(w.next_attempt_at IS NULL OR w.next_attempt_at <= ?)", s.Now).Returning("*").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return identity.WebhookEndpoint{}, WebhookSecrets{}, false, nil
	}
	if err != nil {
		return identity.WebhookEndpoint{}, WebhookSecrets{}, false, fmt.Errorf("claim webhook endpoint: %w", err)
	}
	return row.endpoint(), row.secrets(), true, nil
}

// HeldWebhook loads an endpoint that a process still holds; false where it lost it, or the endpoint is gone.
func (s *Scope) HeldWebhook(ctx context.Context, id identity.ID, process string) (identity.WebhookEndpoint, bool, error) {
	var row webhookRow
	err := s.locked(s.selectRows(&row)).Where("w.id = ? AND w.claimed_by = ?", id, process).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return identity.WebhookEndpoint{}, false, nil
	}
	if err != nil {
		return identity.WebhookEndpoint{}, false, fmt.Errorf("load a held webhook endpoint: %w", err)
	}
	return row.endpoint(), true, nil
}

// ReleaseWebhook lets go of an endpoint that a process holds.
func (s *Scope) ReleaseWebhook(ctx context.Context, id identity.ID, process string) error {
	_, err := s.updateRows((*webhookRow)(nil)).Set("claimed_by = ''").Set("claimed_until = NULL").
		Where("w.id = ? AND w.claimed_by = ?", id, process).Exec(ctx)
	if err != nil {
		return fmt.Errorf("release webhook endpoint: %w", err)
	}
	return nil
}

// undelivered finds endpoints w with the logs whose heads h stand beyond their positions p: ofOne those that are sent the events of
// one organisation, ofAll those that are sent every customer's. They are joined whole, not looked up one by one.
const (
	ofOne       = `FROM webhook_endpoints AS w JOIN audit_heads AS h ON h.portal = w.portal AND h.organisation_id = w.organisation_id ` + undelivered
	ofAll       = `FROM webhook_endpoints AS w JOIN audit_heads AS h ON h.portal = w.portal ` + undelivered + ` AND w.organisation_id = '*' AND ` + ofCustomer
	keys        = `SELECT w.portal, w.organisation_id, w.id `
	undelivered = `LEFT JOIN webhook_positions AS p ON p.portal = w.portal AND p.organisation_id = w.organisation_id
		AND p.endpoint_id = w.id AND p.event_organisation_id = h.organisation_id
		WHERE w.disabled_at IS NULL AND h.sequence > coalesce(p.sequence, 0)`

	dueQuery = keys + `FROM (` + keys + ofOne + ` UNION ` + keys + ofAll + `
			UNION SELECT d.portal, d.organisation_id, d.endpoint_id FROM webhook_deliveries AS d WHERE d.asked) AS n
		JOIN webhook_endpoints AS w ON w.portal = n.portal AND w.organisation_id = n.organisation_id AND w.id = n.id
		WHERE w.disabled_at IS NULL AND (w.claimed_until IS NULL OR w.claimed_until <= ?0)
			AND (w.next_attempt_at IS NULL OR w.next_attempt_at <= ?0)
		ORDER BY w.next_attempt_at, w.id LIMIT ?1`
)

// DueWebhooks answers some of the endpoints, in every tenant, that have something to send now and that no process holds. Like
// Sweep it works across the walls, and answers nothing of what is behind them but who is due.
func (db *DB) DueWebhooks(ctx context.Context, most int) ([]identity.WebhookEndpoint, error) {
	pool := db.outside()
	now, err := db.now(ctx, pool)
	if err != nil {
		return nil, err
	}
	var rows []webhookRow
	err = pool.NewRaw(dueQuery, now, most).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("look for due webhooks: %w", err)
	}
	endpoints := make([]identity.WebhookEndpoint, len(rows))
	for i := range rows {
		endpoints[i] = rows[i].endpoint()
	}
	return endpoints, nil
}

// OldestWebhook tells for how long, in every tenant, the event has been waiting that waits longest for an endpoint that isn't
// disabled; zero where none waits.
func (db *DB) OldestWebhook(ctx context.Context) (time.Duration, error) {
	pool := db.outside()
	now, err := db.now(ctx, pool)
	if err != nil {
		return 0, err
	}
	const next = `SELECT h.portal, h.organisation_id, coalesce(p.sequence, 0) + 1 AS sequence `
	var at bun.NullTime
	err = pool.NewRaw(`SELECT min(e.at) FROM (`+next+ofOne+` UNION `+next+ofAll+`) AS n JOIN audit_events AS e
		ON e.portal = n.portal AND e.organisation_id = n.organisation_id AND e.sequence = n.sequence`).Scan(ctx, &at)
	if err != nil {
		return 0, fmt.Errorf("look for the oldest webhook: %w", err)
	}
	if at.IsZero() {
		return 0, nil
	}
	return now.Sub(at.Time), nil
}

// outside is where what looks across the walls reads: on SQLite beside the one connection that writes.
func (db *DB) outside() *bun.DB {
	if db.IsPostgres() {
		return db.system
	}
	return db.reads
}
