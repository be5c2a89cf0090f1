package app

import (
	"context"
	"slices"
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
	// Organisations are those that the token is for; none: a main user's own, or for a portal administrator the whole portal.
	Organisations []identity.ID
	// Networks are CIDRs from which alone the token works; none: it works from everywhere.
	Networks []string
	// IdempotencyKey makes a second sending of the same request answer the first result; nil: each one counts.
	IdempotencyKey *string
}

// IssuedAPIToken is a new token, with the one thing that is shown once.
type IssuedAPIToken struct {
	// Shown is the token itself.
	Shown string
	Token identity.APIToken
}

// CreateAPIToken makes a token with no more rights than its maker has. What it answers first is shown once.
func (a *App) CreateAPIToken(ctx context.Context, actor identity.Actor, wanted NewAPIToken) (IssuedAPIToken, error) {
	token, err := wanted.clean("input")
	if err != nil {
		return IssuedAPIToken{}, err
	}
	var issued IssuedAPIToken
	asked := request{operation: "createApiToken", key: wanted.IdempotencyKey, input: wanted}
	err = once(ctx, a, actor, asked, &issued, func(s *store.Scope) error {
		token.Portal, token.Organisation, token.CreatedBy = actor.Portal.Slug, actor.Tenant().Organisation, actor.User.ID
		if err := letIn(ctx, s, &token, wanted.Organisations); err != nil {
			return at(err, "input", "organisationIds")
		}
		if err := identity.CheckAPIToken(token.Scopes, token.ExpiresAt, actor.User.Role, s.Now); err != nil {
			return err
		}
		if issued, err = a.issue(ctx, s, token); err != nil {
			return err
		}
		a.recordToken(s, actor, *actor.Organisation, issued.Token, identity.APITokenCreated, nil)
		return nil
	})
	return issued, err
}

// clean checks what was typed; path leads to where in the input it stands.
func (wanted NewAPIToken) clean(path ...string) (token identity.APIToken, err error) {
	token.Scopes, token.ExpiresAt = wanted.Scopes, wanted.ExpiresAt
	if token.Name, err = identity.CleanName(wanted.Name, append(path, "name")...); err != nil {
		return token, err
	}
	if len(wanted.Organisations) > identity.MostOrganisations {
		return token, identity.Refuse(identity.InvalidInput, append(path, "organisationIds")...)
	}
	token.Networks, err = identity.ParseNetworks(wanted.Networks, append(path, "allowedNetworks")...)
	return token, err
}

// letIn makes a token for just these customers, which must stand behind the scope's wall.
func letIn(ctx context.Context, s *store.Scope, token *identity.APIToken, organisations []identity.ID) error {
	if len(organisations) == 0 {
		return nil
	}
	organisations = slices.Compact(slices.Sorted(slices.Values(organisations)))
	found, err := s.OrganisationsByID(ctx, organisations)
	if err != nil {
		return err
	}
	for _, id := range organisations {
		if organisation, has := found[id]; !has || organisation.IsOperator {
			return identity.Refuse(identity.NotFound)
		}
	}
	if token.Organisation = organisations[0]; len(organisations) > 1 {
		token.Organisation, token.Organisations = "", organisations
	}
	return nil
}

// issue draws a token and saves it.
func (a *App) issue(ctx context.Context, s *store.Scope, token identity.APIToken) (IssuedAPIToken, error) {
	shown, err := secret.NewAPIToken(a.random)
	if err != nil {
		return IssuedAPIToken{}, err
	}
	token.ID, token.CreatedAt = a.newID(identity.KindAPIToken, s.Now), s.Now
	if len(token.Organisations) > 0 {
		token.Organisation = token.ID
	}
	return IssuedAPIToken{shown.Reveal(), token}, s.AddAPIToken(ctx, token, shown.Hash())
}

