package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Scope is a transaction inside one tenant's wall.
type Scope struct {
	// Now is the instant of the transaction, by the database's clock, in UTC.
	Now time.Time

	tx       bun.Tx
	hear     func(statement string)
	readOnly bool
	tenant   identity.Tenant
	events   []identity.AuditEvent
	messages []messageRow
	checks   []identity.BusinessIdentity
	imports  []identity.Import
}

// Within runs a transaction that may write. What was recorded and told goes into the same commit. An error rolls
// everything back, but for one made by Keep. A transaction that lost a deadlock is run again, so fn must do nothing
// outside of its scope.
func (db *DB) Within(ctx context.Context, tenant identity.Tenant, fn func(*Scope) error) error {
	const tries = 3
	for try := 1; ; try++ {
		err := db.within(ctx, db.app, tenant, false, fn)
		if try == tries || !isRetryable(err) {
			return err
		}
	}
}

// Read runs a transaction that only reads. All of it sees the database as it was at one instant, and it waits for no
// writer: what loads a row behind a lock elsewhere loads it without one here.
func (db *DB) Read(ctx context.Context, tenant identity.Tenant, fn func(*Scope) error) error {
	return db.within(ctx, db.reads, tenant, true, fn)
}

// Keep makes Within commit what was done so far and still answer the refusal: a wrong code must be counted.
func Keep(refusal error) error { return &kept{refusal} }

type kept struct{ refusal error }

func (k *kept) Error() string { return k.refusal.Error() }

// isKept is not taken in by a kept refusal that is joined to something else: that may be a fault.
func isKept(err error) (*kept, bool) {
	keep, found := errors.AsType[*kept](err)
	_, joined := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	return keep, found && !joined
}

var errNoTenant = errors.New("open a transaction: no tenant was named")

func (db *DB) within(ctx context.Context, pool *bun.DB, tenant identity.Tenant, readOnly bool, fn func(*Scope) error) error {
	if tenant.Portal == "" || tenant.Organisation == "" {
		return errNoTenant
	}
	tx, err := pool.BeginTx(ctx, db.txOptions(readOnly))
	if err != nil {
		return fmt.Errorf("open a transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	scope := &Scope{tx: tx, hear: db.hear, readOnly: readOnly, tenant: tenant}
	if err := db.enter(ctx, scope); err != nil {
		return err
	}
	err = fn(scope)
	keep, isKept := isKept(err)
	if err != nil && !isKept {
		return err
	}
	events, news := scope.events, db.told
	if len(events) == 0 {
		news = nil
	}
	if err := scope.flush(ctx, db.enqueuer); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", mendedCommit(err))
	}
	for _, told := range news {
		told(ctx, events)
	}
	if isKept {
		return keep.refusal
	}
	return nil
}

// SQLite's transactions are snapshots by themselves, and its driver knows no other isolation.
func (db *DB) txOptions(readOnly bool) *sql.TxOptions {
	options := &sql.TxOptions{ReadOnly: readOnly}
	if readOnly && db.IsPostgres() {
		options.Isolation = sql.LevelRepeatableRead
	}
	return options
}

// enter reads the clock and, on PostgreSQL, tells row-level security which tenant this is.
func (db *DB) enter(ctx context.Context, s *Scope) error {
	var err error
	if s.isPostgres() {
		var portal, organisation string
		err = s.tx.QueryRowContext(ctx,
			"SELECT now(), set_config('app.portal', ?, true), set_config('app.organisation', ?, true)",
			s.tenant.Portal, s.tenant.Organisation).Scan(&s.Now, &portal, &organisation)
	} else {
		var milliseconds int64
		err = s.tx.QueryRowContext(ctx, sqliteClock).Scan(&milliseconds)
		s.Now = time.UnixMilli(milliseconds)
	}
	if err != nil {
		return fmt.Errorf("enter the tenant: %w", err)
	}
	s.Now = db.instant(s.Now)
	return nil
}

// sqliteClock reads the clock in milliseconds since 1970.
const sqliteClock = "SELECT CAST(round(unixepoch('now', 'subsec') * 1000) AS integer)"

// instant is the database's, or the test clock's.
func (db *DB) instant(now time.Time) time.Time {
	if db.clock != nil {
		now = db.clock()
	}
	return now.UTC().Truncate(time.Microsecond)
}

// flush saves what must go into the same commit: messages, their jobs, and last the audit events, whose chain is locked
// for the shortest time that way.
func (s *Scope) flush(ctx context.Context, enqueuer Enqueuer) error {
	if err := errors.Join(s.flushMessages(ctx, enqueuer), s.flushChecks(ctx, enqueuer), s.flushImports(ctx, enqueuer)); err != nil {
		return err
	}
	return s.flushEvents(ctx)
}

func (s *Scope) isPostgres() bool { return s.tx.Dialect().Name() == dialect.PG }

// Try runs a part of the transaction that may fail without the rest: of what it did, recorded and told nothing is left then.
func (s *Scope) Try(ctx context.Context, part func() error) error {
	messages, events, checks, imports := len(s.messages), len(s.events), len(s.checks), len(s.imports)
	if _, err := s.tx.ExecContext(ctx, "SAVEPOINT part"); err != nil {
		return fmt.Errorf("begin a part: %w", err)
	}
	err := part()
	if err != nil {
		s.messages, s.events, s.checks, s.imports = s.messages[:messages], s.events[:events], s.checks[:checks], s.imports[:imports]
		if _, failed := s.tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT part"); failed != nil {
			return errors.Join(err, fmt.Errorf("take a part back: %w", failed))
		}
	}
	if _, failed := s.tx.ExecContext(ctx, "RELEASE SAVEPOINT part"); failed != nil {
		return errors.Join(err, fmt.Errorf("end a part: %w", failed))
	}
	return err
}

