package app

import (
	"context"
	"errors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// recordRefusal tells an organisation's audit log that somebody was identified for it and not let in: by which provider, why,
// and who, where they have an account. Of a stranger it tells nothing, and of the same thing again nothing for a while.
func (a *App) recordRefusal(ctx context.Context, actor identity.Actor, tenant identity.Tenant, assertion identity.Assertion, err error) error {
	refusals, refused := identity.Refusals(err)
	if !refused {
		return nil
	}
	return a.db.Within(ctx, tenant, func(s *store.Scope) error {
		organisation, err := s.Organisation(ctx, tenant.Organisation)
		if err != nil {
			return err
		}
		known, err := s.FederatedUser(ctx, assertion)
		if err != nil {
			return err
		}
		var user identity.ID
		if known != nil {
			user = known.ID
		}
		isNews, err := s.NoteRefusal(ctx, organisation, assertion.Provider, refusals[0].Code, user)
		if err != nil || !isNews {
			return err
		}
		details := map[string]string{"provider": assertion.Provider, "code": string(refusals[0].Code)}
		if known == nil {
			a.record(s, actor, organisation, identity.SignInWasRefused, organisation.ID, details)
			return nil
		}
		locked, err := s.LockUser(ctx, known.ID)
		if err != nil {
			return err
		}
		return a.recordFrom(ctx, s, actor, locked, identity.SignInWasRefused, known.ID, details)
	})
}

// recordUnidentified does so where a provider named the business in a word that couldn't be taken: its level was too low.
func (a *App) recordUnidentified(ctx context.Context, actor identity.Actor, provider string, err error) error {
	unidentified, is := errors.AsType[*identity.Unidentified](err)
	if !is || unidentified.KVKNumber == "" {
		return nil
	}
	customer, failed := a.db.OrganisationWithKVK(ctx, actor.Portal.Slug, unidentified.KVKNumber)
	if failed != nil || customer == "" {
		return failed
	}
	tenant := identity.Tenant{Portal: actor.Portal.Slug, Organisation: customer}
	return a.recordRefusal(ctx, actor, tenant, identity.Assertion{Provider: provider}, err)
}
