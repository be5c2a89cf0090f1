package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type userRow struct {
	bun.BaseModel `bun:"table:users,alias:u"`
	tenancy
	ID                identity.ID              `bun:"id,pk"`
	DisplayName       string                   `bun:"display_name"`
	NameKey           string                   `bun:"name_key"`
	Email             identity.EmailAddress    `bun:"email"`
	EmailKey          string                   `bun:"email_key"`
	Username          *string                  `bun:"username"`
	UsernameKey       *string                  `bun:"username_key"`
	Role              identity.UserRole        `bun:"role"`
	Registration      identity.Registration    `bun:"registration"`
	BlockedAt         *time.Time               `bun:"blocked_at"`
	CredentialVersion int                      `bun:"credential_version"`
	EnrolmentOwed     identity.EnrolmentReason `bun:"enrolment_owed,nullzero"`
	FactorKinds       string                   `bun:"factor_kinds"`
	PostponedAt       *time.Time               `bun:"postponed_at"`
	PasswordResetAt   *time.Time               `bun:"password_reset_at"`
	Language          identity.Language        `bun:"language"`
	EmailRefusedAt    *time.Time               `bun:"email_refused_at"`
	CreatedAt         time.Time                `bun:"created_at"`
	LastSignInAt      *time.Time               `bun:"last_sign_in_at"`

	// IsMainUser is the organisation's to tell.
	IsMainUser bool `bun:"is_main_user,scanonly"`
}

// isMainUser asks a user's organisation, which joinOrganisation brings into every select of users.
const (
	isMainUser       = "(m.main_user_id = u.id AND NOT m.is_operator)"
	joinOrganisation = "JOIN organisations AS m ON m.portal = u.portal AND m.organisation_id = u.organisation_id"
)

// enrolled tells whether a user has a second factor to be asked for.
const enrolled = "u.registration = 'REGISTERED' AND u.factor_kinds <> ''"

func userRowOf(u identity.User) *userRow {
	row := &userRow{
		tenancy: tenancy{u.Portal, u.OrganisationID}, ID: u.ID,
		DisplayName: u.DisplayName, NameKey: identity.Fold(u.DisplayName), Email: u.Email, EmailKey: u.Email.Fold(),
		Username: u.Username, Role: u.Role, Registration: u.Registration, BlockedAt: u.BlockedAt,
		CredentialVersion: u.CredentialVersion, EnrolmentOwed: u.EnrolmentOwed, PostponedAt: u.PostponedAt,
		PasswordResetAt: u.PasswordResetAt,
		Language:        u.Language, EmailRefusedAt: u.EmailRefusedAt, CreatedAt: u.CreatedAt, LastSignInAt: u.LastSignInAt,
	}
	if u.Role == identity.MainUser {
		row.Role = identity.SuperSubUser // being main user is the organisation's to tell; this is what remains afterwards
	}
	if u.Username != nil {
		key := identity.Fold(*u.Username)
		row.UsernameKey = &key
	}
	return row
}

func (r *userRow) user() identity.User {
	u := identity.User{
		ID: r.ID, Portal: r.Portal, OrganisationID: r.OrganisationID, DisplayName: r.DisplayName, Email: r.Email,
		Username: r.Username, Role: r.Role, Registration: r.Registration, BlockedAt: r.BlockedAt, CreatedAt: r.CreatedAt,
		LastSignInAt: r.LastSignInAt, EmailRefusedAt: r.EmailRefusedAt, PostponedAt: r.PostponedAt,
		PasswordResetAt: r.PasswordResetAt,
		EnrolmentOwed:   r.EnrolmentOwed, CredentialVersion: r.CredentialVersion, Language: r.Language,
		FactorKinds: factorKinds(r.FactorKinds),
	}
	if r.IsMainUser {
		u.Role = identity.MainUser
	}
	return u
}

func factorKinds(joined string) []identity.FactorKind {
	kinds := []identity.FactorKind{}
	for kind := range strings.FieldsSeq(joined) {
		kinds = append(kinds, identity.FactorKind(kind))
	}
	return kinds
}

func (s *Scope) selectUsers(rows any) *bun.SelectQuery {
	return s.selectRows(rows).Join(joinOrganisation).ColumnExpr("?TableColumns").ColumnExpr(isMainUser + " AS is_main_user")
}

// AddUser saves a new user. It refuses an address or a user name that another user of the organisation has (EMAIL_TAKEN,
// USERNAME_TAKEN).
func (s *Scope) AddUser(ctx context.Context, u identity.User) error {
	return insert(ctx, s, userRowOf(u))
}

