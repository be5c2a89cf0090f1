package app

import (
	"context"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// NewAPIToken is a token to be made.
type NewAPIToken struct {
	Name   string
	Scopes []identity.APIScope
	// ExpiresAt is nil for a token without an end.
	ExpiresAt *time.Time
	// Organisation is what the token is for; nil: a main user's own, or for a portal administrator the whole portal.
	Organisation *identity.ID
}

// CreateAPIToken makes a token with no more rights than its maker has. What it answers first is shown once.
func (a *App) CreateAPIToken(ctx context.Context, actor identity.Actor, wanted NewAPIToken) (secret.APIToken, identity.APIToken, error) {
	name, err := identity.CleanName(wanted.Name, "input", "name")
	if err != nil {
		return secret.APIToken{}, identity.APIToken{}, err
	}
	owner := actor.Tenant()
	if wanted.Organisation != nil {
		owner.Organisation = *wanted.Organisation
	}
	var shown secret.APIToken
	var token identity.APIToken
	err = a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) error {
		if err := identity.CheckAPIToken(wanted.Scopes, wanted.ExpiresAt, actor.User.Role, s.Now); err != nil {
			return err
		}
		logged := *actor.Organisation
		if wanted.Organisation != nil || owner.Organisation != identity.WholePortal {
			if logged, err = s.Organisation(ctx, owner.Organisation); err != nil {
				return at(err, "input", "organisationId")
			}
		}
		token = identity.APIToken{
			Portal: owner.Portal, Organisation: owner.Organisation, Name: name, Scopes: wanted.Scopes, ExpiresAt: wanted.ExpiresAt,
			CreatedBy: actor.User.ID,
		}
		if shown, token, err = a.issue(ctx, s, token); err != nil {
			return err
		}
		a.record(s, actor, logged, identity.APITokenCreated, token.ID, nil)
		return nil
	})
	return shown, token, err
}

func (a *App) issue(ctx context.Context, s *store.Scope, token identity.APIToken) (secret.APIToken, identity.APIToken, error) {
	shown, err := secret.NewAPIToken(a.random)
	if err != nil {
		return shown, token, err
	}
	token.ID, token.CreatedAt = a.newID(identity.KindAPIToken, s.Now), s.Now
	return shown, token, s.AddAPIToken(ctx, token, shown.Hash())
}

// RevokeAPIToken ends a token; the next request with it is refused.
func (a *App) RevokeAPIToken(ctx context.Context, actor identity.Actor, id identity.ID) (identity.APIToken, error) {
	var token identity.APIToken
	err := a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) error {
		var err error
		if token, err = s.APIToken(ctx, id); err != nil {
			return at(err, "input", "id")
		}
		revoked, err := s.RevokeAPIToken(ctx, id)
		if err != nil || !revoked {
			return err
		}
		token.RevokedAt = &s.Now
		logged := *actor.Organisation
		if token.Organisation != identity.WholePortal {
			if logged, err = s.Organisation(ctx, token.Organisation); err != nil {
				return err
			}
		}
		a.record(s, actor, logged, identity.APITokenRevoked, token.ID, nil)
		return nil
	})
	return token, err
}

// endTokensOf ends the API tokens that a user made: nobody who is kept out goes on through one.
func (a *App) endTokensOf(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User) error {
	tokens, err := s.RevokeAPITokensOf(ctx, user.ID)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		logged := organisation
		if token.Organisation != identity.WholePortal && token.Organisation != organisation.ID {
			if logged, err = s.Organisation(ctx, token.Organisation); err != nil {
				return err
			}
		}
		a.record(s, actor, logged, identity.APITokenRevoked, token.ID, nil)
	}
	return nil
}

// APITokens lists those made for an organisation; for the portal's operating organisation, those for the portal.
func (a *App) APITokens(ctx context.Context, actor identity.Actor, organisation identity.Organisation, page identity.Page) (identity.Slice[identity.APIToken], error) {
	var tokens identity.Slice[identity.APIToken]
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		var err error
		tokens, err = s.APITokens(ctx, tokensOf(organisation), page)
		return err
	})
	return tokens, err
}

// CountAPITokens counts what APITokens lists.
func (a *App) CountAPITokens(ctx context.Context, actor identity.Actor, organisation identity.Organisation) (int, error) {
	var count int
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		var err error
		count, err = s.CountAPITokens(ctx, tokensOf(organisation))
		return err
	})
	return count, err
}

func tokensOf(organisation identity.Organisation) identity.ID {
	if organisation.IsOperator {
		return identity.WholePortal
	}
	return organisation.ID
}
