package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/migrate"

	"github.com/sleutelbos/sleutelbos/migrations"
)

// Migration is one step of the database's shape.
type Migration struct {
	Name    string
	Applied bool
}

// Migrate brings the database's shape up to date: forward only, each file in a transaction of its own. On PostgreSQL it
// works as whoever the URL logs in as, who becomes the owner of the tables. Several processes may call it at once; one
// works and the others wait.
func Migrate(ctx context.Context, address string) error {
	return withMigrator(ctx, address, func(migrator *migrate.Migrator) error {
		for left := -1; ; {
			steps, err := status(ctx, migrator)
			if err != nil {
				return err
			}
			before := left
			left = len(steps.Unapplied())
			if _, err = migrator.Migrate(ctx); err == nil {
				return nil
			}
			// Where another process is at the same steps, it was faster; its steps are applied, and these go on behind them.
			if left == before {
				return fmt.Errorf("migrate: %w", err)
			}
		}
	})
}

func status(ctx context.Context, migrator *migrate.Migrator) (migrate.MigrationSlice, error) {
	if err := migrator.Init(ctx); err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	steps, err := migrator.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which migrations are applied: %w", err)
	}
	return steps, nil
}

// MigrationStatus lists the migrations and which are applied.
func MigrationStatus(ctx context.Context, address string) ([]Migration, error) {
	var all []Migration
	err := withMigrator(ctx, address, func(migrator *migrate.Migrator) error {
		steps, err := status(ctx, migrator)
		for _, step := range steps {
			all = append(all, Migration{Name: step.Name + "_" + step.Comment, Applied: step.IsApplied()})
		}
		return err
	})
	return all, err
}

func withMigrator(ctx context.Context, address string, fn func(*migrate.Migrator) error) error {
	if path, isSQLite := strings.CutPrefix(address, "sqlite:"); isSQLite {
		db, err := openSQLite(ctx, path, Options{})
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }()
		return runMigrator(db.app, migrations.SQLite, "sqlite", fn)
	}
	config, err := pgxpool.ParseConfig(address) // the server's URL may say how large its pools are
	if err != nil {
		return errors.New("open PostgreSQL: the database URL is malformed")
	}
	db := stdlib.OpenDB(*config.ConnConfig)
	defer func() { _ = db.Close() }()
	return withAdvisoryLock(ctx, db, func() error {
		return runMigrator(open(db, pgdialect.New()), migrations.Postgres, "postgres", fn)
	})
}

// migrationLock is an arbitrary number that all migrating processes agree on.
const migrationLock = 7_588_353

func withAdvisoryLock(ctx context.Context, db *sql.DB, fn func() error) error {
	connection, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open PostgreSQL: %w", err)
	}
	defer func() { _ = connection.Close() }() // which frees the lock too
	if _, err := connection.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("wait for other migrations: %w", err)
	}
	defer func() { _, _ = connection.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", migrationLock) }()
	return fn()
}

// Ready tells whether the database answers and has every migration that this binary knows. It may have later ones: those
// are for binaries to come.
func (db *DB) Ready(ctx context.Context) error {
	if err := db.Ping(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	steps, err := discover(migrations.SQLite, "sqlite")
	pool := db.reads
	if db.IsPostgres() {
		steps, err = discover(migrations.Postgres, "postgres")
		pool = db.system
	}
	if err != nil {
		return err
	}
	var names []string
	for _, step := range steps.Sorted() {
		names = append(names, step.Name)
	}
	applied, err := pool.NewSelect().TableExpr("bun_migrations").Where("name IN (?)", bun.List(names)).Count(ctx)
	if err != nil {
		return fmt.Errorf("read which migrations are applied: %w", err)
	}
	if lacking := len(names) - int(applied); lacking > 0 {
		return fmt.Errorf("the database lacks %d of %d migrations", lacking, len(names))
	}
	return nil
}

// discover reads the migrations of one kind of database.
func discover(files fs.FS, folder string) (*migrate.Migrations, error) {
	steps := migrate.NewMigrations()
	under, err := fs.Sub(files, folder)
	if err == nil {
		err = steps.Discover(under)
	}
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return steps, nil
}

func runMigrator(db *bun.DB, files fs.FS, folder string, fn func(*migrate.Migrator) error) error {
	steps, err := discover(files, folder)
	if err != nil {
		return err
	}
	return fn(migrate.NewMigrator(db, steps, migrate.WithMarkAppliedOnSuccess(true), migrate.WithUpsert(true),
		migrate.AfterMigration(finish)))
}

// wordsMigration makes the table of names' words, which SQL alone can't fill.
const wordsMigration = "0020"

// finish does what belongs to a migration besides its file, in its transaction.
func finish(ctx context.Context, tx bun.IConn, migration *migrate.Migration) error {
	if migration.Name == wordsMigration {
		within, is := tx.(bun.IDB)
		if !is {
			return fmt.Errorf("migrate: %T runs no queries", tx)
		}
		if err := fillWords(ctx, within); err != nil {
			return err
		}
	}
	return markApplied(ctx, tx, migration)
}

// markApplied notes a migration in its own transaction: a process that dies between the two would leave a database that
// can't be migrated any further. The migrator notes it once more afterwards, which changes nothing.
func markApplied(ctx context.Context, tx bun.IConn, migration *migrate.Migration) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO bun_migrations (name, group_id) VALUES (?, ?)", migration.Name, migration.GroupID)
	if err != nil {
		return fmt.Errorf("note the migration: %w", err)
	}
	return nil
}
