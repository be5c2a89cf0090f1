package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Admit is what a return from a provider comes to once its word was found good.
func (a *App) Admit(ctx context.Context, actor identity.Actor, assertion identity.Assertion) (Outcome, error) {
	return a.admit(ctx, actor, assertion, nil)
}

// TellLocked is what the wrong password comes to that locks a user's name.
func (a *App) TellLocked(ctx context.Context, actor identity.Actor, tenant identity.Tenant, user identity.ID) error {
	return a.tellLocked(ctx, actor, store.Account{Organisation: tenant.Organisation, User: user})
}
