package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type idempotencyRow struct {
	bun.BaseModel `bun:"table:idempotency_keys,alias:k"`
	tenancy
	ActorID     identity.ID `bun:"actor_id,pk"`
	Key         string      `bun:"key,pk"`
	Operation   string      `bun:"operation"`
	InputDigest []byte      `bun:"input_digest"`
	ResultID    identity.ID `bun:"result_id"`
	CreatedAt   time.Time   `bun:"created_at"`
}

// Request is a write that its caller may send again: the actor, the key that they chose for it, and what it asks for.
type Request struct {
	Tenant      identity.Tenant
	Actor       identity.ID
	Key         string
	Operation   string
	InputDigest []byte
}

// Claim makes the request's key stand for a result, and answers that result; or the earlier one where the key stood for
// one already. A transaction that claims a key which another is just claiming waits for it. The same key for another
// operation or another input is refused (IDEMPOTENCY_KEY_REUSED).
func (s *Scope) Claim(ctx context.Context, request Request, result identity.ID) (identity.ID, error) {
	row := &idempotencyRow{
		tenancy: tenancy{request.Tenant.Portal, request.Tenant.Organisation}, ActorID: request.Actor, Key: request.Key,
		Operation: request.Operation, InputDigest: request.InputDigest, ResultID: result, CreatedAt: s.Now,
	}
	if !s.admits(row.owner()) {
		return "", errors.New("claim idempotency key: the request belongs to another tenant")
	}
	_, err := s.tx.NewInsert().Model(row).On("CONFLICT (portal, organisation_id, actor_id, key) DO UPDATE").
		Set("key = k.key").Returning("operation, input_digest, result_id").Exec(ctx)
	switch {
	case err != nil:
		return "", fmt.Errorf("claim idempotency key: %w", err)
	case row.Operation != request.Operation, !bytes.Equal(row.InputDigest, request.InputDigest):
		return "", identity.Refuse(identity.IdempotencyKeyReused, "input", "idempotencyKey")
	}
	return row.ResultID, nil
}
