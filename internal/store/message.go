package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type messageRow struct {
	bun.BaseModel `bun:"table:messages,alias:m"`
	tenancy
	ID               identity.ID           `bun:"id,pk"`
	UserID           identity.ID           `bun:"user_id"`
	Kind             identity.MessageKind  `bun:"kind"`
	Language         identity.Language     `bun:"language"`
	Recipient        identity.EmailAddress `bun:"recipient"`
	Name             string                `bun:"name"`
	OrganisationName string                `bun:"organisation_name"`
	FactorName       string                `bun:"factor_name"`
	WebhookHost      string                `bun:"webhook_host"`
	SealedToken      []byte                `bun:"sealed_token"`
	ExpiresAt        *time.Time            `bun:"expires_at"`
	CreatedAt        time.Time             `bun:"created_at"`
	State            MessageState          `bun:"state"`
	SettledAt        *time.Time            `bun:"settled_at"`
	Refusal          string                `bun:"refusal"`
	// Of texts alone.
	FactorID       identity.ID         `bun:"factor_id"`
	SealedNumber   []byte              `bun:"sealed_number"`
	NumberKey      []byte              `bun:"number_key"`
	TriedAt        *time.Time          `bun:"tried_at"`
	ProviderID     string              `bun:"provider_id"`
	ProviderStatus identity.TextStatus `bun:"provider_status"`
}

// MessageState is where a message stands.
type MessageState string

// The states.
const (
	MessageQueued    MessageState = "QUEUED"
	MessageDelivered MessageState = "DELIVERED" // the mail server took it
	MessageRefused   MessageState = "REFUSED"   // the mail server refused it for good: the address doesn't work
	MessageExpired   MessageState = "EXPIRED"   // it could not be told in time, which says nothing of the address
)

func messageRowOf(m identity.Message, sealedToken []byte) messageRow {
	return messageRow{
		tenancy: tenancy{m.Portal, m.Organisation}, ID: m.ID, UserID: m.User, Kind: m.Kind, Language: m.Language,
		Recipient: m.To, Name: m.Name, OrganisationName: m.OrganisationName, FactorName: m.FactorName, WebhookHost: m.WebhookHost,
		SealedToken: sealedToken, ExpiresAt: m.ExpiresAt, CreatedAt: m.CreatedAt, State: MessageQueued,
	}
}

func (r *messageRow) message() identity.Message {
	return identity.Message{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, User: r.UserID, Kind: r.Kind, Language: r.Language,
		To: r.Recipient, Name: r.Name, OrganisationName: r.OrganisationName, FactorName: r.FactorName, WebhookHost: r.WebhookHost,
		ExpiresAt: r.ExpiresAt, CreatedAt: r.CreatedAt,
	}
}

// Tell hands a message to the outbox when the transaction commits. The token of the link in it, where it has one, is
// sealed to the message's id.
func (s *Scope) Tell(message identity.Message, sealedToken []byte) {
	message.CreatedAt = s.Now
	s.messages = append(s.messages, messageRowOf(message, sealedToken))
}

func (s *Scope) flushMessages(ctx context.Context, enqueuer Enqueuer) error {
	if len(s.messages) == 0 {
		return nil
	}
	rows := make([]*messageRow, len(s.messages))
	byTenant := map[identity.Tenant][]identity.ID{}
	for i := range s.messages {
		row := &s.messages[i]
		rows[i] = row
		byTenant[row.owner()] = append(byTenant[row.owner()], row.ID)
	}
	if err := insert(ctx, s, rows...); err != nil {
		return fmt.Errorf("save messages: %w", err)
	}
	for tenant, ids := range byTenant {
		if enqueuer == nil {
			break
		}
		if err := enqueuer.Enqueue(ctx, s.tx.Tx, tenant, ids); err != nil {
			return fmt.Errorf("enqueue messages: %w", err)
		}
	}
	return nil
}

// Recent tells how many mails of one kind a user was sent in the hour until now, and when the last. The user must be locked
// for a decision that rests on it.
func (s *Scope) Recent(ctx context.Context, user identity.ID, kind identity.MessageKind) (identity.Recent, error) {
	var rows []messageRow
	err := s.selectRows(&rows).Column("created_at").Where("m.user_id = ? AND m.kind = ?", user, kind).
		Where("m.created_at > ?", s.Now.Add(-time.Hour)).OrderExpr("m.created_at").Scan(ctx)
	if err != nil {
		return identity.Recent{}, fmt.Errorf("count recent messages: %w", err)
	}
	recent := identity.Recent{Count: len(rows)}
	if len(rows) > 0 {
		recent.LastAt = &rows[len(rows)-1].CreatedAt
	}
	return recent, nil
}

