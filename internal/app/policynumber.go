package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// PolicyNumbers lists those of each of several organisations.
func (a *App) PolicyNumbers(ctx context.Context, of []identity.Organisation) (map[identity.ID][]identity.PolicyNumber, error) {
	return readOf(ctx, a, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID][]identity.PolicyNumber, error) {
		return s.PolicyNumbersOf(ctx, ids)
	})
}

// insure gives an organisation exactly those policy numbers. It must be locked, or new.
func (a *App) insure(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, texts []string) error {
	const input, field = "input", "policyNumbers"
	if err := actor.CheckIdentifies(organisation, input, field); err != nil {
		return err
	}
	numbers, err := identity.ParsePolicyNumbers(texts, input, field)
	if err != nil {
		return err
	}
	a.record(s, actor, organisation, identity.PolicyNumbersChanged, organisation.ID, nil)
	return s.SetPolicyNumbers(ctx, organisation.Tenant(), numbers)
}
