package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// What a search costs at most, whatever is typed and however many users there are.
const (
	// mostFound bounds what it finds by one key: by names, by addresses, by user names, and so on.
	mostFound = 200
	// mostRead bounds how many names with its longest word are asked for its other ones.
	mostRead = 10_000
)

// beyond is behind every text that begins with the one before it.
const beyond = "\U0010FFFF"

// Each of these selects ids of users, is read from an index, and no further than its limit, in an order that is the same
// every time: a list goes on behind its cursor among the same ones. Texts are compared, never patterns.
const (
	foundByName = `SELECT * FROM (SELECT u.organisation_id, u.id FROM users AS u
		WHERE u.portal = ? AND u.name_key >= ? AND u.name_key < ? AND NOT u.removed ORDER BY u.name_key, u.id LIMIT ?) AS named`
	foundByEmail = ` UNION SELECT * FROM (SELECT u.organisation_id, u.id FROM users AS u
		WHERE u.portal = ? AND u.email_key >= ? AND u.email_key < ? AND NOT u.removed ORDER BY u.email_key, u.id LIMIT ?) AS mailed`
	foundByUsername = ` UNION SELECT * FROM (SELECT u.organisation_id, u.id FROM users AS u
		WHERE u.portal = ? AND u.username_key >= ? AND u.username_key < ? AND NOT u.removed
		ORDER BY u.username_key, u.id LIMIT ?) AS called`
	foundByCode = ` UNION SELECT * FROM (SELECT u.organisation_id, u.id FROM users AS u
		JOIN (SELECT o.organisation_id FROM organisations AS o
			WHERE o.portal = ? AND o.code_key >= ? AND o.code_key < ? ORDER BY o.code_key LIMIT ?) AS coded
			ON coded.organisation_id = u.organisation_id
		WHERE u.portal = ? AND NOT u.removed ORDER BY u.organisation_id, u.name_key, u.id LIMIT ?) AS ofcode`
	foundByTicket = ` UNION SELECT * FROM (SELECT a.organisation_id, a.concerned_id AS id FROM support_actions AS a
		WHERE a.portal = ? AND a.ticket = ? ORDER BY a.id DESC LIMIT ?) AS ticketed`
)

// found asks for the ids of the users whose name, address or user name begins with a text, who belong to an organisation
// whose code does, in whose name or whose organisation's name each word of it begins one, or to whom something was done in
// a ticket of exactly that number.
func (s *statement) found(portal string, search identity.UserSearch) {
	keyed := []any{portal, search.Key, search.Key + beyond, mostFound}
	s.add(foundByName, keyed...)
	s.add(foundByEmail, keyed...)
	s.add(foundByUsername, keyed...)
	s.add(foundByCode, append(keyed, portal, mostFound)...)
	if len(search.Words) > 0 {
		s.add(" UNION SELECT * FROM (SELECT c.organisation_id, c.user_id AS id FROM ")
		s.worded("<>", portal, search.Words)
		s.add(`) AS worded UNION SELECT * FROM (SELECT u.organisation_id, u.id FROM users AS u
			JOIN (SELECT c.organisation_id FROM `)
		s.worded("=", portal, search.Words)
		s.add(`) AS titled ON titled.organisation_id = u.organisation_id
			WHERE u.portal = ? AND NOT u.removed ORDER BY u.organisation_id, u.name_key, u.id LIMIT ?) AS oftitle`, portal, mostFound)
	}
	s.add(foundByTicket, portal, search.Ticket, mostFound)
}

// worded goes on with the names in which enough words begin with each of those of a search: users' own, whose user is <>
// none, or organisations', whose user is = none. The longest word is looked for among all names, the others among its own.
func (s *statement) worded(user, portal string, words []identity.WordPrefix) {
	const begins = "w.word >= ? AND w.word < ?"
	first := words[0]
	s.add("(SELECT w.word, w.organisation_id, w.user_id FROM name_words AS w WHERE w.portal = ? AND w.user_id "+user+" '' AND "+begins+
		" ORDER BY w.word, w.organisation_id, w.user_id LIMIT ?) AS c WHERE 1 = 1", portal, first.Text, first.Text+beyond, mostRead)
	for _, word := range words {
		if word == first && word.Count == 1 {
			continue
		}
		s.add(` AND (SELECT count(*) FROM name_words AS w WHERE w.portal = ? AND w.organisation_id = c.organisation_id
			AND w.user_id = c.user_id AND `+begins+") >= ?", portal, word.Text, word.Text+beyond, word.Count)
	}
	s.add(" ORDER BY c.word, c.organisation_id, c.user_id LIMIT ?", mostFound)
}

// searched asks for users whom a search finds and who fit a filter; the columns are selected by the text in front.
func (s *statement) searched(text string, tenant identity.Tenant, search identity.UserSearch, filter identity.UserFilter) {
	s.add(text + " JOIN (")
	s.found(tenant.Portal, search)
	s.add(") AS f ON f.organisation_id = u.organisation_id AND f.id = u.id WHERE NOT u.removed")
	s.wall(tenant, "u")
	s.narrow(filter)
}

// SearchUsers lists users of the whole tenant whom a search finds and who fit a filter. Removed ones aren't found.
func (s *Scope) SearchUsers(ctx context.Context, search identity.UserSearch, filter identity.UserFilter, order identity.UserOrder, page identity.Page) (identity.Slice[identity.User], error) {
	query := &statement{}
	query.searched("SELECT "+userColumns, s.tenant, search, filter)
	query.sort(order, page)
	found, err := s.tx.QueryContext(ctx, query.text.String(), query.values...)
	if err != nil {
		return identity.Slice[identity.User]{}, fmt.Errorf("search users: %w", err)
	}
	defer func() { _ = found.Close() }() // a failure shows in Err
	part, err := readUsers(found, s.tenant.Portal, page)
	return part, errors.Join(err, found.Err())
}

// CountSearchedUsers counts what SearchUsers lists.
func (s *Scope) CountSearchedUsers(ctx context.Context, search identity.UserSearch, filter identity.UserFilter) (int, error) {
	query := &statement{}
	query.searched("SELECT count(*) FROM users AS u "+joinOrganisation, s.tenant, search, filter)
	var count int
	if err := s.one(ctx, query, &count); err != nil {
		return 0, fmt.Errorf("count found users: %w", err)
	}
	return count, nil
}
