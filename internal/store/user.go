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
	Provider          string                   `bun:"provider"`
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
	RemovedAt         *time.Time               `bun:"removed_at"`

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
		Username: u.Username, Provider: u.Provider, Role: u.Role, Registration: u.Registration, BlockedAt: u.BlockedAt,
		CredentialVersion: u.CredentialVersion, EnrolmentOwed: u.EnrolmentOwed, PostponedAt: u.PostponedAt,
		PasswordResetAt: u.PasswordResetAt,
		Language:        u.Language, EmailRefusedAt: u.EmailRefusedAt, CreatedAt: u.CreatedAt, LastSignInAt: u.LastSignInAt,
		RemovedAt: u.RemovedAt,
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
		Username: r.Username, Provider: r.Provider, Role: r.Role, Registration: r.Registration, BlockedAt: r.BlockedAt, CreatedAt: r.CreatedAt,
		LastSignInAt: r.LastSignInAt, EmailRefusedAt: r.EmailRefusedAt, PostponedAt: r.PostponedAt,
		PasswordResetAt: r.PasswordResetAt,
		EnrolmentOwed:   r.EnrolmentOwed, CredentialVersion: r.CredentialVersion, Language: r.Language,
		FactorKinds: factorKinds(r.FactorKinds), RemovedAt: r.RemovedAt,
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
	row := userRowOf(u)
	if err := insert(ctx, s, row); err != nil {
		return err
	}
	return insert(ctx, s, wordRowsOf(row.tenancy, u.ID, wordsOf(u))...)
}

// User loads one, without factors, or refuses with NOT_FOUND.
func (s *Scope) User(ctx context.Context, id identity.ID) (identity.User, error) {
	var row userRow
	err := s.selectUsers(&row).Where("u.id = ?", id).Scan(ctx)
	return row.user(), found(err, "load user")
}

// LockUser loads one with factors, and keeps every other transaction that locks it waiting.
func (s *Scope) LockUser(ctx context.Context, id identity.ID) (identity.User, error) {
	u, _, err := s.LockAccount(ctx, id)
	return u, err
}

// LockAccount is LockUser, with the password's hash, "" where there is none.
func (s *Scope) LockAccount(ctx context.Context, id identity.ID) (u identity.User, passwordHash string, err error) {
	row := userRow{tenancy: tenancy{Portal: s.tenant.Portal}}
	query := &statement{}
	query.add("SELECT coalesce(u.password_hash, ''), "+userColumns+" WHERE u.id = ?", string(id))
	query.wall(s.tenant, "u")
	query.lock(s, "u")
	if err := s.one(ctx, query, append([]any{&passwordHash}, row.columns()...)...); err != nil {
		return u, "", found(err, "lock user")
	}
	u = row.user()
	if len(u.FactorKinds) > 0 {
		u.Factors, err = s.Factors(ctx, id)
	}
	return u, passwordHash, err
}

// SaveUser saves what can change of a user, but for the password and the factors, which have statements of their own.
func (s *Scope) SaveUser(ctx context.Context, u identity.User) error {
	row := userRowOf(u)
	result, err := s.updateRows(row).
		Column("display_name", "name_key", "email", "email_key", "username", "username_key", "provider", "role", "registration",
			"blocked_at", "credential_version", "enrolment_owed", "postponed_at", "password_reset_at", "language",
			"email_refused_at", "last_sign_in_at", "removed_at").
		Where("u.id = ?", u.ID).Exec(ctx)
	saved, err := changed(result, err, "save user")
	if err != nil || !saved {
		return err
	}
	return s.saveWords(ctx, row.tenancy, u.ID, wordsOf(u))
}

// SignedIn notes when a user signed in, and that enrolment was put off.
func (s *Scope) SignedIn(ctx context.Context, u identity.User) error {
	_, err := s.updateRows(userRowOf(u)).Column("postponed_at", "last_sign_in_at").Where("u.id = ?", u.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note a sign-in: %w", err)
	}
	return nil
}
