package store

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
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
	Networks   string      `bun:"networks"`
	CreatedAt  time.Time   `bun:"created_at"`
	ExpiresAt  *time.Time  `bun:"expires_at"`
	LastUsedAt *time.Time  `bun:"last_used_at"`
	RevokedAt  *time.Time  `bun:"revoked_at"`
	CreatedBy  identity.ID `bun:"created_by"`
	RotatedAt  *time.Time  `bun:"rotated_at"`
	ReplacedBy identity.ID `bun:"replaced_by"`

	// Chosen are the organisations of chosenRow, with spaces between.
	Chosen string `bun:"chosen,scanonly"`
}

// chosenRow lets a token of several organisations into one of them.
type chosenRow struct {
	bun.BaseModel `bun:"table:api_token_organisations,alias:c"`
	tenancy
	TokenID identity.ID `bun:"token_id,pk"`
}

func chosenRowsOf(token identity.APIToken) []*chosenRow {
	chosen := make([]*chosenRow, len(token.Organisations))
	for i, organisation := range token.Organisations {
		chosen[i] = &chosenRow{tenancy: tenancy{token.Portal, organisation}, TokenID: token.ID}
	}
	return chosen
}

// chosenOf selects a token's organisations.
const chosenOf = `coalesce((SELECT string_agg(c.organisation_id, ' ') FROM api_token_organisations AS c
	WHERE c.portal = t.portal AND c.token_id = t.id), '')`

// apiTokenColumns are those of an API token.
const apiTokenColumns = `t.portal, t.organisation_id, t.id, t.name, t.scopes, t.networks, t.created_at, t.expires_at, t.last_used_at,
	t.revoked_at, t.created_by, t.rotated_at, t.replaced_by, ` + chosenOf + ` AS chosen`

func apiTokenRowOf(t identity.APIToken, tokenHash []byte) *apiTokenRow {
	scopes := make([]string, len(t.Scopes))
	for i, scope := range t.Scopes {
		scopes[i] = string(scope)
	}
	return &apiTokenRow{
		tenancy: tenancy{t.Portal, t.Organisation}, ID: t.ID, TokenHash: tokenHash, Name: t.Name,
		Scopes: strings.Join(scopes, " "), Networks: strings.Join(t.AllowedNetworks(), " "), CreatedAt: t.CreatedAt,
		ExpiresAt: t.ExpiresAt, LastUsedAt: t.LastUsedAt, RevokedAt: t.RevokedAt, CreatedBy: t.CreatedBy,
		RotatedAt: t.RotatedAt, ReplacedBy: t.ReplacedBy,
	}
}

func (r *apiTokenRow) apiToken() identity.APIToken {
	token := identity.APIToken{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, Name: r.Name, CreatedAt: r.CreatedAt,
		ExpiresAt: r.ExpiresAt, LastUsedAt: r.LastUsedAt, RevokedAt: r.RevokedAt,
		CreatedBy: r.CreatedBy, RotatedAt: r.RotatedAt, ReplacedBy: r.ReplacedBy,
	}
	for scope := range strings.FieldsSeq(r.Scopes) {
		token.Scopes = append(token.Scopes, identity.APIScope(scope))
	}
	for network := range strings.FieldsSeq(r.Networks) {
		token.Networks = append(token.Networks, netip.MustParsePrefix(network))
	}
	for organisation := range strings.FieldsSeq(r.Chosen) {
		token.Organisations = append(token.Organisations, identity.ID(organisation))
	}
	slices.Sort(token.Organisations)
	return token
}

// AddAPIToken saves a new one.
func (s *Scope) AddAPIToken(ctx context.Context, token identity.APIToken, tokenHash []byte) error {
	if err := insert(ctx, s, apiTokenRowOf(token, tokenHash)); err != nil {
		return fmt.Errorf("add API token: %w", err)
	}
	if err := insert(ctx, s, chosenRowsOf(token)...); err != nil {
		return fmt.Errorf("let an API token into organisations: %w", err)
	}
	return nil
}

// APIToken loads one, or refuses with NOT_FOUND.
func (s *Scope) APIToken(ctx context.Context, id identity.ID) (identity.APIToken, error) {
	var row apiTokenRow
	err := s.selectRows(&row).ColumnExpr(apiTokenColumns).Where("t.id = ?", id).Scan(ctx)
	return row.apiToken(), found(err, "load API token")
}

