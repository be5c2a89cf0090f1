package store_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/postgres"
)

func TestProcessesThatMigrateAtOnceAllSucceed(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		migrateAtOnce(t, "sqlite:"+filepath.Join(t.TempDir(), "fresh.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		empty := func(context.Context, string) error { return nil }
		migrateAtOnce(t, postgres.Database(t, "empty", empty))
	})
}

func migrateAtOnce(t *testing.T, url string) {
	t.Helper()
	before, err := store.MigrationStatus(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range before {
		if step.Applied {
			t.Errorf("%s is applied to an empty database", step.Name)
		}
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := store.Migrate(t.Context(), url); err != nil {
				t.Errorf("migrate: %v", err)
			}
		})
	}
	all.Wait()
	after, err := store.MigrationStatus(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if len(after) == 0 || len(after) != len(before) {
		t.Errorf("%d migrations, want as many as before: %d", len(after), len(before))
	}
	for _, step := range after {
		if !step.Applied {
			t.Errorf("%s is not applied", step.Name)
		}
	}
}

func TestADatabaseIsReadyWithEveryMigrationThatTheBinaryKnowsAndLaterOnes(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		if err := db.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		raw := owner(t, db)
		execute(t, raw, "INSERT INTO bun_migrations (name, group_id) VALUES ('9999', 1)")
		if err := db.Ready(t.Context()); err != nil {
			t.Error("with a migration of a binary to come:", err)
		}
		execute(t, raw, "DELETE FROM bun_migrations WHERE name = '0002'")
		if err := db.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "lacks 1 of") {
			t.Error("without one that it needs:", err)
		}
	})
}

// breaking is what a statement can't do without breaking the binary before, which goes on serving while it is run: take
// away or rename what that one uses, or ask for a value that it doesn't give.
var breaking = regexp.MustCompile(`(?is)\bDROP\s+(TABLE|COLUMN)|\bRENAME\b|\bSET\s+NOT\s+NULL|\bADD\s+COLUMN\s+\w+[^;]*\bNOT\s+NULL\b`)

func TestNoMigrationBreaksTheBinaryBefore(t *testing.T) {
	t.Parallel()
	seen := 0
	err := fs.WalkDir(os.DirFS("../../migrations"), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".up.sql") {
			return err
		}
		seen++
		text, err := os.ReadFile("../../migrations/" + path)
		for _, statement := range strings.Split(string(text), "--bun:split") {
			for line := range strings.SplitSeq(statement, ";") {
				if breaking.MatchString(line) && !strings.Contains(line, "DEFAULT") {
					t.Errorf("%s: the binary before goes on serving, and this breaks it: %s", path, line)
				}
			}
		}
		return err
	})
	if err != nil || seen < 40 {
		t.Errorf("%d migrations were read, %v", seen, err)
	}
}
