package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// PolicyNumbers lists those of an organisation.
func (a *App) PolicyNumbers(ctx context.Context, organisation identity.Organisation) ([]identity.PolicyNumber, error) {
	var numbers []identity.PolicyNumber
	err := a.db.Read(ctx, organisation.Tenant(), func(s *store.Scope) (err error) {
		numbers, err = s.PolicyNumbers(ctx, organisation.ID)
		return err
	})
	return numbers, err
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