// RotateAPIToken notes that another takes one's place, and when that one ends; false where it was rotated, revoked or over
// already.
func (s *Scope) RotateAPIToken(ctx context.Context, id, replacement identity.ID, end time.Time) (bool, error) {
	result, err := s.updateRows((*apiTokenRow)(nil)).Set("rotated_at = ?, replaced_by = ?, expires_at = ?", s.Now, replacement, end).
		Where("t.id = ? AND t.rotated_at IS NULL AND t.revoked_at IS NULL", id).
		Where("(t.expires_at IS NULL OR t.expires_at > ?)", s.Now).Exec(ctx)
	return changed(result, err, "rotate API token")
}

// RevokeAPIToken ends one; false where it had ended already.
func (s *Scope) RevokeAPIToken(ctx context.Context, id identity.ID) (bool, error) {
	result, err := s.updateRows((*apiTokenRow)(nil)).Set("revoked_at = ?", s.Now).
		Where("t.id = ? AND t.revoked_at IS NULL", id).Exec(ctx)
	return changed(result, err, "revoke API token")
}

// RevokeAPITokensOf ends those that a user made, and answers which.
func (s *Scope) RevokeAPITokensOf(ctx context.Context, user identity.ID) ([]identity.APIToken, error) {
	return s.revokeAPITokensWhere(ctx, "t.created_by = ?", user)
}

// RevokeAPITokensFor ends those that were made for an organisation, and answers which.
func (s *Scope) RevokeAPITokensFor(ctx context.Context, organisation identity.ID) ([]identity.APIToken, error) {
	return s.revokeAPITokensWhere(ctx, "t.organisation_id = ?", organisation)
}

func (s *Scope) revokeAPITokensWhere(ctx context.Context, condition string, value identity.ID) ([]identity.APIToken, error) {
	var rows []apiTokenRow
	err := s.selectRows(&rows).ColumnExpr(apiTokenColumns).
		Where(condition, value).Where("t.revoked_at IS NULL").OrderExpr("t.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list API tokens to revoke: %w", err)
	}
	var revoked []identity.APIToken
	for i := range rows {
		won, err := s.RevokeAPIToken(ctx, rows[i].ID)
		if err != nil {
			return nil, err
		}
		if won {
			revoked = append(revoked, rows[i].apiToken())
		}
	}
	return revoked, nil
}

// APITokensOf lists those made for each of several organisations (WholePortal: those for the portal, and for several
// organisations of it), the latest first.
func (s *Scope) APITokensOf(ctx context.Context, of []identity.ID, filter identity.APITokenFilter, page identity.Page) (map[identity.ID]identity.Slice[identity.APIToken], error) {
	parts, err := pages(ctx, s, of, page, func(rows *[]apiTokenRow, of identity.ID) *bun.SelectQuery {
		query := s.selectRows(rows).ColumnExpr(apiTokenColumns).ApplyQueryBuilder(s.apiTokensLike([]identity.ID{of}, filter)).
			OrderExpr("t.id DESC").Limit(int64(page.First) + 1)
		if len(page.After) == 1 {
			query = query.Where("t.id < ?", page.After[0])
		}
		return query
	}, (*apiTokenRow).madeFor, (*apiTokenRow).apiToken)
	if err != nil {
		return nil, fmt.Errorf("list API tokens: %w", err)
	}
	return parts, nil
}

// madeFor is the organisation in whose list the token stands.
func (r *apiTokenRow) madeFor() identity.ID {
	if r.OrganisationID == r.ID {
		return identity.WholePortal
	}
	return r.OrganisationID
}

// CountAPITokensOf counts what APITokensOf lists.
func (s *Scope) CountAPITokensOf(ctx context.Context, of []identity.ID, filter identity.APITokenFilter) (map[identity.ID]int, error) {
	found, err := counts(ctx, s.selectRows((*apiTokenRow)(nil)).ApplyQueryBuilder(s.apiTokensLike(of, filter)),
		"CASE t.organisation_id WHEN t.id THEN '*' ELSE t.organisation_id END")
	if err != nil {
		return nil, fmt.Errorf("count API tokens: %w", err)
	}
	return found, nil
}

func (s *Scope) apiTokensLike(of []identity.ID, filter identity.APITokenFilter) func(bun.QueryBuilder) bun.QueryBuilder {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		if slices.Contains(of, identity.WholePortal) {
			q = q.Where("(t.organisation_id IN (?) OR t.organisation_id = t.id)", bun.List(of))
		} else {
			q = q.Where("t.organisation_id IN (?)", bun.List(of))
		}
		if filter.IsAlive != nil {
			const alive = "t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?)"
			q = q.Where(either(alive, *filter.IsAlive), s.Now)
		}
		return q
	}
}
