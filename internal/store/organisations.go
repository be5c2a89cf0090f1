package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Organisations lists customer organisations.
func (s *Scope) Organisations(ctx context.Context, filter identity.OrganisationFilter, order identity.OrganisationOrder, page identity.Page) (identity.Slice[identity.Organisation], error) {
	var rows []organisationRow
	keys, direction, beyond := "o.name_key, o.organisation_id", "ASC", ">"
	if order.Field == identity.ByOrganisationCreation {
		keys = "o.organisation_id"
	}
	if order.Direction == identity.Descending {
		direction, beyond = "DESC", "<"
	}
	query := s.selectRows(&rows).ApplyQueryBuilder(organisationConditions(s.tenant, filter).narrowing).
		OrderExpr(strings.ReplaceAll(keys, ",", " "+direction+",") + " " + direction).Limit(int64(page.First) + 1)
	if len(page.After) == 1+strings.Count(keys, ",") {
		query = query.Where("("+keys+") "+beyond+" (?)", bun.List(page.After))
	}
	if err := query.Scan(ctx); err != nil {
		return identity.Slice[identity.Organisation]{}, fmt.Errorf("list organisations: %w", err)
	}
	return slice(rows, page, func(r *organisationRow) identity.Organisation { return s.held(r.organisation()) }), nil
}

// CountOrganisations counts what Organisations lists.
func (s *Scope) CountOrganisations(ctx context.Context, filter identity.OrganisationFilter) (int, error) {
	count, err := s.selectRows((*organisationRow)(nil)).ApplyQueryBuilder(organisationConditions(s.tenant, filter).narrowing).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count organisations: %w", err)
	}
	return int(count), nil
}

// organisationConditions are those of a filter of organisations o of a tenant's portal.
func organisationConditions(tenant identity.Tenant, filter identity.OrganisationFilter) (all conditions) {
	all.where("NOT o.is_operator")
	all.where(either("o.removed_at IS NOT NULL", filter.IsRemoved != nil && *filter.IsRemoved))
	all.contains(filter.Search, "o.name_key", "o.code_key")
	if filter.KVKNumber != nil {
		all.where("o.organisation_id IN (SELECT b.organisation_id FROM business_identities AS b WHERE b.portal = ? AND b.kvk_number = ?)",
			tenant.Portal, string(*filter.KVKNumber))
	}
	all.holds("o.is_private", filter.IsPrivate)
	all.holds("o.two_factor_activated_at IS NOT NULL", filter.IsTwoFactorActive)
	all.within("o.created_at", filter.CreatedFrom, filter.CreatedUntil)
	return all
}
