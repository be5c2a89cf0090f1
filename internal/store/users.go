package store

import (
	"context"
	"fmt"

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
	if filter != (identity.UserFilter{}) {
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
	key, direction, beyond := orderColumn(order.Field), "ASC", ">"
	if order.Direction == identity.Descending {
		direction, beyond = "DESC", "<"
	}
	query := &statement{}
	query.add("SELECT "+userColumns+" WHERE u.portal = ? AND u.organisation_id = ?", tenant.Portal, string(organisation))
	if !tenant.Spans(organisation) {
		query.add(" AND 1 = 0")
	}
	for _, condition := range userConditions(filter) {
		query.add(" AND ("+condition.text+")", condition.values...)
	}
	if len(page.After) == 2 {
		query.add(" AND ("+key+", u.id) "+beyond+" (?, ?)", page.After[0], page.After[1])
	}
	query.add(" ORDER BY "+key+" "+direction+", u.id "+direction+" LIMIT ? + 1", page.First)
	return query
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
	found, err := counts(ctx, s.selectRows((*userRow)(nil)).Join(joinOrganisation).Where("u.organisation_id IN (?)", bun.List(of)).
		ApplyQueryBuilder(usersLike(filter)), "u.organisation_id")
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

func orderColumn(field identity.UserOrderField) string {
	switch field {
	case identity.ByDisplayName:
		return "u.name_key"
	case identity.ByEmailAddress:
		return "u.email_key"
	}
	return "u.id"
}

func usersLike(filter identity.UserFilter) func(bun.QueryBuilder) bun.QueryBuilder {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		for _, condition := range userConditions(filter) {
			q = q.Where(condition.text, condition.values...)
		}
		return q
	}
}

// condition narrows a select.
type condition struct {
	text   string
	values []any
}

func userConditions(filter identity.UserFilter) (all []condition) {
	where := func(text string, values ...any) { all = append(all, condition{text, values}) }
	if filter.Status == nil || *filter.Status != identity.StatusRemoved {
		where("NOT u.removed")
	}
	if filter.Status != nil {
		where(statusIs[*filter.Status])
	}
	if filter.Registration != nil {
		where("u.registration = ?", string(*filter.Registration))
	}
	switch {
	case filter.Role == nil:
	case *filter.Role == identity.MainUser:
		where(isMainUser)
	default:
		where("u.role = ? AND NOT "+isMainUser, string(*filter.Role))
	}
	if filter.Search != nil {
		like := containing(*filter.Search)
		where(`u.name_key LIKE ? ESCAPE '\' OR u.email_key LIKE ? ESCAPE '\'`, like, like)
	}
	if filter.IsEnrolled != nil {
		where(either(enrolled, *filter.IsEnrolled))
	}
	if filter.EmailRefused != nil {
		where(either("u.email_refused_at IS NOT NULL", *filter.EmailRefused))
	}
	return all
}

// statusIs says in SQL what identity.User.Status says in Go.
var statusIs = map[identity.UserStatus]string{
	identity.StatusRemoved:          "u.removed",
	identity.StatusBlocked:          "u.blocked_at IS NOT NULL",
	identity.StatusInvited:          "u.blocked_at IS NULL AND u.registration = 'INVITED' AND u.provider = ''",
	identity.StatusAwaitingApproval: "u.blocked_at IS NULL AND u.registration = 'INVITED' AND u.provider <> ''",
	identity.StatusReRegistering:    "u.blocked_at IS NULL AND u.registration = 'RE_REGISTERING'",
	identity.StatusActive:           "u.blocked_at IS NULL AND u.registration = 'REGISTERED'",
}

// either is the condition, or that it doesn't hold.
func either(condition string, holds bool) string {
	if holds {
		return condition
	}
	return "NOT (" + condition + ")"
}
