package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// What is done before a tenant is known is in this file, all of it, and nothing else is. Whoever reviews the walls between
// tenants reads scope.go and this. Every look-up is bounded to a portal, and goes by the hash of an unguessable value or
// by the name that a person typed.

// Visitor is who a session's token belongs to.
type Visitor struct {
	Now          time.Time
	Session      identity.Session
	User         identity.User
	Organisation identity.Organisation
}

// visitorQuery answers who is asking in one statement: it is run by every request of a signed-in browser.
const visitorQuery = `SELECT s.organisation_id, s.id, s.strength, s.provider, s.proven_by, s.proven_at, s.created_at, s.last_seen_at,
	s.user_agent, s.ip_address, u.id, u.display_name, u.email, u.username, u.role, u.registration, u.blocked_at,
	u.credential_version, coalesce(u.enrolment_owed, ''), u.factor_kinds, u.postponed_at, u.language, u.email_refused_at,
	u.created_at, u.last_sign_in_at, o.name, o.code, o.is_operator, o.main_user_id, o.account_maximum,
	o.two_factor_activated_at, o.created_at
	FROM sessions AS s
	JOIN users AS u ON u.portal = s.portal AND u.organisation_id = s.organisation_id AND u.id = s.user_id
	JOIN organisations AS o ON o.portal = s.portal AND o.organisation_id = s.organisation_id
	WHERE s.portal = $1 AND s.token_hash = $2`

var clockedVisitor = newClocked(visitorQuery)

// VisitorByToken answers who is asking; false where no session of the portal has such a token. Whether the session is
// still alive, and its user still welcome, the caller decides.
func (db *DB) VisitorByToken(ctx context.Context, portal string, tokenHash []byte) (Visitor, bool, error) {
	var s sessionRow
	var u userRow
	var o organisationRow
	var now time.Time
	columns := []any{
		&s.OrganisationID, &s.ID, &s.Strength, &s.Provider, &s.ProvenBy, &s.ProvenAt, &s.CreatedAt, &s.LastSeenAt,
		&s.UserAgent, &s.IPAddress, &u.ID, &u.DisplayName, &u.Email, &u.Username, &u.Role, &u.Registration, &u.BlockedAt,
		&u.CredentialVersion, &u.EnrolmentOwed, &u.FactorKinds, &u.PostponedAt, &u.Language, &u.EmailRefusedAt,
		&u.CreatedAt, &u.LastSignInAt, &o.Name, &o.Code, &o.IsOperator, &o.MainUserID, &o.AccountMaximum,
		&o.TwoFactorActivatedAt, &o.CreatedAt,
	}
	err := db.queryOutside(ctx, clockedVisitor, []any{portal, tokenHash}, &now, columns)
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows) {
		return Visitor{}, false, nil
	}
	if err != nil {
		return Visitor{}, false, fmt.Errorf("look a session up: %w", err)
	}
	s.Portal, u.Portal, o.Portal = portal, portal, portal
	u.OrganisationID, o.OrganisationID, s.UserID = s.OrganisationID, s.OrganisationID, u.ID
	u.IsMainUser = o.MainUserID == u.ID && !o.IsOperator
	return Visitor{Now: db.instant(now), Session: s.session(), User: u.user(), Organisation: o.organisation()}, true, nil
}

// clocked is a look-up that answers one row, with the database's clock in front of it, in the words of both databases.
type clocked struct{ postgres, sqlite string }

func newClocked(query string) clocked {
	return clocked{
		postgres: strings.Replace(query, "SELECT ", "SELECT now(), ", 1),
		sqlite:   strings.NewReplacer("$1", "?1", "$2", "?2").Replace(strings.Replace(query, "SELECT ", sqliteClock+", ", 1)),
	}
}

// queryOutside runs a look-up by a prepared statement, on PostgreSQL on a connection of the system role.
func (db *DB) queryOutside(ctx context.Context, query clocked, values []any, now *time.Time, columns []any) error {
	if db.IsPostgres() {
		arguments := append([]any{pgx.QueryExecModeCacheStatement}, values...)
		return db.systemPool.QueryRow(ctx, query.postgres, arguments...).Scan(append([]any{now}, columns...)...)
	}
	prepared, err := db.prepared(ctx, query.sqlite)
	if err != nil {
		return err
	}
	var milliseconds int64
	err = prepared.QueryRowContext(context.WithoutCancel(ctx), values...).Scan(append([]any{&milliseconds}, columns...)...)
	*now = time.UnixMilli(milliseconds)
	return err
}

