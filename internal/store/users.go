package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Users lists an organisation's users; removed ones only where the filter asks for them.
func (s *Scope) Users(ctx context.Context, organisation identity.ID, filter identity.UserFilter, order identity.UserOrder, page identity.Page) (identity.Slice[identity.User], error) {
	query := usersQuery(s.tenant, organisation, filter, order, page)
	found, err := s.tx.QueryContext(ctx, query.text.String(), query.values...)
	if err != nil {
		return identity.Slice[identity.User]{}, fmt.Errorf("list users: %w", err)
	}
	defer func() { _ = found.Close() }() // a failure shows in Err
	return readUsers(found, s.tenant.Portal, page)
}

// UsersOf lists the users of each of several organisations, as Users does, by one statement whatever their number.
func (s *Scope) UsersOf(ctx context.Context, of []identity.ID, filter identity.UserFilter, order identity.UserOrder, page identity.Page) (map[identity.ID]identity.Slice[identity.User], error) {
	all := &statement{}
	for i, organisation := range of {
		query := usersQuery(s.tenant, organisation, filter, order, page)
		all.add(map[bool]string{true: " UNION ALL "}[i > 0] + "SELECT * FROM (" + query.text.String() + ") AS part")
		all.values = append(all.values, query.values...)
	}
	found, err := s.tx.QueryContext(ctx, all.text.String(), all.values...)
	if err != nil {
		return nil, fmt.Errorf("list users of organisations: %w", err)
	}
	defer func() { _ = found.Close() }() // a failure shows in Err
	parts := make(map[identity.ID]identity.Slice[identity.User], len(of))
	for _, organisation := range of {
		parts[organisation] = identity.Slice[identity.User]{Items: []identity.User{}}
	}
	for found.Next() {
		user, err := readUser(found, s.tenant.Portal)
		if err != nil {
			return nil, err
		}
		part := parts[user.OrganisationID]
		if part.HasNextPage = len(part.Items) == page.First; !part.HasNextPage {
			part.Items = append(part.Items, user)
		}
		parts[user.OrganisationID] = part
	}
	return parts, found.Err()
}

// Users is Scope.Users in a transaction of its own. It is what a page of users is made of, so that it takes one round trip
// instead of four where nothing but the page is asked for.
func (db *DB) Users(ctx context.Context, tenant identity.Tenant, organisation identity.ID, filter identity.UserFilter, order identity.UserOrder, page identity.Page) (part identity.Slice[identity.User], err error) {
	if len(userConditions(filter)) > len(userConditions(identity.UserFilter{})) {
		// There are too many filters to have a statement prepared for each.
		err = db.Read(ctx, tenant, func(s *Scope) error {
			part, err = s.Users(ctx, organisation, filter, order, page)
			return err
		})
		return part, err
	}
	query := usersQuery(tenant, organisation, filter, order, page)
	err = db.alone(ctx, tenant, query, func(found rows) error {
		part, err = readUsers(found, tenant.Portal, page)
		return err
	})
	if err != nil {
		return identity.Slice[identity.User]{}, fmt.Errorf("list users: %w", err)
	}
	return part, nil
}

// userColumns are those of a user, and where they come from.
const userColumns = `u.organisation_id, u.id, u.display_name, u.email, u.username, u.provider, u.role, u.registration, u.blocked_at,
	u.credential_version, coalesce(u.enrolment_owed, ''), u.factor_kinds, u.postponed_at, u.password_reset_at, u.language,
	u.email_refused_at, u.created_at, u.last_sign_in_at, u.removed_at, ` + isMainUser + ` FROM users AS u ` + joinOrganisation

// columns are where userColumns go.
func (r *userRow) columns() []any {
	return []any{
		(*string)(&r.OrganisationID), (*string)(&r.ID), &r.DisplayName, (*string)(&r.Email), &r.Username, &r.Provider, (*string)(&r.Role),
		(*string)(&r.Registration), &r.BlockedAt, &r.CredentialVersion, (*string)(&r.EnrolmentOwed), &r.FactorKinds,
		&r.PostponedAt, &r.PasswordResetAt, (*string)(&r.Language), &r.EmailRefusedAt, &r.CreatedAt, &r.LastSignInAt, &r.RemovedAt, &r.IsMainUser,
	}
}

