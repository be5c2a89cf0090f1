package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// The audit log is the queue: what is still to be sent to an endpoint is what stands in the logs behind its positions. So an
// event is as safe as the work that it tells of, and nothing else is written when it happens.

type webhookPositionRow struct {
	bun.BaseModel `bun:"table:webhook_positions,alias:p"`
	tenancy
	EndpointID          identity.ID `bun:"endpoint_id,pk"`
	EventOrganisationID identity.ID `bun:"event_organisation_id,pk"`
	Sequence            int64       `bun:"sequence"`
}

type webhookDeliveryRow struct {
	bun.BaseModel `bun:"table:webhook_deliveries,alias:d"`
	tenancy
	EndpointID          identity.ID                   `bun:"endpoint_id,pk"`
	EventID             identity.ID                   `bun:"event_id,pk"`
	EventOrganisationID identity.ID                   `bun:"event_organisation_id"`
	Sequence            int64                         `bun:"sequence"`
	Action              identity.Action               `bun:"action"`
	State               identity.WebhookDeliveryState `bun:"state"`
	Asked               bool                          `bun:"asked"`
	Attempts            int                           `bun:"attempts"`
	LastAttemptAt       *time.Time                    `bun:"last_attempt_at"`
	ResponseStatus      int                           `bun:"response_status"`
	Failure             identity.WebhookFailure       `bun:"failure"`
	SettledAt           *time.Time                    `bun:"settled_at"`
}

func (r *webhookDeliveryRow) delivery() identity.WebhookDelivery {
	return identity.WebhookDelivery{
		Event: r.EventID, Organisation: r.EventOrganisationID, Sequence: r.Sequence, Action: r.Action, State: r.State,
		Attempts: r.Attempts, LastAttemptAt: r.LastAttemptAt, ResponseStatus: r.ResponseStatus, Failure: r.Failure,
	}
}

// reached bounds the heads h of audit logs to those whose events an endpoint is sent: its organisation's own, or those of every
// customer. It is one or the other, never an OR of both, which databases answer by reading every head.
func reached(e identity.WebhookEndpoint) schema.QueryWithArgs {
	if e.Organisation == identity.WholePortal {
		return bun.SafeQuery("h.portal = ? AND "+ofCustomer, e.Portal)
	}
	return bun.SafeQuery("h.portal = ? AND h.organisation_id = ?", e.Portal, e.Organisation)
}

// ofCustomer leaves the operating organisation out of heads h.
const ofCustomer = `NOT EXISTS (SELECT 1 FROM organisations AS o
	WHERE o.portal = h.portal AND o.organisation_id = h.organisation_id AND o.is_operator)`

// ours refuses work on an endpoint that stands behind another tenant's wall, or in a session that is held to some establishments.
func (s *Scope) ours(e identity.WebhookEndpoint) error {
	if !s.admits(e.Tenant()) {
		return errors.New("work on a webhook endpoint: it belongs to another tenant")
	}
	return s.mayChange((*webhookRow)(nil))
}

// beginAtHeads puts a new endpoint behind every event that there is.
func (s *Scope) beginAtHeads(ctx context.Context, e identity.WebhookEndpoint, err error) error {
	if err != nil {
		return err
	}
	_, err = s.tx.NewRaw(`INSERT INTO webhook_positions (portal, organisation_id, endpoint_id, event_organisation_id, sequence)
		SELECT h.portal, ?, ?, h.organisation_id, h.sequence FROM audit_heads AS h WHERE ?`,
		e.Organisation, e.ID, reached(e)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("begin a webhook endpoint: %w", err)
	}
	return nil
}

// longestTurn is longer than a transaction lasts that puts an event into a log: its instant is when it began, its place in the
// log where it ended. So what happened by so much before another event stands before it, too.
const longestTurn = 2 * time.Minute

// RewindWebhook has every event since an instant sent again that an endpoint wants, in order. In each log it looks up
// the last event that surely stands before all of those, and one of them, and reads what stands between the two: what happened
// in a few minutes, however long the log is and however much of it is to be sent.
func (s *Scope) RewindWebhook(ctx context.Context, e identity.WebhookEndpoint, since time.Time) error {
	if err := s.ours(e); err != nil {
		return err
	}
	_, err := s.tx.NewRaw(`INSERT INTO webhook_positions (portal, organisation_id, endpoint_id, event_organisation_id, sequence)
		SELECT r.portal, ?0, ?1, r.organisation_id, r.sequence - 1 FROM (
			SELECT h.portal, h.organisation_id, (
				SELECT min(CASE WHEN e.at >= ?2 THEN e.sequence END) FROM audit_events AS e
				WHERE e.portal = h.portal AND e.organisation_id = h.organisation_id AND e.sequence > (
					SELECT coalesce(max(l.sequence), 0) FROM (SELECT b.sequence FROM audit_events AS b
					WHERE b.portal = h.portal AND b.organisation_id = h.organisation_id AND b.at < ?3 ORDER BY b.at DESC LIMIT 1) AS l)
				AND e.sequence <= (
					SELECT a.sequence FROM audit_events AS a WHERE a.portal = h.portal AND a.organisation_id = h.organisation_id AND a.at >= ?2
					ORDER BY a.at LIMIT 1)) AS sequence
			FROM audit_heads AS h WHERE ?4) AS r
		WHERE r.sequence IS NOT NULL
		ON CONFLICT (portal, organisation_id, endpoint_id, event_organisation_id) DO UPDATE SET sequence = excluded.sequence
		WHERE excluded.sequence < webhook_positions.sequence`,
		e.Organisation, e.ID, since.UTC(), since.UTC().Add(-longestTurn), reached(e)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("rewind a webhook endpoint: %w", err)
	}
	return nil
}