// SawSession notes that a session was used.
func (db *DB) SawSession(ctx context.Context, session identity.Session, now time.Time) error {
	_, err := db.system.NewUpdate().Model((*sessionRow)(nil)).Set("last_seen_at = ?", now).
		Where("s.portal = ? AND s.organisation_id = ? AND s.id = ? AND s.last_seen_at < ?",
			session.Portal, session.Organisation, session.ID, now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note the use of a session: %w", err)
	}
	return nil
}

// SignInByToken finds the attempt that a browser is in the middle of; false where there is none.
func (db *DB) SignInByToken(ctx context.Context, portal string, tokenHash []byte) (identity.SignIn, time.Time, bool, error) {
	var row signInRow
	now, ok, err := db.byToken(ctx, &row, portal, tokenHash)
	return row.signIn(), now, ok, err
}

// LinkByToken finds a mailed link; false where there is none.
func (db *DB) LinkByToken(ctx context.Context, portal string, tokenHash []byte) (identity.Link, bool, error) {
	var row linkRow
	_, ok, err := db.byToken(ctx, &row, portal, tokenHash)
	return row.link(), ok, err
}

// APITokenByToken finds a partner's credential; false where there is none.
func (db *DB) APITokenByToken(ctx context.Context, portal string, tokenHash []byte) (identity.APIToken, time.Time, bool, error) {
	var row apiTokenRow
	now, ok, err := db.byToken(ctx, &row, portal, tokenHash)
	return row.apiToken(), now, ok, err
}

// UsedAPIToken notes that a partner's credential was used.
func (db *DB) UsedAPIToken(ctx context.Context, token identity.APIToken, now time.Time) error {
	_, err := db.system.NewUpdate().Model((*apiTokenRow)(nil)).Set("last_used_at = ?", now).
		Where("t.portal = ? AND t.organisation_id = ? AND t.id = ?", token.Portal, token.Organisation, token.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note the use of an API token: %w", err)
	}
	return nil
}

func (db *DB) byToken(ctx context.Context, row any, portal string, tokenHash []byte) (time.Time, bool, error) {
	pool := db.system
	if !db.IsPostgres() {
		pool = db.reads
	}
	now, err := db.now(ctx, pool)
	if err != nil {
		return now, false, err
	}
	err = pool.NewSelect().Model(row).Where("?TableAlias.portal = ? AND ?TableAlias.token_hash = ?", portal, tokenHash).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return now, false, nil
	}
	if err != nil {
		return now, false, fmt.Errorf("look a token up: %w", err)
	}
	return now, true, nil
}

// Now is the instant by the database's clock.
func (db *DB) Now(ctx context.Context) (time.Time, error) { return db.now(ctx, db.reads) }

func (db *DB) now(ctx context.Context, from bun.IDB) (now time.Time, err error) {
	switch {
	case db.clock != nil:
	case db.IsPostgres():
		err = from.QueryRowContext(ctx, "SELECT now()").Scan(&now)
	default:
		var milliseconds int64
		err = from.QueryRowContext(ctx, sqliteClock).Scan(&milliseconds)
		now = time.UnixMilli(milliseconds)
	}
	if err != nil {
		return now, fmt.Errorf("read the clock: %w", err)
	}
	return db.instant(now), nil
}

// Account is what a typed name leads to before a password is tried.
type Account struct {
	User         identity.ID
	Organisation identity.ID
	PasswordHash string
}

type failureRow struct {
	bun.BaseModel `bun:"table:password_failures,alias:f"`
	Portal        string    `bun:"portal,pk"`
	Subject       []byte    `bun:"subject,pk"`
	Failures      int       `bun:"failures"`
	LastAt        time.Time `bun:"last_at"`
}

