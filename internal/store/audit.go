package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type eventRow struct {
	bun.BaseModel `bun:"table:audit_events,alias:e"`
	tenancy
	Sequence     int64           `bun:"sequence,pk"`
	ID           identity.ID     `bun:"id"`
	At           time.Time       `bun:"at"`
	Action       identity.Action `bun:"action"`
	ActorID      identity.ID     `bun:"actor_id"`
	TargetID     identity.ID     `bun:"target_id"`
	Details      string          `bun:"details"`
	PreviousHash []byte          `bun:"previous_hash"`
	Hash         []byte          `bun:"hash"`
	KeyID        identity.ID     `bun:"key_id"`
	SealedFacts  []byte          `bun:"sealed_facts"`
	FactsHash    []byte          `bun:"facts_hash"`
	SealedKey    []byte          `bun:"sealed_key,scanonly"`
}

// AuditEvent is an event with the key under which its facts are sealed, itself sealed; nil where there are none, or where it
// was destroyed.
type AuditEvent struct {
	identity.AuditEvent
	SealedKey []byte
}

func eventRowOf(e identity.AuditEvent) *eventRow {
	details, _ := json.Marshal(e.Details) // a map of strings always encodes
	return &eventRow{
		tenancy: tenancy{e.Portal, e.Organisation}, Sequence: e.Sequence, ID: e.ID, At: e.At, Action: e.Action,
		ActorID: e.Actor, TargetID: e.Target, Details: string(details), PreviousHash: e.PreviousHash, Hash: e.Hash,
		KeyID: e.KeyID, SealedFacts: e.SealedFacts, FactsHash: e.FactsHash,
	}
}

// event reads details that aren't JSON as none at all: then the hash no longer fits, which is how tampering shows.
func (r *eventRow) event() AuditEvent {
	var details map[string]string
	_ = json.Unmarshal([]byte(r.Details), &details)
	return AuditEvent{SealedKey: r.SealedKey, AuditEvent: identity.AuditEvent{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, Sequence: r.Sequence, At: r.At, Action: r.Action,
		Actor: r.ActorID, Target: r.TargetID, Details: details, PreviousHash: r.PreviousHash, Hash: r.Hash,
		KeyID: r.KeyID, SealedFacts: r.SealedFacts, FactsHash: r.FactsHash, FactsErased: r.KeyID != "" && r.SealedKey == nil,
	}}
}

// selectEvents selects events with their keys: a page takes one statement, whatever it tells.
func (s *Scope) selectEvents(rows *[]eventRow) *bun.SelectQuery {
	return s.selectRows(rows).ColumnExpr("?TableColumns").ColumnExpr(`(SELECT ak.sealed_key FROM audit_keys AS ak
		WHERE ak.portal = e.portal AND ak.organisation_id = e.organisation_id AND ak.id = e.key_id) AS sealed_key`)
}

type headRow struct {
	bun.BaseModel `bun:"table:audit_heads,alias:h"`
	tenancy
	Sequence int64  `bun:"sequence"`
	Hash     []byte `bun:"hash"`
}

// Record puts an event into the organisation's audit log when the transaction commits.
func (s *Scope) Record(event identity.AuditEvent) {
	event.At = s.Now
	s.events = append(s.events, event)
}

// flushEvents links the recorded events into their organisations' chains. Organisations are locked in the order of their
// ids, so that two transactions never wait for each other.
func (s *Scope) flushEvents(ctx context.Context) error {
	slices.SortStableFunc(s.events, func(a, b identity.AuditEvent) int {
		switch {
		case a.Organisation < b.Organisation:
			return -1
		case a.Organisation > b.Organisation:
			return 1
		}
		return 0
	})
	for len(s.events) > 0 {
		organisation := s.events[0].Organisation
		count := 0
		for count < len(s.events) && s.events[count].Organisation == organisation {
			count++
		}
		if err := s.appendToChain(ctx, s.events[:count]); err != nil {
			return fmt.Errorf("append to the audit log: %w", err)
		}
		s.events = s.events[count:]
	}
	return nil
}

func (s *Scope) appendToChain(ctx context.Context, events []identity.AuditEvent) error {
	owner := tenancy{events[0].Portal, events[0].Organisation}
	head := &headRow{tenancy: owner, Sequence: 0, Hash: identity.ChainStart()}
	// Adding the head where there is none, or touching it where there is, locks it either way.
	_, err := s.tx.NewInsert().Model(head).On("CONFLICT (portal, organisation_id) DO UPDATE").
		Set("sequence = h.sequence").Returning("sequence, hash").Exec(ctx)
	if err != nil {
		return err
	}
	rows := make([]*eventRow, len(events))
	for i, event := range events {
		event = event.Link(head.Sequence+1, head.Hash)
		head.Sequence, head.Hash = event.Sequence, event.Hash
		rows[i] = eventRowOf(event)
	}
	if err := insert(ctx, s, rows...); err != nil {
		return err
	}
	_, err = s.updateRows(head).Column("sequence", "hash").Where("h.organisation_id = ?", owner.OrganisationID).Exec(ctx)
	return err
}

