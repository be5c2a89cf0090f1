package testrig

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig/postgres"
	"github.com/sleutelbos/sleutelbos/migrations"
)

// Database is a fresh and migrated database of a test's own, open until the test ends.
type Database struct {
	*store.DB
	// URL opens it once more. On PostgreSQL it is a superuser's, who owns the tables and stands above their walls.
	URL string
	// Clock is what the database takes for the time.
	Clock *Clock
}

// OnBoth runs a test on SQLite and on PostgreSQL, as two subtests in parallel.
func OnBoth(t *testing.T, test func(t *testing.T, db Database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, NewSQLite(t, NewClock()))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, NewPostgres(t, NewClock()))
	})
}

// NewSQLite makes a database in a file that is gone when the test ends. A nil clock is the database's own.
func NewSQLite(t testing.TB, clock *Clock) Database {
	t.Helper()
	migrated, err := template()
	if err != nil {
		t.Fatalf("prepare the template database: %v", err)
	}
	file := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(file, migrated, 0o600); err != nil {
		t.Fatalf("copy the template database: %v", err)
	}
	return open(t, "sqlite:"+file, clock)
}

// NewPostgres makes a database on the PostgreSQL server that tests share; without a server it skips the test, or under
// CI=true fails it. A nil clock is the database's own.
func NewPostgres(t testing.TB, clock *Clock) Database {
	t.Helper()
	address := postgres.Database(t, digestOf(t, migrations.Postgres), store.Migrate)
	return open(t, withConnections(t, address, 50), clock)
}

// Open opens the database once more, as a second server process would.
func (d Database) Open(t testing.TB) Database {
	t.Helper()
	return open(t, d.URL, d.Clock)
}

func open(t testing.TB, address string, clock *Clock) Database {
	t.Helper()
	options := store.Options{URL: address}
	if clock != nil {
		options.Clock = clock.Now
	}
	db, err := store.Open(context.Background(), options)
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the test's database: %v", err)
		}
	})
	return Database{DB: db, URL: address, Clock: clock}
}

// template is a migrated and empty SQLite database, as the bytes of its file.
var template = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "sleutelbos-template-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "template.db")
	if err := store.Migrate(context.Background(), "sqlite:"+file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// withConnections lets the pools grow until a race of that many goroutines is one.
func withConnections(t testing.TB, address string, most int) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal("the test database's URL doesn't parse")
	}
	query := parsed.Query()
	query.Set("pool_max_conns", fmt.Sprint(most))
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

// digestOf changes with every change of the files.
func digestOf(t testing.TB, files embed.FS) string {
	t.Helper()
	digest := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := files.ReadFile(path)
		fmt.Fprintf(digest, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		t.Fatalf("read the migrations: %v", err)
	}
	return hex.EncodeToString(digest.Sum(nil))
}