// User loads one, without factors, or refuses with NOT_FOUND.
func (s *Scope) User(ctx context.Context, id identity.ID) (identity.User, error) {
	var row userRow
	err := s.selectUsers(&row).Where("u.id = ?", id).Scan(ctx)
	return row.user(), found(err, "load user")
}

// LockUser loads one with factors, and keeps every other transaction that locks it waiting.
func (s *Scope) LockUser(ctx context.Context, id identity.ID) (identity.User, error) {
	var row userRow
	if err := s.locked(s.selectUsers(&row)).Where("u.id = ?", id).Scan(ctx); err != nil {
		return identity.User{}, found(err, "lock user")
	}
	u := row.user()
	var err error
	u.Factors, err = s.Factors(ctx, id)
	return u, err
}

// SaveUser saves what can change of a user, but for the password and the factors, which have statements of their own.
func (s *Scope) SaveUser(ctx context.Context, u identity.User) error {
	_, err := s.updateRows(userRowOf(u)).
		Column("display_name", "name_key", "email", "email_key", "username", "username_key", "role", "registration",
			"blocked_at", "credential_version", "enrolment_owed", "postponed_at", "password_reset_at", "language",
			"email_refused_at", "last_sign_in_at").
		Where("u.id = ?", u.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save user: %w", mended(err))
	}
	return nil
}

// Users lists an organisation's users; removed ones only where the filter asks for them.
func (s *Scope) Users(ctx context.Context, organisation identity.ID, filter identity.UserFilter, order identity.UserOrder, page identity.Page) (identity.Slice[identity.User], error) {
	var rows []userRow
	key, direction, beyond := orderColumn(order.Field), "ASC", ">"
	if order.Direction == identity.Descending {
		direction, beyond = "DESC", "<"
	}
	query := s.selectUsers(&rows).Where("u.organisation_id = ?", organisation).ApplyQueryBuilder(usersLike(filter)).
		OrderExpr("? "+direction+", u.id "+direction, bun.Ident(key)).Limit(int64(page.First) + 1)
	if len(page.After) == 2 {
		query = query.Where("(?, u.id) "+beyond+" (?, ?)", bun.Ident(key), page.After[0], page.After[1])
	}
	if err := query.Scan(ctx); err != nil {
		return identity.Slice[identity.User]{}, fmt.Errorf("list users: %w", err)
	}
	return slice(rows, page, (*userRow).user), nil
}

// CountUsers counts what Users lists.
func (s *Scope) CountUsers(ctx context.Context, organisation identity.ID, filter identity.UserFilter) (int, error) {
	count, err := s.selectRows((*userRow)(nil)).Join(joinOrganisation).Where("u.organisation_id = ?", organisation).
		ApplyQueryBuilder(usersLike(filter)).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return int(count), nil
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
		if filter.Status == nil || *filter.Status != identity.StatusRemoved {
			q = q.Where("NOT u.removed")
		}
		if filter.Status != nil {
			q = q.Where(statusIs[*filter.Status])
		}
		if filter.Registration != nil {
			q = q.Where("u.registration = ?", *filter.Registration)
		}
		if filter.Role != nil {
			q = whereRole(q, *filter.Role)
		}
		if filter.Search != nil {
			like := containing(*filter.Search)
			q = q.Where(`(u.name_key LIKE ? ESCAPE '\' OR u.email_key LIKE ? ESCAPE '\')`, like, like)
		}
		q = whereTrue(q, enrolled, filter.IsEnrolled)
		return whereTrue(q, "u.email_refused_at IS NOT NULL", filter.EmailRefused)
	}
}

// statusIs says in SQL what identity.User.Status says in Go.
var statusIs = map[identity.UserStatus]string{
	identity.StatusRemoved:       "u.removed",
	identity.StatusBlocked:       "u.blocked_at IS NOT NULL",
	identity.StatusInvited:       "u.blocked_at IS NULL AND u.registration = 'INVITED'",
	identity.StatusReRegistering: "u.blocked_at IS NULL AND u.registration = 'RE_REGISTERING'",
	identity.StatusActive:        "u.blocked_at IS NULL AND u.registration = 'REGISTERED'",
}

func whereRole(q bun.QueryBuilder, role identity.UserRole) bun.QueryBuilder {
	if role == identity.MainUser {
		return q.Where(isMainUser)
	}
	return q.Where("u.role = ? AND NOT "+isMainUser, role)
}

func whereTrue(q bun.QueryBuilder, condition string, wanted *bool) bun.QueryBuilder {
	switch {
	case wanted == nil:
		return q
	case *wanted:
		return q.Where(condition)
	}
	return q.Where("NOT (" + condition + ")")
}
