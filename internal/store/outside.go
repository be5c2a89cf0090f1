package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// What is done before a tenant is known is in this file; for people who are at a provider, in federation.go and person.go; and for
// partners' programs, in partner.go: all of it. Whoever reviews the walls between tenants reads scope.go and these. Every look-up
// is bounded to a portal, and goes by the hash of an unguessable value, by the name that a person typed, or by the KVK number or
// the person that a provider vouches for.

// visitorQuery answers who is asking in one statement: it is run by every request of a signed-in browser.
const visitorQuery = `SELECT s.id, s.strength, s.provider, s.proven_by, s.proven_at, s.created_at, s.last_seen_at,
	s.user_agent, s.ip_address, s.assurance_level, s.kvk_number, s.establishments, s.intermediary,
	coalesce(b.kvk_number, ''), coalesce(b.register_status, ''), coalesce(b.establishment_numbers, ''),
	coalesce(b.registered_establishments, ''),
	o.name, o.code, o.is_operator, o.is_private, o.main_user_id, o.account_maximum, o.two_factor_activated_at, o.created_at,
	u.organisation_id, u.id, u.display_name, u.email, u.username, u.provider, u.role, u.registration, u.blocked_at,
	u.credential_version, coalesce(u.enrolment_owed, ''), u.factor_kinds, u.postponed_at, u.language, u.email_refused_at,
	u.created_at, u.last_sign_in_at
	FROM sessions AS s
	JOIN users AS u ON u.portal = s.portal AND u.organisation_id = s.organisation_id AND u.id = s.user_id
	JOIN organisations AS o ON o.portal = s.portal AND o.organisation_id = s.organisation_id
	LEFT JOIN business_identities AS b ON b.portal = s.portal AND b.kvk_number = s.kvk_number
		AND b.organisation_id = s.organisation_id AND s.kvk_number <> ''
	WHERE s.portal = $1 AND s.token_hash = $2`

var clockedVisitor = newClocked(visitorQuery)

// VisitorByToken answers who is asking; false where no session of the portal has such a token. Whether the session is
// still alive, and its user still welcome, the caller decides.
func (db *DB) VisitorByToken(ctx context.Context, portal string, tokenHash []byte) (Visitor, bool, error) {
	var s sessionRow
	var u userRow
	var o organisationRow
	var b businessRow
	var now time.Time
	// The drivers fill plain types without reflection.
	columns := []any{
		(*string)(&s.ID), (*string)(&s.Strength), &s.Provider, (*string)(&s.ProvenBy), &s.ProvenAt, &s.CreatedAt, &s.LastSeenAt,
		&s.UserAgent, &s.IPAddress, (*string)(&s.AssuranceLevel), (*string)(&s.KVKNumber), &s.Establishments, (*string)(&s.Intermediary),
		(*string)(&b.KVKNumber), (*string)(&b.RegisterStatus), &b.EstablishmentNumbers, &b.RegisteredEstablishments,
		&o.Name, &o.Code, &o.IsOperator, &o.IsPrivate, (*string)(&o.MainUserID), &o.AccountMaximum, &o.TwoFactorActivatedAt, &o.CreatedAt,
		(*string)(&u.OrganisationID), (*string)(&u.ID), &u.DisplayName, (*string)(&u.Email), &u.Username, &u.Provider, (*string)(&u.Role),
		(*string)(&u.Registration), &u.BlockedAt, &u.CredentialVersion, (*string)(&u.EnrolmentOwed), &u.FactorKinds,
		&u.PostponedAt, (*string)(&u.Language), &u.EmailRefusedAt, &u.CreatedAt, &u.LastSignInAt,
	}
	err := db.queryOutside(ctx, clockedVisitor, []any{portal, tokenHash}, &now, columns)
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows) {
		return Visitor{}, false, nil
	}
	if err != nil {
		return Visitor{}, false, fmt.Errorf("look a session up: %w", err)
	}
	s.Portal, u.Portal, o.Portal = portal, portal, portal
	s.OrganisationID, o.OrganisationID, s.UserID = u.OrganisationID, u.OrganisationID, u.ID
	u.IsMainUser = o.MainUserID == u.ID && !o.IsOperator
	b.Portal, b.OrganisationID = portal, u.OrganisationID
	return Visitor{
		Now: db.instant(now), Session: s.session(), User: u.user(), Organisation: o.organisation(), Business: businessIfThere(b),
	}, true, nil
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

