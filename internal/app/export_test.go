package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Admit is what a return from a provider comes to once its word was found good.
func (a *App) Admit(ctx context.Context, actor identity.Actor, assertion identity.Assertion) (Outcome, error) {
	return a.admit(ctx, actor, assertion, nil)
}
