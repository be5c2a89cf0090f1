package store

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// slice makes a part of a list of the rows of a query that asked for one more than the page holds.
func slice[R, D any](rows []R, page identity.Page, domain func(*R) D) identity.Slice[D] {
	part := identity.Slice[D]{HasNextPage: len(rows) > page.First}
	if part.HasNextPage {
		rows = rows[:page.First]
	}
	part.Items = make([]D, len(rows))
	for i := range rows {
		part.Items[i] = domain(&rows[i])
	}
	return part
}

// pages loads a part of the same list of each of several organisations, or endpoints, by one statement whatever their number: it asks for
// one part after the other, so that each is read from its index and no further than its limit. The query must ask for one
// row more than the page holds; owner tells whose row one is.
func pages[R, D any](ctx context.Context, s *Scope, of []identity.ID, page identity.Page, query func(rows *[]R, of identity.ID) *bun.SelectQuery, owner func(*R) identity.ID, domain func(*R) D) (map[identity.ID]identity.Slice[D], error) {
	var rows []R
	var all *bun.SelectQuery
	for _, organisation := range of {
		part := s.tx.NewSelect().TableExpr("(?) AS part", query(&rows, organisation))
		if all == nil {
			all = part
		} else {
			all = all.UnionAll(part)
		}
	}
	if len(of) == 1 {
		all = query(&rows, of[0])
	}
	if err := all.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	owned := make(map[identity.ID][]R, len(of))
	for i := range rows {
		whose := owner(&rows[i])
		owned[whose] = append(owned[whose], rows[i])
	}
	parts := make(map[identity.ID]identity.Slice[D], len(of))
	for _, organisation := range of {
		parts[organisation] = slice(owned[organisation], page, domain)
	}
	return parts, nil
}

// counts counts the rows of a query by the owner whom an expression names.
func counts(ctx context.Context, query *bun.SelectQuery, owner string) (map[identity.ID]int, error) {
	var rows []struct {
		Owner identity.ID
		Count int
	}
	err := query.ColumnExpr(owner+" AS owner, count(*) AS count").GroupExpr(owner).Scan(ctx, &rows)
	byOwner := make(map[identity.ID]int, len(rows))
	for _, row := range rows {
		byOwner[row.Owner] = row.Count
	}
	return byOwner, err
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// containing is the LIKE pattern for a folded key that contains the text.
func containing(text string) string {
	return "%" + likeEscapes.Replace(identity.Fold(text)) + "%"
}
