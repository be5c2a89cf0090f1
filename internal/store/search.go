package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// mostFound bounds what a search finds by one key: by names, by addresses, by user names, and so on.
const mostFound = 200

// foundUsers are the ids of users whose name, address or user name begins with a text, who belong to an organisation whose
// code or name does, or to whom something was done in a ticket of exactly that number. Each is read from an index, and no
// further than mostFound. The text is compared, never a pattern.
const foundUsers = `
	SELECT * FROM (SELECT u.organisation_id, u.id FROM users AS u
		WHERE u.portal = ? AND u.name_key >= ? AND u.name_key < ? ORDER BY u.name_key, u.id LIMIT ?) AS named
	UNION SELECT * FROM (SELECT u.organisation_id, u.id FROM users AS u
		WHERE u.portal = ? AND u.email_key >= ? AND u.email_key < ? ORDER BY u.email_key LIMIT ?) AS mailed
	UNION SELECT * FROM (SELECT u.organisation_id, u.id FROM users AS u
		WHERE u.portal = ? AND u.username_key >= ? AND u.username_key < ? ORDER BY u.username_key LIMIT ?) AS called
	UNION SELECT * FROM (SELECT u.organisation_id, u.id FROM users AS u
		JOIN (SELECT o.organisation_id FROM organisations AS o
			WHERE o.portal = ? AND o.code_key >= ? AND o.code_key < ? ORDER BY o.code_key LIMIT ?) AS coded
			ON coded.organisation_id = u.organisation_id
		WHERE u.portal = ? ORDER BY u.organisation_id, u.name_key, u.id LIMIT ?) AS ofcode
	UNION SELECT * FROM (SELECT u.organisation_id, u.id FROM users AS u
		JOIN (SELECT o.organisation_id FROM organisations AS o
			WHERE o.portal = ? AND o.name_key >= ? AND o.name_key < ? ORDER BY o.name_key LIMIT ?) AS titled
			ON titled.organisation_id = u.organisation_id
		WHERE u.portal = ? ORDER BY u.organisation_id, u.name_key, u.id LIMIT ?) AS ofname
	UNION SELECT * FROM (SELECT a.organisation_id, a.concerned_id AS id FROM support_actions AS a
		WHERE a.portal = ? AND a.ticket = ? ORDER BY a.id DESC LIMIT ?) AS ticketed`

// beyond is behind every text that begins with the one before it.
const beyond = "\U0010FFFF"

// found asks for the ids that a search finds. folded is the text as names are compared, ticket as it was typed.
func (s *statement) found(portal, folded, ticket string) {
	keyed := []any{portal, folded, folded + beyond, mostFound}
	values := append(append(append([]any{}, keyed...), keyed...), keyed...)
	for range 2 {
		values = append(append(values, keyed...), portal, mostFound)
	}
	s.add(foundUsers, append(values, portal, ticket, mostFound)...)
}

// searched asks for users whom a search finds; the columns are selected by the text in front.
func (s *statement) searched(text string, tenant identity.Tenant, folded, ticket string) {
	s.add(text + " JOIN (")
	s.found(tenant.Portal, folded, ticket)
	s.add(") AS f ON f.organisation_id = u.organisation_id AND f.id = u.id WHERE NOT u.removed")
	s.wall(tenant, "u")
}

// SearchUsers lists users of the whole tenant whom a search finds, by name. Removed ones aren't found.
func (s *Scope) SearchUsers(ctx context.Context, folded, ticket string, page identity.Page) (identity.Slice[identity.User], error) {
	query := &statement{}
	query.searched("SELECT "+userColumns, s.tenant, folded, ticket)
	if len(page.After) == 2 {
		query.add(" AND (u.name_key, u.id) > (?, ?)", page.After[0], page.After[1])
	}
	query.add(" ORDER BY u.name_key, u.id LIMIT ? + 1", page.First)
	found, err := s.tx.QueryContext(ctx, query.text.String(), query.values...)
	if err != nil {
		return identity.Slice[identity.User]{}, fmt.Errorf("search users: %w", err)
	}
	defer func() { _ = found.Close() }() // a failure shows in Err
	part, err := readUsers(found, s.tenant.Portal, page)
	return part, errors.Join(err, found.Err())
}

// CountSearchedUsers counts what SearchUsers lists.
func (s *Scope) CountSearchedUsers(ctx context.Context, folded, ticket string) (int, error) {
	query := &statement{}
	query.searched("SELECT count(*) FROM users AS u", s.tenant, folded, ticket)
	var count int
	if err := s.one(ctx, query, &count); err != nil {
		return 0, fmt.Errorf("count found users: %w", err)
	}
	return count, nil
}
