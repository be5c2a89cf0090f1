package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// APITokenChange is what becomes of a token; what is nil stays.
type APITokenChange struct {
	ID        identity.ID
	Name      *string
	Scopes    []identity.APIScope
	ExpiresAt *time.Time
	// Organisations can't be empty: a token for the whole portal is made so, and doesn't grow into one.
	Organisations []identity.ID
	// Networks, where they are empty and not nil, let the token work from everywhere.
	Networks []string
}

// UpdateAPIToken changes a token, never beyond what whoever changes it could make. The next request with it meets the change,
// in every process.
func (a *App) UpdateAPIToken(ctx context.Context, actor identity.Actor, change APITokenChange) (identity.APIToken, error) {
	var next identity.APIToken
	err := a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) error {
		old, err := s.LockAPIToken(ctx, change.ID)
		if err != nil {
			return at(err, "input", "id")
		}
		if next, err = change.apply(ctx, s, old); err != nil {
			return err
		}
		if err := old.CheckChange(next, *actor.User, s.Now); err != nil {
			return err
		}
		if next.ReachesBeyond(old) {
			next.CreatedBy = actor.User.ID
		}
		changed := next.Differences(old)
		if len(changed) == 0 {
			return nil
		}
		a.recordTokenChange(s, actor, old, next, map[string]string{"changed": strings.Join(changed, " ")})
		return s.SaveAPIToken(ctx, old, next)
	})
	return next, err
}

// apply makes of a token what is asked for; what may not be, CheckChange says.
func (change APITokenChange) apply(ctx context.Context, s *store.Scope, token identity.APIToken) (identity.APIToken, error) {
	asked := NewAPIToken{Name: token.Name, Scopes: token.Scopes, ExpiresAt: token.ExpiresAt, Organisations: change.Organisations, Networks: change.Networks}
	if change.Name != nil {
		asked.Name = *change.Name
	}
	if change.Scopes != nil {
		asked.Scopes = change.Scopes
	}
	if change.ExpiresAt != nil {
		asked.ExpiresAt = change.ExpiresAt
	}
	cleaned, err := asked.clean("input")
	if err != nil {
		return token, err
	}
	token.Name, token.Scopes, token.ExpiresAt = cleaned.Name, cleaned.Scopes, cleaned.ExpiresAt
	if change.Networks != nil {
		token.Networks = cleaned.Networks
	}
	switch {
	case change.Organisations == nil:
		return token, nil
	case len(change.Organisations) == 0:
		return token, identity.Refuse(identity.InvalidInput, "input", "organisationIds")
	}
	token.Organisations = nil
	if err := letIn(ctx, s, &token, change.Organisations); err != nil {
		return token, at(err, "input", "organisationIds")
	}
	if len(token.Organisations) > 0 {
		token.Organisation = token.ID
	}
	return token, nil
}

// recordTokenChange tells the audit log of each organisation that the token was for, or is; and the one at home where it was
// for the whole portal.
func (a *App) recordTokenChange(s *store.Scope, actor identity.Actor, old, next identity.APIToken, details map[string]string) {
	a.recordToken(s, actor, *actor.Organisation, old, identity.APITokenUpdated, details)
	fresh := slices.DeleteFunc(slices.Clone(next.OrganisationIDs()), func(id identity.ID) bool {
		return slices.Contains(old.OrganisationIDs(), id)
	})
	for _, id := range fresh {
		a.record(s, actor, identity.Organisation{Portal: next.Portal, ID: id}, identity.APITokenUpdated, next.ID, details)
	}
}