// AskWebhook has an event sent again to an endpoint, out of turn, or refuses with NOT_FOUND where nothing is known of its
// delivery. One that is still to be delivered anyway stays in its turn.
func (s *Scope) AskWebhook(ctx context.Context, endpoint, event identity.ID) error {
	var row webhookDeliveryRow
	err := s.selectRows(&row).Where("d.endpoint_id = ? AND d.event_id = ?", endpoint, event).Scan(ctx)
	if err := found(err, "load webhook delivery"); err != nil || row.State == identity.WebhookPending {
		return err
	}
	_, err = s.updateRows((*webhookDeliveryRow)(nil)).Set("asked = ?", true).Set("state = ?", identity.WebhookPending).
		Set("settled_at = NULL").Where("d.endpoint_id = ? AND d.event_id = ?", endpoint, event).Exec(ctx)
	if err != nil {
		return fmt.Errorf("ask for a webhook: %w", err)
	}
	return nil
}

// QueuedEvent is the next event for an endpoint; Asked: out of turn.
type QueuedEvent struct {
	identity.AuditEvent
	Asked bool
}

// mostSkipped bounds how many unwanted stretches of events are passed over in one transaction.
const mostSkipped = 200

// NextWebhookEvent answers what is to be sent to an endpoint next; false: nothing now. First comes what was asked for again,
// then what happened first of those that stand next in their organisation's log. Events that aren't wanted are passed over.
func (s *Scope) NextWebhookEvent(ctx context.Context, e identity.WebhookEndpoint) (QueuedEvent, bool, error) {
	if err := s.ours(e); err != nil {
		return QueuedEvent{}, false, err
	}
	next, found, err := s.askedEvent(ctx, e)
	for range mostSkipped {
		if err != nil || found {
			break
		}
		var row eventRow
		err = s.tx.NewRaw(`SELECT e.* FROM audit_heads AS h
			LEFT JOIN webhook_positions AS p ON p.portal = h.portal AND p.organisation_id = ? AND p.endpoint_id = ?
				AND p.event_organisation_id = h.organisation_id
			JOIN audit_events AS e ON e.portal = h.portal AND e.organisation_id = h.organisation_id
				AND e.sequence = coalesce(p.sequence, 0) + 1
			WHERE h.sequence > coalesce(p.sequence, 0) AND ? ORDER BY e.at, e.organisation_id LIMIT 1`,
			e.Organisation, e.ID, reached(e)).Scan(ctx, &row)
		if errors.Is(err, sql.ErrNoRows) {
			return next, false, nil
		}
		if next.AuditEvent, found = row.event().AuditEvent, e.Wants(row.Action); err == nil && !found {
			err = s.passOver(ctx, e, next.AuditEvent)
		}
	}
	if err != nil {
		return next, false, fmt.Errorf("find the next webhook: %w", err)
	}
	return next, found, nil
}

func (s *Scope) askedEvent(ctx context.Context, e identity.WebhookEndpoint) (QueuedEvent, bool, error) {
	var row eventRow
	err := s.tx.NewRaw(`SELECT e.* FROM webhook_deliveries AS d
		JOIN audit_events AS e ON e.portal = d.portal AND e.organisation_id = d.event_organisation_id AND e.sequence = d.sequence
		WHERE d.portal = ? AND d.organisation_id = ? AND d.endpoint_id = ? AND d.asked ORDER BY d.event_id LIMIT 1`,
		e.Portal, e.Organisation, e.ID).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return QueuedEvent{}, false, nil
	}
	return QueuedEvent{AuditEvent: row.event().AuditEvent, Asked: true}, err == nil, err
}

