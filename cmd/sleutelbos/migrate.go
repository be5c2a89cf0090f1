package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

var migrateCommand = command{
	name: "migrate", summary: "bring the database's shape up to date", arguments: "[status]",
	about: `
Applies the migrations that the database lacks; «migrate status» lists them and changes nothing. Forward only, and safe
while the version before is still serving. It works as whoever SLEUTELBOS_DATABASE_SYSTEM_URL logs in as, who becomes the
owner of the tables. On SQLite serve does it by itself.`,
	run: func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		status := len(arguments) > 0 && arguments[0] == "status"
		if status {
			arguments = arguments[1:]
		}
		if err := parse(flags, arguments); err != nil {
			return err
		}
		c, err := config.Load(sh.environ)
		if err != nil {
			return err
		}
		if !status {
			if err := migrate(ctx, c); err != nil {
				return err
			}
		}
		return printMigrations(ctx, sh, c)
	},
}

func printMigrations(ctx context.Context, sh shell, c config.Config) error {
	steps, err := migrations(ctx, c)
	for _, step := range steps {
		state := "pending"
		if step.Applied {
			state = "applied"
		}
		fmt.Fprintf(sh.stdout, "%s  %s\n", state, step.Name)
	}
	return err
}

// migrate applies what is pending.
func migrate(ctx context.Context, c config.Config) error {
	if err := makeFolder(c); err != nil {
		return err
	}
	return store.Migrate(ctx, c.System.Reveal())
}

// upToDate refuses a database that lacks migrations.
func upToDate(ctx context.Context, c config.Config) error {
	steps, err := migrations(ctx, c)
	if err != nil {
		return err
	}
	pending := 0
	for _, step := range steps {
		if !step.Applied {
			pending++
		}
	}
	if pending > 0 {
		return fmt.Errorf("the database lacks %d of %d migrations: run «sleutelbos migrate» first", pending, len(steps))
	}
	return nil
}

func migrations(ctx context.Context, c config.Config) ([]store.Migration, error) {
	if err := makeFolder(c); err != nil {
		return nil, err
	}
	return store.MigrationStatus(ctx, c.System.Reveal())
}

// makeFolder makes the folder of a SQLite database, for nobody but us.
func makeFolder(c config.Config) error {
	file, isSQLite := strings.CutPrefix(c.Database.Reveal(), "sqlite:")
	if !isSQLite {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	return nil
}
