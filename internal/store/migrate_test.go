package store_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/store"
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