// AuditEventsOf lists those of each of several organisations, the latest first. A cursor that isn't one is refused (BAD_USER_INPUT).
func (s *Scope) AuditEventsOf(ctx context.Context, of []identity.ID, filter identity.AuditFilter, page identity.Page) (map[identity.ID]identity.Slice[AuditEvent], error) {
	var last int64
	if len(page.After) == 1 {
		var err error
		if last, err = strconv.ParseInt(page.After[0], 10, 64); err != nil {
			return nil, identity.Refuse(identity.BadUserInput, "after")
		}
	}
	parts, err := pages(ctx, s, of, page, func(rows *[]eventRow, of identity.ID) *bun.SelectQuery {
		query := s.selectEvents(rows).Where("e.organisation_id = ?", of).ApplyQueryBuilder(eventsLike(filter)).
			OrderExpr("e.sequence DESC").Limit(int64(page.First) + 1)
		if len(page.After) == 1 {
			query = query.Where("e.sequence < ?", last)
		}
		return query
	}, func(r *eventRow) identity.ID { return r.OrganisationID }, (*eventRow).event)
	if err != nil {
		return nil, fmt.Errorf("list audit events: %w", err)
	}
	return parts, nil
}

// CountAuditEventsOf counts what AuditEventsOf lists.
func (s *Scope) CountAuditEventsOf(ctx context.Context, of []identity.ID, filter identity.AuditFilter) (map[identity.ID]int, error) {
	found, err := counts(ctx, s.selectRows((*eventRow)(nil)).Where("e.organisation_id IN (?)", bun.List(of)).
		ApplyQueryBuilder(eventsLike(filter)), "e.organisation_id")
	if err != nil {
		return nil, fmt.Errorf("count audit events: %w", err)
	}
	return found, nil
}

func eventsLike(filter identity.AuditFilter) func(bun.QueryBuilder) bun.QueryBuilder {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		switch len(filter.Actions) {
		case 0:
		case 1: // which an index answers in order
			q = q.Where("e.action = ?", filter.Actions[0])
		default:
			q = q.Where("e.action IN (?)", bun.List(filter.Actions))
		}
		if filter.Actor != nil {
			q = q.Where("e.actor_id = ?", *filter.Actor)
		}
		if filter.Target != nil {
			q = q.Where("e.target_id = ?", *filter.Target)
		}
		if filter.From != nil {
			q = q.Where("e.at >= ?", filter.From.UTC())
		}
		if filter.Until != nil {
			q = q.Where("e.at < ?", filter.Until.UTC())
		}
		return q
	}
}

// AuditHeadsOf answers the ends of the chains of several organisations; one that never had an event is left out.
func (s *Scope) AuditHeadsOf(ctx context.Context, of []identity.ID) (map[identity.ID]identity.AuditHead, error) {
	var rows []struct {
		OrganisationID identity.ID
		Sequence       int64
		Hash           []byte
		At             time.Time
	}
	err := s.selectRows((*headRow)(nil)).ColumnExpr("h.organisation_id, h.sequence, h.hash, e.at").
		Join("JOIN audit_events AS e ON e.portal = h.portal AND e.organisation_id = h.organisation_id AND e.sequence = h.sequence").
		Where("h.organisation_id IN (?)", bun.List(of)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read the heads of audit logs: %w", err)
	}
	heads := make(map[identity.ID]identity.AuditHead, len(rows))
	for _, row := range rows {
		heads[row.OrganisationID] = identity.AuditHead{Sequence: row.Sequence, Hash: row.Hash, At: row.At}
	}
	return heads, nil
}

// AuditEventsBehind lists an organisation's events behind that sequence, the earliest first, at most so many.
func (s *Scope) AuditEventsBehind(ctx context.Context, organisation identity.ID, filter identity.AuditFilter, sequence int64, most int) ([]AuditEvent, error) {
	var rows []eventRow
	err := s.selectEvents(&rows).Where("e.organisation_id = ? AND e.sequence > ?", organisation, sequence).
		ApplyQueryBuilder(eventsLike(filter)).OrderExpr("e.sequence").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read audit events: %w", err)
	}
	events := make([]AuditEvent, len(rows))
	for i := range rows {
		events[i] = rows[i].event()
	}
	return events, nil
}

// VerifyAudit checks the chain of an organisation from its first event to its head, and answers how many events it has.
// A broken chain is an *identity.ChainFault. An organisation that never had an event is refused with NOT_FOUND.
func (s *Scope) VerifyAudit(ctx context.Context, organisation identity.ID) (int64, error) {
	head := headRow{Hash: identity.ChainStart()}
	// Behind the head's lock nothing is appended while the chain is read.
	err := s.locked(s.selectRows(&head)).Where("h.organisation_id = ?", organisation).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read the head of the audit log: %w", err)
	}
	var before *identity.AuditEvent
	const batch = 1000
	for last := int64(0); ; {
		events, err := s.AuditEventsBehind(ctx, organisation, identity.AuditFilter{}, last, batch)
		if err != nil {
			return last, err
		}
		for _, event := range events {
			if err := identity.VerifyNext(before, event.AuditEvent); err != nil {
				return last, err
			}
			before, last = &event.AuditEvent, event.Sequence
		}
		if len(events) < batch {
			return last, head.verify(before)
		}
	}
}

// verify catches what the chain itself can't show: events that were cut off at its end, added to it, or exchanged there
// for others with hashes that fit.
func (r *headRow) verify(last *identity.AuditEvent) error {
	sequence, hash := int64(0), identity.ChainStart()
	if last != nil {
		sequence, hash = last.Sequence, last.Hash
	}
	switch {
	case sequence == 0 && r.Sequence == 0:
		return identity.Refuse(identity.NotFound)
	case sequence < r.Sequence:
		return &identity.ChainFault{Sequence: sequence + 1, Why: "missing at the end"}
	case sequence > r.Sequence:
		return &identity.ChainFault{Sequence: r.Sequence + 1, Why: "was added behind the end"}
	case !bytes.Equal(hash, r.Hash):
		return &identity.ChainFault{Sequence: sequence, Why: "is not the one that was recorded"}
	}
	return nil
}