// passOver moves an endpoint behind the unwanted events of a log, up to the next that it wants.
func (s *Scope) passOver(ctx context.Context, e identity.WebhookEndpoint, unwanted identity.AuditEvent) error {
	var last sql.NullInt64
	err := s.tx.NewRaw(`SELECT coalesce(
		(SELECT min(e.sequence) - 1 FROM audit_events AS e WHERE e.portal = ?0 AND e.organisation_id = ?1 AND e.sequence > ?2 AND e.action IN (?3)),
		(SELECT max(e.sequence) FROM audit_events AS e WHERE e.portal = ?0 AND e.organisation_id = ?1))`,
		e.Portal, unwanted.Organisation, unwanted.Sequence, bun.List(e.Actions)).Scan(ctx, &last)
	if err != nil {
		return err
	}
	return s.movePosition(ctx, e, unwanted, last.Int64)
}

// movePosition moves an endpoint from before an event to behind that or a later one; not where it was moved elsewhere
// meanwhile.
func (s *Scope) movePosition(ctx context.Context, e identity.WebhookEndpoint, from identity.AuditEvent, to int64) error {
	row := &webhookPositionRow{
		tenancy: tenancy{e.Portal, e.Organisation}, EndpointID: e.ID, EventOrganisationID: from.Organisation, Sequence: to,
	}
	_, err := s.tx.NewInsert().Model(row).On("CONFLICT (portal, organisation_id, endpoint_id, event_organisation_id) DO UPDATE").
		Set("sequence = excluded.sequence").Where("p.sequence = ?", from.Sequence-1).Exec(ctx)
	return err
}

// SettleWebhook saves what became of a try. An event that is not to be tried again gives way to the next.
func (s *Scope) SettleWebhook(ctx context.Context, e identity.WebhookEndpoint, event QueuedEvent, state identity.WebhookDeliveryState, attempt identity.WebhookAttempt) error {
	if err := s.ours(e); err != nil {
		return err
	}
	row := &webhookDeliveryRow{
		tenancy: tenancy{e.Portal, e.Organisation}, EndpointID: e.ID, EventID: event.ID, EventOrganisationID: event.Organisation,
		Sequence: event.Sequence, Action: event.Action, State: state, Asked: event.Asked && state == identity.WebhookPending,
		Attempts: 1, LastAttemptAt: &s.Now, ResponseStatus: attempt.Status, Failure: attempt.Failure,
	}
	if state != identity.WebhookPending {
		row.SettledAt = &s.Now
	}
	_, err := s.tx.NewInsert().Model(row).On("CONFLICT (portal, organisation_id, endpoint_id, event_id) DO UPDATE").
		Set("state = excluded.state").Set("asked = excluded.asked").Set("attempts = d.attempts + 1").
		Set("last_attempt_at = excluded.last_attempt_at").Set("response_status = excluded.response_status").
		Set("failure = excluded.failure").Set("settled_at = excluded.settled_at").Exec(ctx)
	if err == nil && state != identity.WebhookPending && !event.Asked {
		err = s.movePosition(ctx, e, event.AuditEvent, event.Sequence)
	}
	if err != nil {
		return fmt.Errorf("settle a webhook: %w", err)
	}
	return nil
}

// WebhookDeliveriesOf lists what became of events at each of several endpoints, the latest event first.
func (s *Scope) WebhookDeliveriesOf(ctx context.Context, of []identity.ID, state *identity.WebhookDeliveryState, page identity.Page) (map[identity.ID]identity.Slice[identity.WebhookDelivery], error) {
	parts, err := pages(ctx, s, of, page, func(rows *[]webhookDeliveryRow, of identity.ID) *bun.SelectQuery {
		query := s.selectRows(rows).ApplyQueryBuilder(deliveriesOf([]identity.ID{of}, state)).
			OrderExpr("d.event_id DESC").Limit(int64(page.First) + 1)
		if len(page.After) == 1 {
			query = query.Where("d.event_id < ?", page.After[0])
		}
		return query
	}, func(r *webhookDeliveryRow) identity.ID { return r.EndpointID }, (*webhookDeliveryRow).delivery)
	if err != nil {
		return nil, fmt.Errorf("list webhook deliveries: %w", err)
	}
	return parts, nil
}

// CountWebhookDeliveriesOf counts what WebhookDeliveriesOf lists.
func (s *Scope) CountWebhookDeliveriesOf(ctx context.Context, of []identity.ID, state *identity.WebhookDeliveryState) (map[identity.ID]int, error) {
	found, err := counts(ctx, s.selectRows((*webhookDeliveryRow)(nil)).ApplyQueryBuilder(deliveriesOf(of, state)), "d.endpoint_id")
	if err != nil {
		return nil, fmt.Errorf("count webhook deliveries: %w", err)
	}
	return found, nil
}

func deliveriesOf(endpoints []identity.ID, state *identity.WebhookDeliveryState) func(bun.QueryBuilder) bun.QueryBuilder {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		if state != nil {
			q = q.Where("d.state = ?", *state)
		}
		return q.Where("d.endpoint_id IN (?)", bun.List(endpoints))
	}
}
