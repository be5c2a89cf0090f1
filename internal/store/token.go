package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type apiTokenRow struct {
	bun.BaseModel `bun:"table:api_tokens,alias:t"`
	tenancy
	ID         identity.ID `bun:"id,pk"`
	TokenHash  []byte      `bun:"token_hash"`
	Name       string      `bun:"name"`
	Scopes     string      `bun:"scopes"`
	CreatedAt  time.Time   `bun:"created_at"`
	ExpiresAt  *time.Time  `bun:"expires_at"`
	LastUsedAt *time.Time  `bun:"last_used_at"`
	RevokedAt  *time.Time  `bun:"revoked_at"`
	CreatedBy  identity.ID `bun:"created_by"`
}

func apiTokenRowOf(t identity.APIToken, tokenHash []byte) *apiTokenRow {
	scopes := make([]string, len(t.Scopes))
	for i, scope := range t.Scopes {
		scopes[i] = string(scope)
	}
	return &apiTokenRow{
		tenancy: tenancy{t.Portal, t.Organisation}, ID: t.ID, TokenHash: tokenHash, Name: t.Name,
		Scopes: strings.Join(scopes, " "), CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedAt: t.LastUsedAt,
		RevokedAt: t.RevokedAt, CreatedBy: t.CreatedBy,
	}
}

func (r *apiTokenRow) apiToken() identity.APIToken {
	token := identity.APIToken{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, Name: r.Name, CreatedAt: r.CreatedAt,
		ExpiresAt: r.ExpiresAt, LastUsedAt: r.LastUsedAt, RevokedAt: r.RevokedAt,
		CreatedBy: r.CreatedBy,
	}
	for scope := range strings.FieldsSeq(r.Scopes) {
		token.Scopes = append(token.Scopes, identity.APIScope(scope))
	}
	return token
}

// AddAPIToken saves a new one.
func (s *Scope) AddAPIToken(ctx context.Context, token identity.APIToken, tokenHash []byte) error {
	if err := insert(ctx, s, apiTokenRowOf(token, tokenHash)); err != nil {
		return fmt.Errorf("add API token: %w", err)
	}
	return nil
}

// APIToken loads one, or refuses with NOT_FOUND.
func (s *Scope) APIToken(ctx context.Context, id identity.ID) (identity.APIToken, error) {
	var row apiTokenRow
	err := s.selectRows(&row).Where("t.id = ?", id).Scan(ctx)
	return row.apiToken(), found(err, "load API token")
}

// RevokeAPIToken ends one; false where it had ended already.
func (s *Scope) RevokeAPIToken(ctx context.Context, id identity.ID) (bool, error) {
	result, err := s.updateRows((*apiTokenRow)(nil)).Set("revoked_at = ?", s.Now).
		Where("t.id = ? AND t.revoked_at IS NULL", id).Exec(ctx)
	return changed(result, err, "revoke API token")
}

// RevokeAPITokensOf ends those that a user made, and answers which.
func (s *Scope) RevokeAPITokensOf(ctx context.Context, user identity.ID) ([]identity.APIToken, error) {
	var rows []apiTokenRow
	err := s.updateRows(&rows).Set("revoked_at = ?", s.Now).Where("t.created_by = ? AND t.revoked_at IS NULL", user).
		Returning("*").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("revoke a user's API tokens: %w", err)
	}
	tokens := make([]identity.APIToken, len(rows))
	for i := range rows {
		tokens[i] = rows[i].apiToken()
	}
	return tokens, nil
}

// APITokens lists those made for an organisation (WholePortal: those for the portal), the latest first.
func (s *Scope) APITokens(ctx context.Context, organisation identity.ID, page identity.Page) (identity.Slice[identity.APIToken], error) {
	var rows []apiTokenRow
	query := s.selectRows(&rows).Where("t.organisation_id = ?", organisation).OrderExpr("t.id DESC").Limit(int64(page.First) + 1)
	if len(page.After) == 1 {
		query = query.Where("t.id < ?", page.After[0])
	}
	if err := query.Scan(ctx); err != nil {
		return identity.Slice[identity.APIToken]{}, fmt.Errorf("list API tokens: %w", err)
	}
	return slice(rows, page, (*apiTokenRow).apiToken), nil
}

// CountAPITokens counts what APITokens lists.
func (s *Scope) CountAPITokens(ctx context.Context, organisation identity.ID) (int, error) {
	count, err := s.selectRows((*apiTokenRow)(nil)).Where("t.organisation_id = ?", organisation).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count API tokens: %w", err)
	}
	return int(count), nil
}
