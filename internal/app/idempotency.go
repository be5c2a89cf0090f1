package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// request is a write that its caller may send again after a lost answer.
type request struct {
	// operation is the mutation's name.
	operation string
	// key is the caller's; nil: each sending counts.
	key *string
	// input is all that the write depends on, as JSON can tell it apart.
	input any
	// tenant is the wall around the work; the zero Tenant: as far as the actor's work reaches.
	tenant identity.Tenant
}

// once runs the work of a mutation that creates or sends, in one transaction; work leaves its answer in result. Where the
// caller gave a key, the answer is kept with it, and for 24 hours at least the same request with the same key gets that
// answer and does nothing, whichever process is asked. While the first is still running, the second waits for its end. The
// same key for another request is refused (IDEMPOTENCY_KEY_REUSED). What was refused isn't kept.
//
// A use case takes part by calling once where it would call Within. What work leaves in result must survive JSON: its
// fields are exported, and a secret that is shown once is text (Reveal). It is sealed at rest, under the key's own row.
func once[R any](ctx context.Context, a *App, actor identity.Actor, asked request, result *R, work func(*store.Scope) error) error {
	tenant := asked.tenant
	if tenant == (identity.Tenant{}) {
		tenant = actor.Tenant()
	}
	if asked.key == nil {
		return a.db.Within(ctx, tenant, work)
	}
	claim, err := asked.claim(actor)
	if err != nil {
		return err
	}
	place := []byte("idempotency " + string(claim.Actor) + " " + claim.Key)
	return a.db.Within(ctx, tenant, func(s *store.Scope) error {
		if err := holdPlace(ctx, s, actor); err != nil {
			return err
		}
		first := false
		sealed, err := s.Once(ctx, claim, func() ([]byte, error) {
			first = true
			if err := work(s); err != nil {
				return nil, err
			}
			text, err := json.Marshal(result)
			return a.keys.Seal(text, place), err
		})
		if err != nil || first {
			return err
		}
		text, err := a.keys.Open(sealed, place)
		if err != nil {
			return fmt.Errorf("open the result of an idempotency key: %w", err)
		}
		var earlier R
		err = json.Unmarshal(text, &earlier)
		*result = earlier
		return err
	})
}

// holdPlace keeps an API token where what is kept for it is looked for.
func holdPlace(ctx context.Context, s *store.Scope, actor identity.Actor) error {
	if actor.Token == nil {
		return nil
	}
	return s.HoldPlace(ctx, *actor.Token)
}

// claim checks the key and digests what is asked for.
func (asked request) claim(actor identity.Actor) (store.Request, error) {
	if err := identity.CheckIdempotencyKey(*asked.key); err != nil {
		return store.Request{}, err
	}
	if actor.ID() == "" {
		return store.Request{}, errors.New("claim idempotency key: it is nobody's")
	}
	text, err := json.Marshal(asked.input)
	if err != nil {
		return store.Request{}, fmt.Errorf("digest a request: %w", err)
	}
	digest := sha256.Sum256(text)
	return store.Request{
		Tenant: actor.Home(), Actor: actor.ID(), Key: *asked.key, Operation: asked.operation, InputDigest: digest[:],
	}, nil
}
