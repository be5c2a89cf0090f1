package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/postgres"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func TestABackupIsRestoredAndItsAuditLogVerifies(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := rig.New(t, db)
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		folder := t.TempDir()
		restored := "sqlite:" + filepath.Join(folder, "restored.db")
		if db.IsPostgres() {
			restored = throughDump(t, db.URL, filepath.Join(folder, "dump"))
		} else if _, err := db.SystemSQL().Exec("VACUUM INTO '" + strings.TrimPrefix(restored, "sqlite:") + "'"); err != nil {
			t.Fatal(err)
		}
		verify := func(url string) string {
			var out strings.Builder
			code := execute(context.Background(), shell{&out, &out, []string{"SLEUTELBOS_DATABASE_URL=" + url, "SLEUTELBOS_PORTALS=../../portals"}}, []string{"audit", "verify"})
			if code != 0 || !strings.Contains(out.String(), "events, unbroken") {
				t.Errorf("exit %d: %s", code, out.String())
			}
			return out.String()
		}
		if before, after := verify(db.URL), verify(restored); before != after {
			t.Errorf("before %s\nafter %s", before, after)
		}
	})
}

// throughDump dumps a database with PostgreSQL's own programs, restores it into an empty one, and answers that one's URL.
func throughDump(t *testing.T, url, file string) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		found = []string{""}
	}
	program := func(name string, arguments ...string) {
		path := filepath.Join(found[len(found)-1], name)
		if _, err := os.Stat(path); err != nil {
			path = name
		}
		if said, err := exec.CommandContext(t.Context(), path, arguments...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, said)
		}
	}
	plain := func(url string) string {
		before, _, _ := strings.Cut(url, "pool_max_conns")
		return strings.TrimRight(before, "?&")
	}
	empty := postgres.Database(t, "nothing applied", func(context.Context, string) error { return nil })
	program("pg_dump", "--format=custom", "--file="+file, "--dbname="+plain(url))
	program("pg_restore", "--no-owner", "--exit-on-error", "--dbname="+plain(empty), file)
	return empty
}