// QueuedMessage is a message that is still to be delivered.
type QueuedMessage struct {
	identity.Message
	SealedToken []byte
	// Text is the zero Text for a mail.
	Text Text
}

// QueuedMessages loads those of the messages that are still to be delivered, in the order of their ids.
func (s *Scope) QueuedMessages(ctx context.Context, ids []identity.ID) ([]QueuedMessage, error) {
	var rows []messageRow
	err := s.selectRows(&rows).Where("m.id IN (?)", bun.List(ids)).Where("m.state = ?", MessageQueued).OrderExpr("m.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("load messages: %w", err)
	}
	all := make([]QueuedMessage, len(rows))
	for i := range rows {
		all[i] = QueuedMessage{Message: rows[i].message(), SealedToken: rows[i].SealedToken, Text: rows[i].text()}
	}
	return all, nil
}

// SettleMessage notes how the delivery of a message ended, and why where it wasn't delivered; forgets the token in it; and
// remembers on the user whether their address works, where the end tells so. The user's row is written only where that
// changes something.
func (s *Scope) SettleMessage(ctx context.Context, message identity.Message, state MessageState, refusal string) error {
	_, err := s.updateRows((*messageRow)(nil)).
		Set("state = ?", state).Set("settled_at = ?", s.Now).Set("refusal = ?", refusal).Set("sealed_token = NULL").
		Where("m.id = ? AND m.state = ?", message.ID, MessageQueued).Exec(ctx)
	if err != nil {
		return fmt.Errorf("settle message: %w", err)
	}
	if state == MessageExpired {
		return nil
	}
	query := s.updateRows((*userRow)(nil)).Where("u.id = ? AND u.email_key = ?", message.User, message.To.Fold())
	if state == MessageRefused {
		query = query.Set("email_refused_at = ?", s.Now).Where("u.email_refused_at IS NULL")
	} else {
		query = query.Set("email_refused_at = NULL").Where("u.email_refused_at IS NOT NULL")
	}
	if _, err := query.Exec(ctx); err != nil {
		return fmt.Errorf("remember whether the address works: %w", err)
	}
	return nil
}

// The settling of a message as one statement on PostgreSQL, and the wall that is sent with it. The commit doesn't wait for
// the disk: what a crash of the database server takes back is half a second of settling, and those mails are sent once
// more, as the same mails.
const (
	settleWall  = wallQuery + ", set_config('synchronous_commit', 'off', true)"
	settleQuery = `WITH settled AS (
		UPDATE messages SET state = $4, settled_at = coalesce($8::timestamptz, now()), refusal = $5, sealed_token = NULL
		WHERE portal = $1 AND organisation_id = $2 AND id = $3 AND state = 'QUEUED')
	UPDATE users SET email_refused_at = CASE WHEN $4 = 'REFUSED' THEN coalesce($8::timestamptz, now()) END
	WHERE portal = $1 AND organisation_id = $2 AND id = $6 AND email_key = $7
		AND $4 <> 'EXPIRED' AND (email_refused_at IS NULL) = ($4 = 'REFUSED')`
)

// Settle is SettleMessage in a transaction of its own. It runs once for every message that is sent, so on PostgreSQL all
// of it is one round trip instead of five: what is sent in one batch is one transaction.
func (db *DB) Settle(ctx context.Context, message identity.Message, state MessageState, refusal string) error {
	if !db.IsPostgres() {
		tenant := identity.Tenant{Portal: message.Portal, Organisation: message.Organisation}
		return db.Within(ctx, tenant, func(s *Scope) error { return s.SettleMessage(ctx, message, state, refusal) })
	}
	var now *time.Time
	if db.clock != nil {
		instant := db.instant(time.Time{})
		now = &instant
	}
	batch := &pgx.Batch{}
	batch.Queue(settleWall, message.Portal, message.Organisation)
	batch.Queue(settleQuery, message.Portal, message.Organisation, message.ID, state, refusal,
		message.User, message.To.Fold(), now)
	return db.appPool.AcquireFunc(ctx, func(connection *pgxpool.Conn) error {
		for _, query := range batch.QueuedQueries {
			if _, err := connection.Conn().Prepare(ctx, query.SQL, query.SQL); err != nil {
				return fmt.Errorf("prepare to settle a message: %w", err)
			}
		}
		if err := connection.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("settle message: %w", err)
		}
		return nil
	})
}
