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
	// ResultID is "" but in rows of the time when a key stood for the id of its result.
	ResultID     identity.ID `bun:"result_id"`
	SealedResult []byte      `bun:"sealed_result"`
	CreatedAt    time.Time   `bun:"created_at"`
}

// Request is a write that its caller may send again: the actor, the key that they chose for it, and what it asks for.
type Request struct {
	// Tenant is the actor's own.
	Tenant      identity.Tenant
	Actor       identity.ID
	Key         string
	Operation   string
	InputDigest []byte
}

// Once runs work under the request's key and saves what it answers, in the scope's commit; or answers what was saved where
// the key was used before, and runs nothing. A transaction that comes with a key under which another is just working waits
// for that one's end. Where work refuses, the key stands for nothing. The same key for another operation or another input is
// refused (IDEMPOTENCY_KEY_REUSED).
func (s *Scope) Once(ctx context.Context, request Request, work func() ([]byte, error)) ([]byte, error) {
	row := &idempotencyRow{
		tenancy: tenancy{request.Tenant.Portal, request.Tenant.Organisation}, ActorID: request.Actor, Key: request.Key,
		Operation: request.Operation, InputDigest: request.InputDigest, CreatedAt: s.Now,
	}
	if !s.admits(row.owner()) {
		return nil, errors.New("claim idempotency key: the request belongs to another tenant")
	}
	_, err := s.tx.NewInsert().Model(row).On("CONFLICT (portal, organisation_id, actor_id, key) DO UPDATE").
		Set("key = k.key").Returning("operation, input_digest, result_id, sealed_result").Exec(ctx)
	switch {
	case err != nil:
		return nil, fmt.Errorf("claim idempotency key: %w", err)
	case row.Operation != request.Operation, !bytes.Equal(row.InputDigest, request.InputDigest), row.ResultID != "":
		return nil, identity.Refuse(identity.IdempotencyKeyReused, "input", "idempotencyKey")
	case len(row.SealedResult) > 0:
		return row.SealedResult, nil
	}
	result, err := work()
	if err != nil {
		return nil, s.release(ctx, row, err)
	}
	_, err = s.updateRows(&idempotencyRow{SealedResult: result}).Column("sealed_result").
		Where("k.organisation_id = ? AND k.actor_id = ? AND k.key = ?", row.OrganisationID, row.ActorID, row.Key).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("save the result of an idempotency key: %w", err)
	}
	return result, nil
}

// release lets go of a key whose work was refused, and answers the refusal. Most of them roll all of it back; one made by Keep
// is committed.
func (s *Scope) release(ctx context.Context, row *idempotencyRow, refusal error) error {
	if _, commits := isKept(refusal); !commits {
		return refusal
	}
	_, err := s.deleteRows((*idempotencyRow)(nil)).
		Where("k.organisation_id = ? AND k.actor_id = ? AND k.key = ?", row.OrganisationID, row.ActorID, row.Key).Exec(ctx)
	if err != nil {
		return fmt.Errorf("release idempotency key: %w", errors.Join(err, refusal))
	}
	return refusal
}