// recordToken tells the audit log of each organisation that a token is for what became of it; for the whole portal, home's.
func (a *App) recordToken(s *store.Scope, actor identity.Actor, home identity.Organisation, token identity.APIToken, action identity.Action, details map[string]string) {
	organisations := token.OrganisationIDs()
	if organisations == nil {
		organisations = []identity.ID{home.ID}
	}
	for _, id := range organisations {
		a.record(s, actor, identity.Organisation{Portal: token.Portal, ID: id}, action, token.ID, details)
	}
}

// RotateAPIToken makes a token that takes another's place, and lets the other go on for a while. What it answers first is
// shown once.
func (a *App) RotateAPIToken(ctx context.Context, actor identity.Actor, id identity.ID, overlap time.Duration, key *string) (IssuedAPIToken, error) {
	var issued IssuedAPIToken
	input := struct {
		ID      identity.ID
		Overlap time.Duration
	}{id, overlap}
	asked := request{operation: "rotateApiToken", key: key, input: input}
	err := once(ctx, a, actor, asked, &issued, func(s *store.Scope) error {
		old, err := s.APIToken(ctx, id)
		if err != nil {
			return at(err, "input", "id")
		}
		next, end, err := old.Rotate(*actor.User, overlap, s.Now)
		if err != nil {
			return err
		}
		if issued, err = a.issue(ctx, s, next); err != nil {
			return err
		}
		won, err := s.RotateAPIToken(ctx, id, issued.Token.ID, end)
		if err != nil {
			return err
		}
		if !won {
			return identity.Refuse(identity.WrongStatus, "input", "id")
		}
		a.recordToken(s, actor, *actor.Organisation, old, identity.APITokenRotated,
			map[string]string{"replacement": string(issued.Token.ID)})
		return nil
	})
	return issued, err
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
		a.recordToken(s, actor, *actor.Organisation, token, identity.APITokenRevoked, nil)
		return nil
	})
	return token, err
}

// endTokensOf ends the API tokens that a user made: nobody who is kept out, or no longer may make them, goes on through one.
func (a *App) endTokensOf(ctx context.Context, s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User) error {
	tokens, err := s.RevokeAPITokensOf(ctx, user.ID)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		a.recordToken(s, actor, organisation, token, identity.APITokenRevoked, nil)
	}
	return nil
}

// APITokens lists those made for each of several organisations; for the portal's operating organisation, those for the
// portal and for several organisations of it.
func (a *App) APITokens(ctx context.Context, actor identity.Actor, of []identity.Organisation, filter identity.APITokenFilter, page identity.Page) (map[identity.ID]identity.Slice[identity.APIToken], error) {
	return tokensOf(ctx, a, actor, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]identity.Slice[identity.APIToken], error) {
		return s.APITokensOf(ctx, ids, filter, page)
	})
}

// CountAPITokens counts what APITokens lists.
func (a *App) CountAPITokens(ctx context.Context, actor identity.Actor, of []identity.Organisation, filter identity.APITokenFilter) (map[identity.ID]int, error) {
	return tokensOf(ctx, a, actor, of, func(s *store.Scope, ids []identity.ID) (map[identity.ID]int, error) {
		return s.CountAPITokensOf(ctx, ids, filter)
	})
}

// tokensOf reads what is known of the tokens of organisations; the operating one's belong to the whole portal.
func tokensOf[T any](ctx context.Context, a *App, actor identity.Actor, of []identity.Organisation, read func(*store.Scope, []identity.ID) (map[identity.ID]T, error)) (found map[identity.ID]T, err error) {
	ids := identity.IDsOf(of)
	for i, organisation := range of {
		if organisation.IsOperator {
			ids[i] = identity.WholePortal
		}
	}
	err = a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) error {
		found, err = read(s, ids)
		return err
	})
	for _, organisation := range of {
		if organisation.IsOperator && err == nil {
			found[organisation.ID] = found[identity.WholePortal]
		}
	}
	return found, err
}
