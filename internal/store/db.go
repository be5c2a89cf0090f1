package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
	_ "modernc.org/sqlite" // the database/sql driver "sqlite"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Options says which database.
type Options struct {
	// URL is "sqlite:path" or "postgres://…".
	URL string
	// SystemURL is the login for jobs and pre-tenant look-ups on PostgreSQL; "": the same as URL.
	SystemURL string
	// Traced: requests are traced, and statements are to be seen in it.
	Traced bool
	// Clock takes the place of the database's clock in tests; nil: the database's own.
	Clock func() time.Time
}

// Enqueuer hands work to the outbox inside the transaction that decided it.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *sql.Tx, tenant identity.Tenant, messages []identity.ID) error
	// EnqueueChecks asks for business identities to be looked up in the trade register.
	EnqueueChecks(ctx context.Context, tx *sql.Tx, tenant identity.Tenant, businesses []identity.ID) error
	// EnqueueImport has the rows of an import worked on that wait.
	EnqueueImport(ctx context.Context, tx *sql.Tx, portal string, id identity.ID) error
}

// DB is an open database. Safe for concurrent use.
type DB struct {
	// app serves requests, reads serves those that write nothing, system serves jobs and pre-tenant look-ups. On SQLite
	// app and system are the one writing connection.
	app, reads, system *bun.DB
	// pools are PostgreSQL's; nil on SQLite.
	appPool, systemPool *pgxpool.Pool
	// lite are SQLite's prepared statements.
	lite     statements
	clock    func() time.Time
	enqueuer Enqueuer
	// hear is a test's; nil: nobody listens.
	hear func(statement string)
	// told hear of the audit events of every commit.
	told []func(ctx context.Context, events []identity.AuditEvent)
}

// Open connects. It doesn't migrate.
func Open(ctx context.Context, options Options) (*DB, error) {
	if path, isSQLite := strings.CutPrefix(options.URL, "sqlite:"); isSQLite {
		return openSQLite(ctx, path, options)
	}
	return openPostgres(ctx, options)
}

// OnMessages sets who delivers; without one, messages are only saved.
func (db *DB) OnMessages(enqueuer Enqueuer) { db.enqueuer = enqueuer }

// OnEvents adds somebody who is told after each commit that put events into an audit log, with the context of the transaction.
// They must not wait for anything, and be added before work begins.
func (db *DB) OnEvents(told func(ctx context.Context, events []identity.AuditEvent)) {
	db.told = append(db.told, told)
}

// IsPostgres tells which of the two databases this is.
func (db *DB) IsPostgres() bool { return db.systemPool != nil }

// SystemPool is PostgreSQL's pool of the system role; nil on SQLite.
func (db *DB) SystemPool() *pgxpool.Pool { return db.systemPool }

// SystemSQL is the database of the system role. On SQLite it is the one writing connection.
func (db *DB) SystemSQL() *sql.DB { return db.system.DB }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.reads.PingContext(ctx) }

// Close ends all connections.
func (db *DB) Close() error {
	db.lite.close()
	err := errors.Join(db.reads.Close(), db.app.Close())
	if db.system != db.app {
		err = errors.Join(err, db.system.Close())
	}
	if db.IsPostgres() {
		db.appPool.Close()
		db.systemPool.Close()
	}
	return err
}

// One connection writes and four read: SQLite has a single writer, and transactions that start as readers and turn into
// writers would fail as busy.
func openSQLite(ctx context.Context, path string, options Options) (*DB, error) {
	const pragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_pragma=cache_size(-8000)&_timezone=UTC"
	name := "file:" + (&url.URL{Path: path}).EscapedPath()
	writer, err := sql.Open("sqlite", name+pragmas+"&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	writer.SetMaxOpenConns(1)
	if err := writer.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	reader, err := sql.Open("sqlite", name+pragmas+"&_pragma=query_only(1)")
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	reader.SetMaxOpenConns(4)
	reader.SetMaxIdleConns(4)
	app, reads := open(writer, liteDialect{sqlitedialect.New()}), open(reader, liteDialect{sqlitedialect.New()})
	if options.Traced {
		app, reads = app.WithQueryHook(tracedStatements{}), reads.WithQueryHook(tracedStatements{})
	}
	return &DB{app: app, system: app, reads: reads, clock: options.Clock}, nil
}

// open reads a database. Columns that it doesn't know are from a later version, whose tables this one has to work with for as
// long as an upgrade takes.
func open(db *sql.DB, dialect schema.Dialect) *bun.DB {
	return bun.NewDB(db, dialect, bun.WithDiscardUnknownColumns())
}

func openPostgres(ctx context.Context, options Options) (*DB, error) {
	appPool, err := openPool(ctx, options.URL, "sleutelbos_app", options.Traced)
	if err != nil {
		return nil, err
	}
	systemURL := options.SystemURL
	if systemURL == "" {
		systemURL = options.URL
	}
	systemPool, err := openPool(ctx, systemURL, "sleutelbos_system", options.Traced)
	if err != nil {
		appPool.Close()
		return nil, err
	}
	app := open(stdlib.OpenDBFromPool(appPool), pgDialect{pgdialect.New()})
	system := open(stdlib.OpenDBFromPool(systemPool), pgDialect{pgdialect.New()})
	return &DB{app: app, reads: app, system: system, appPool: appPool, systemPool: systemPool, clock: options.Clock}, nil
}

// busyConnections is how many connections a pool may open where the URL doesn't say (pool_max_conns). Most wait for the
// database's disk, so there are more than processors; two pools of several processes must fit into PostgreSQL's 100.
const busyConnections = 12

// openPool makes a pool whose every connection works as the role, whoever logged in: a request never works as the owner
// of the tables.
func openPool(ctx context.Context, address, role string, traced bool) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, errors.New("open PostgreSQL: the database URL is malformed")
	}
	if !strings.Contains(address, "pool_max_conns") {
		config.MaxConns = max(config.MaxConns, busyConnections)
	}
	// bun writes values into the text, so that preparing each statement would be work for nothing.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	if traced {
		config.ConnConfig.Tracer = tracedStatements{}
	}
	config.AfterConnect = func(ctx context.Context, connection *pgx.Conn) error {
		// Instants are read in UTC, whatever zone the server process lives in.
		connection.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		if _, err := connection.Exec(ctx, "SET ROLE "+role); err != nil {
			return fmt.Errorf("work as %s (are the migrations up to date?): %w", role, err)
		}
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	return pool, nil
}