// attemptQuery answers what was counted for a subject, and whom a name leads to.
const attemptQuery = `SELECT f.failures, f.last_at, coalesce(u.id, ''), coalesce(u.organisation_id, ''), coalesce(u.password_hash, '')
	FROM (SELECT 1 AS one) AS attempt
	LEFT JOIN password_failures AS f ON f.portal = $1 AND f.subject = $2
	LEFT JOIN identifiers AS i ON i.portal = $1 AND i.kind = $3 AND i.value = $4
	LEFT JOIN users AS u ON u.portal = i.portal AND u.organisation_id = i.organisation_id AND u.id = i.user_id`

var clockedAttempt = newClocked(attemptQuery)

// TryPassword counts a password attempt on a typed name as failed before anybody knows whether it is right, so that
// attempts at the same time can't get past the limit together, and answers whom the name leads to: the zero Account for
// nobody. admit decides, on what was counted so far, whether the password may be tried at all; after turns the count
// into the next one. Forget takes the count back after a right password.
func (db *DB) TryPassword(ctx context.Context, portal string, identifier identity.Identifier, subject []byte,
	admit func(identity.Failures, time.Time) error, after func(identity.Failures, time.Time) identity.Failures,
) (Account, identity.Failures, error) {
	for {
		account, before, now, err := db.Attempted(ctx, portal, identifier, subject)
		if err != nil {
			return Account{}, identity.Failures{}, fmt.Errorf("try password: %w", err)
		}
		var counted identity.Failures
		if before != nil {
			counted = *before
		}
		if err := admit(counted, now); err != nil {
			return Account{}, counted, err
		}
		counted = after(counted, now)
		// Where another attempt was counted in between, this one is decided anew; each time one of them gets through.
		won, err := db.count(ctx, portal, subject, before, counted)
		if err != nil || won {
			return account, counted, err
		}
	}
}

// Attempted answers what was counted, nil for nothing, whom the name leads to, and the instant.
func (db *DB) Attempted(ctx context.Context, portal string, identifier identity.Identifier, subject []byte) (account Account, before *identity.Failures, now time.Time, err error) {
	var failures *int
	var lastAt *time.Time
	values := []any{portal, subject, string(identifier.Kind), plain(identifier.Value)}
	err = db.queryOutside(ctx, clockedAttempt, values, &now,
		[]any{&failures, &lastAt, (*string)(&account.User), (*string)(&account.Organisation), &account.PasswordHash})
	if failures != nil && lastAt != nil {
		before = &identity.Failures{Count: *failures, LastAt: lastAt.UTC()}
	}
	return account, before, db.instant(now), err
}

// count writes the next count where what was counted is still what it was; false where it isn't.
func (db *DB) count(ctx context.Context, portal string, subject []byte, before *identity.Failures, next identity.Failures) (bool, error) {
	row := &failureRow{Portal: portal, Subject: subject, Failures: next.Count, LastAt: next.LastAt}
	if before == nil {
		result, err := db.system.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx)
		return changed(result, err, "count a password")
	}
	result, err := db.system.NewUpdate().Model(row).Column("failures", "last_at").WherePK().
		Where("f.failures = ?", before.Count).Exec(ctx)
	return changed(result, err, "count a password")
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

// ForgetFailures takes back what TryPassword counted. A crash of PostgreSQL may bring the count back, as if one password
// more had been wrong: nobody waits for the disk here.
func (db *DB) ForgetFailures(ctx context.Context, portal string, subject []byte) error {
	var err error
	if db.IsPostgres() {
		batch := &pgx.Batch{} // which is a transaction by itself
		batch.Queue("SELECT set_config('synchronous_commit', 'off', true)")
		batch.Queue("DELETE FROM password_failures WHERE portal = $1 AND subject = $2", portal, subject)
		err = db.systemPool.SendBatch(ctx, batch).Close()
	} else {
		_, err = db.system.NewDelete().Model((*failureRow)(nil)).Where("portal = ? AND subject = ?", portal, subject).Exec(ctx)
	}
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