// usersQuery asks for one user more than the page holds. The one is added in SQL: SQLite plans a statement anew for every
// bare limit.
func usersQuery(tenant identity.Tenant, organisation identity.ID, filter identity.UserFilter, order identity.UserOrder, page identity.Page) *statement {
	query := &statement{}
	query.add("SELECT "+userColumns+" WHERE u.portal = ? AND u.organisation_id = ?", tenant.Portal, string(organisation))
	if !tenant.Spans(organisation) {
		query.add(" AND 1 = 0")
	}
	query.narrow(filter)
	query.sort(order, page)
	return query
}

// narrow goes on with the conditions of a filter of users u, behind others.
func (s *statement) narrow(filter identity.UserFilter) {
	for _, condition := range userConditions(filter) {
		s.add(" AND ("+condition.text+")", condition.values...)
	}
}

// sort ends with the order of a list of users u, behind conditions, and the page.
func (s *statement) sort(order identity.UserOrder, page identity.Page) {
	keys, direction, beyond := userKeys[order.Field], "ASC", ">"
	if keys == nil {
		keys = userKeys[identity.ByCreation]
	}
	if order.Direction == identity.Descending {
		direction, beyond = "DESC", "<"
	}
	if len(page.After) == len(keys) {
		s.add(" AND (" + strings.Join(keys, ", ") + ") " + beyond + " (?" + strings.Repeat(", ?", len(keys)-1) + ")")
		for _, key := range page.After {
			s.add("", key)
		}
	}
	s.add(" ORDER BY "+strings.Join(keys, " "+direction+", ")+" "+direction+" LIMIT ? + 1", page.First)
}

func readUsers(found rows, portal string, page identity.Page) (identity.Slice[identity.User], error) {
	part := identity.Slice[identity.User]{Items: make([]identity.User, 0, page.First+1)}
	for found.Next() {
		user, err := readUser(found, portal)
		if err != nil {
			return part, err
		}
		part.Items = append(part.Items, user)
	}
	if part.HasNextPage = len(part.Items) > page.First; part.HasNextPage {
		part.Items = part.Items[:page.First]
	}
	return part, found.Err()
}

func readUser(found rows, portal string) (identity.User, error) {
	r := userRow{tenancy: tenancy{Portal: portal}}
	if err := found.Scan(r.columns()...); err != nil {
		return identity.User{}, fmt.Errorf("read a user: %w", err)
	}
	return r.user(), nil
}

// CountUsersOf counts what UsersOf lists.
func (s *Scope) CountUsersOf(ctx context.Context, of []identity.ID, filter identity.UserFilter) (map[identity.ID]int, error) {
	query := s.selectRows((*userRow)(nil)).Where("u.organisation_id IN (?)", bun.List(of)).ApplyQueryBuilder(userConditions(filter).narrowing)
	if filter.Role != nil || len(filter.Roles) > 0 {
		query = query.Join(joinOrganisation)
	}
	found, err := counts(ctx, query, "u.organisation_id")
	if err != nil {
		return nil, fmt.Errorf("count users: %w", err)
	}
	return found, nil
}

// MainUsersOf loads those who answer for organisations, by these.
func (s *Scope) MainUsersOf(ctx context.Context, of []identity.ID) (map[identity.ID]identity.User, error) {
	var rows []userRow
	err := s.selectUsers(&rows).Where("u.organisation_id IN (?) AND u.id = m.main_user_id", bun.List(of)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("load main users: %w", err)
	}
	byOrganisation := make(map[identity.ID]identity.User, len(rows))
	for i := range rows {
		byOrganisation[rows[i].OrganisationID] = rows[i].user()
	}
	return byOrganisation, nil
}