// walled bounds a statement to the tenant.
func (s *Scope) walled(q bun.QueryBuilder) bun.QueryBuilder {
	q = q.Where("?TableAlias.portal = ?", s.tenant.Portal)
	switch chosen := s.tenant.Chosen(); {
	case chosen != nil:
		q = q.Where("?TableAlias.organisation_id IN (?)", bun.List(chosen))
	case s.tenant.Organisation != identity.WholePortal:
		q = q.Where("?TableAlias.organisation_id = ?", s.tenant.Organisation)
	}
	return q
}

func (s *Scope) selectRows(rows any) *bun.SelectQuery {
	return s.tx.NewSelect().Model(rows).ApplyQueryBuilder(s.walled)
}

func (s *Scope) updateRows(row any) *bun.UpdateQuery {
	return s.tx.NewUpdate().Model(row).ApplyQueryBuilder(s.walled).ApplyQueryBuilder(s.own(row)).Err(s.mayChange(row))
}

func (s *Scope) deleteRows(row any) *bun.DeleteQuery {
	return s.tx.NewDelete().Model(row).ApplyQueryBuilder(s.walled).ApplyQueryBuilder(s.own(row)).Err(s.mayChange(row))
}

// tenancy is the pair of columns that every tenant's row leads with.
type tenancy struct {
	Portal         string      `bun:"portal,pk"`
	OrganisationID identity.ID `bun:"organisation_id,pk"`
}

func (t tenancy) owner() identity.Tenant {
	return identity.Tenant{Portal: t.Portal, Organisation: t.OrganisationID}
}

type ownedRow interface{ owner() identity.Tenant }

// admits tells whether a row of that tenant stands behind this wall.
func (s *Scope) admits(owner identity.Tenant) bool {
	return owner.Portal == s.tenant.Portal && s.tenant.Spans(owner.Organisation)
}

// insert adds rows, and refuses one that would stand behind another tenant's wall.
func insert[R ownedRow](ctx context.Context, s *Scope, rows ...R) error {
	for _, row := range rows {
		if !s.admits(row.owner()) {
			return fmt.Errorf("insert %T: the row belongs to another tenant", row)
		}
		if err := s.mayAdd(row); err != nil {
			return err
		}
	}
	const chunk = 500
	for len(rows) > 0 {
		part := rows[:min(chunk, len(rows))]
		if _, err := s.tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return mended(err)
		}
		rows = rows[len(part):]
	}
	return nil
}

// locked makes a select wait for, and then hold, its rows. SQLite has one writer and needs no such thing, and what only
// reads has nothing to hold them for.
func (s *Scope) locked(q *bun.SelectQuery) *bun.SelectQuery {
	if s.isPostgres() && !s.readOnly {
		return q.For("NO KEY UPDATE OF ?TableAlias")
	}
	return q
}

// found turns "no rows" into the refusal for something that doesn't exist, or not behind this wall.
func found(err error, doing string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return identity.Refuse(identity.NotFound)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// changed tells whether a statement changed exactly one row: how a single-use thing is won.
func changed(result sql.Result, err error, doing string) (bool, error) {
	if err != nil {
		return false, fmt.Errorf("%s: %w", doing, mended(err))
	}
	count, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("%s: %w", doing, err)
	}
	return count == 1, nil
}

func isRetryable(err error) bool {
	var fault *pgconn.PgError
	return errors.As(err, &fault) && (fault.Code == "40P01" || fault.Code == "40001")
}