// TryPassword counts a password attempt on a typed name as failed before anybody knows whether it is right, so that
// attempts at the same time can't get past the limit together, and answers whom the name leads to: the zero Account for
// nobody. admit decides, on what was counted so far, whether the password may be tried at all; after turns the count
// into the next one. Forget takes the count back after a right password.
func (db *DB) TryPassword(ctx context.Context, portal string, identifier identity.Identifier, subject []byte,
	admit func(identity.Failures, time.Time) error, after func(identity.Failures, time.Time) identity.Failures,
) (account Account, counted identity.Failures, err error) {
	err = db.system.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		now, err := db.now(ctx, tx)
		if err != nil {
			return err
		}
		row := &failureRow{Portal: portal, Subject: subject, LastAt: now}
		// Adding the row, or touching it where there is one, locks it either way.
		_, err = tx.NewInsert().Model(row).On("CONFLICT (portal, subject) DO UPDATE").Set("failures = f.failures").
			Returning("failures, last_at").Exec(ctx)
		if err != nil {
			return err
		}
		before := identity.Failures{Count: row.Failures, LastAt: row.LastAt}
		if err := admit(before, now); err != nil {
			return err
		}
		counted = after(before, now)
		_, err = tx.NewUpdate().Model(&failureRow{Portal: portal, Subject: subject, Failures: counted.Count, LastAt: counted.LastAt}).
			Column("failures", "last_at").WherePK().Exec(ctx)
		if err != nil {
			return err
		}
		account, err = accountNamed(ctx, tx.Tx, db.IsPostgres(), portal, identifier)
		return err
	})
	if _, refused := identity.Refusals(err); err != nil && !refused {
		err = fmt.Errorf("try password: %w", err)
	}
	return account, counted, err
}

// AccountNamed answers whom a typed name leads to: the zero Account for nobody.
func (db *DB) AccountNamed(ctx context.Context, portal string, identifier identity.Identifier) (Account, error) {
	account, err := accountNamed(ctx, db.system.DB, db.IsPostgres(), portal, identifier)
	if err != nil {
		return account, fmt.Errorf("look a name up: %w", err)
	}
	return account, nil
}

// AccountsWithEmail answers whom a mailbox belongs to: a person may have an account in several organisations.
func (db *DB) AccountsWithEmail(ctx context.Context, portal string, email identity.EmailAddress) ([]Account, error) {
	var rows []userRow
	err := db.system.NewSelect().Model(&rows).Column("id", "organisation_id").
		Where("u.portal = ? AND u.email_key = ? AND NOT u.removed", portal, email.Fold()).OrderExpr("u.id").Limit(20).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("look an address up: %w", err)
	}
	accounts := make([]Account, len(rows))
	for i, row := range rows {
		accounts[i] = Account{User: row.ID, Organisation: row.OrganisationID}
	}
	return accounts, nil
}

func accountNamed(ctx context.Context, on rowQuerier, isPostgres bool, portal string, identifier identity.Identifier) (Account, error) {
	query := &statement{}
	query.add(`SELECT u.id, u.organisation_id, coalesce(u.password_hash, '') FROM identifiers AS i
		JOIN users AS u ON u.portal = i.portal AND u.organisation_id = i.organisation_id AND u.id = i.user_id
		WHERE i.portal = ? AND i.kind = ? AND i.value = ?`, portal, string(identifier.Kind), identifier.Value)
	var account Account
	err := oneRow(ctx, on, isPostgres, query, (*string)(&account.User), (*string)(&account.Organisation), &account.PasswordHash)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, nil
	}
	return account, err
}

// ForgetFailures takes back what TryPassword counted.
func (db *DB) ForgetFailures(ctx context.Context, portal string, subject []byte) error {
	_, err := db.system.NewDelete().Model((*failureRow)(nil)).Where("portal = ? AND subject = ?", portal, subject).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget failures: %w", err)
	}
	return nil
}

// TenantsOf lists the tenants of a portal that have, or should have, an audit log, for whoever verifies them all: its
// organisations, and whatever else an event was recorded for.
func (db *DB) TenantsOf(ctx context.Context, portal string) ([]identity.Tenant, error) {
	var organisations []identity.ID
	err := db.system.NewRaw(`SELECT organisation_id FROM organisations WHERE portal = ?0
		UNION SELECT organisation_id FROM audit_heads WHERE portal = ?0 ORDER BY organisation_id`, portal).
		Scan(ctx, &organisations)
	if err != nil {
		return nil, fmt.Errorf("list audit logs: %w", err)
	}
	tenants := make([]identity.Tenant, len(organisations))
	for i, organisation := range organisations {
		tenants[i] = identity.Tenant{Portal: portal, Organisation: organisation}
	}
	return tenants, nil
}
