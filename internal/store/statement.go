package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// statement is a select whose values go beside its text, so that the database reads and plans the text once. It is for the
// few reads that a page is made of; everything else is bun's, which writes values into the text.
type statement struct {
	text   strings.Builder
	values []any
}

// add goes on with the text; each ? in it stands for one of the values.
func (s *statement) add(text string, values ...any) {
	s.text.WriteString(text)
	for _, value := range values {
		if text, is := value.(string); is {
			value = plain(text)
		}
		s.values = append(s.values, value)
	}
}

// wall bounds the statement to the tenant, by the columns of the table of that alias.
func (s *statement) wall(tenant identity.Tenant, alias string) {
	s.add(" AND "+alias+".portal = ?", tenant.Portal)
	switch chosen := tenant.Chosen(); {
	case chosen != nil:
		values := make([]any, len(chosen))
		for i, organisation := range chosen {
			values[i] = string(organisation)
		}
		s.add(" AND "+alias+".organisation_id IN (NULL"+strings.Repeat(", ?", len(chosen))+")", values...)
	case tenant.Organisation != identity.WholePortal:
		s.add(" AND "+alias+".organisation_id = ?", string(tenant.Organisation))
	}
}

// lock makes the statement wait for its row, and hold it, as Scope.locked does.
func (s *statement) lock(scope *Scope, alias string) {
	if scope.isPostgres() && !scope.readOnly {
		s.add(" FOR NO KEY UPDATE OF " + alias)
	}
}

// one runs a statement that answers one row, in the scope's transaction.
func (s *Scope) one(ctx context.Context, query *statement, into ...any) error {
	if s.hear != nil {
		s.hear(query.text.String())
	}
	return oneRow(ctx, s.tx.Tx, s.isPostgres(), query, into...)
}

// rowQuerier is a database or a transaction.
type rowQuerier interface {
	QueryRowContext(ctx context.Context, text string, values ...any) *sql.Row
}

// oneRow runs a statement that answers one row. On PostgreSQL it is prepared when it first runs on a connection.
func oneRow(ctx context.Context, on rowQuerier, isPostgres bool, query *statement, into ...any) error {
	text, values := query.text.String(), query.values
	if isPostgres {
		text, values = query.numbered(), append([]any{pgx.QueryExecModeCacheStatement}, values...)
	}
	return on.QueryRowContext(ctx, text, values...).Scan(into...)
}

// numbered is the text as PostgreSQL wants it, with $1 for the first value.
func (s *statement) numbered() string {
	text := s.text.String()
	numbered := make([]byte, 0, len(text)+2*len(s.values))
	next := 0
	for i := range len(text) {
		if text[i] != '?' {
			numbered = append(numbered, text[i])
			continue
		}
		next++
		numbered = strconv.AppendInt(append(numbered, '$'), int64(next), 10)
	}
	return string(numbered)
}

// clocked is a look-up that answers one row, with the database's clock in front of it, in the words of both databases.
type clocked struct{ postgres, sqlite string }

func newClocked(query string) clocked {
	return clocked{
		postgres: strings.Replace(query, "SELECT ", "SELECT now(), ", 1),
		sqlite:   strings.NewReplacer("$1", "?1", "$2", "?2", "$3", "?3", "$4", "?4").Replace(strings.Replace(query, "SELECT ", sqliteClock+", ", 1)),
	}
}

// queryOutside runs a look-up by a prepared statement, on PostgreSQL on a connection of the system role.
func (db *DB) queryOutside(ctx context.Context, query clocked, values []any, now *time.Time, columns []any) (err error) {
	db.heard(query.sqlite)
	if db.IsPostgres() {
		arguments := append([]any{pgx.QueryExecModeCacheStatement}, values...)
		return db.systemPool.QueryRow(ctx, query.postgres, arguments...).Scan(append([]any{now}, columns...)...)
	}
	ctx = beginStatement(ctx, query.sqlite)
	defer func() { endStatement(ctx, err) }()
	prepared, err := db.prepared(ctx, query.sqlite)
	if err != nil {
		return err
	}
	var milliseconds int64
	err = prepared.QueryRowContext(context.WithoutCancel(ctx), values...).Scan(append([]any{&milliseconds}, columns...)...)
	*now = time.UnixMilli(milliseconds)
	return err
}

// rows are what a statement answers, by either driver.
type rows interface {
	Next() bool
	Scan(into ...any) error
	Err() error
}

// wallQuery names the tenant of the statements that are sent together with it.
const wallQuery = "SELECT set_config('app.portal', $1, true), set_config('app.organisation', $2, true)"

// alone runs a statement as a transaction by itself, and hands its rows to read. On PostgreSQL the tenant's wall travels
// with it, so that all of it is one round trip, by statements that were prepared: a text must be one of a few.
func (db *DB) alone(ctx context.Context, tenant identity.Tenant, s *statement, read func(rows) error) (err error) {
	if tenant.Portal == "" || tenant.Organisation == "" {
		return errNoTenant
	}
	db.heard(s.text.String())
	if db.IsPostgres() {
		return db.alonePostgres(ctx, tenant, s, read)
	}
	ctx = beginStatement(ctx, s.text.String())
	defer func() { endStatement(ctx, err) }()
	prepared, err := db.prepared(ctx, s.text.String())
	if err != nil {
		return err
	}
	found, err := prepared.QueryContext(context.WithoutCancel(ctx), s.values...)
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }() // a failure shows in Err
	return read(found)
}

func (db *DB) alonePostgres(ctx context.Context, tenant identity.Tenant, s *statement, read func(rows) error) error {
	connection, err := db.appPool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer connection.Release()
	batch := &pgx.Batch{}
	batch.Queue(wallQuery, tenant.Portal, string(tenant.Organisation))
	batch.Queue(s.numbered(), s.values...)
	for _, query := range batch.QueuedQueries {
		if _, err := connection.Conn().Prepare(ctx, query.SQL, query.SQL); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
	}
	answers := connection.SendBatch(ctx, batch)
	if _, err = answers.Exec(); err == nil {
		var found pgx.Rows
		if found, err = answers.Query(); err == nil {
			err = read(found)
			found.Close()
		}
	}
	if closed := answers.Close(); err == nil {
		err = closed
	}
	return err
}

// prepared answers SQLite's prepared statement for a text, on the connections that read. Such a statement is over sooner
// than it could be broken off: it is run without the request's context, for which the driver would start a goroutine.
func (db *DB) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	return db.lite.prepare(ctx, db.reads.DB, text)
}

// statements are SQLite's prepared ones by their text. The zero value has none.
type statements struct {
	mutex sync.RWMutex
	known map[string]*sql.Stmt
}

func (s *statements) prepare(ctx context.Context, db *sql.DB, text string) (*sql.Stmt, error) {
	s.mutex.RLock()
	known := s.known[text]
	s.mutex.RUnlock()
	if known != nil {
		return known, nil
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if known := s.known[text]; known != nil {
		return known, nil
	}
	made, err := db.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	if s.known == nil {
		s.known = map[string]*sql.Stmt{}
	}
	s.known[text] = made
	return made, nil
}

// close lets go of all of them.
func (s *statements) close() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, statement := range s.known {
		_ = statement.Close() // what can't be closed ends with its connection
	}
	s.known = nil
}
