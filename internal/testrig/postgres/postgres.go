// Package postgres gives tests a real PostgreSQL, and each test a database of
// its own.
//
// The server is the one TEST_POSTGRES_URL names (a superuser's URL); else a
// throw-away cluster made with the machine's own initdb and postgres, one per
// test process, gone with the process however that ends. «make test» starts
// one for the whole run and hands it to every test binary in that variable.
//
// A test asks for a database and gets a copy of a template that was filled
// once:
//
//	url := postgres.Database(t, digestOfTheMigrations, migrate)
//
// Where no PostgreSQL can be had the test is skipped with the reason, except
// under CI=true: there it fails, so that a green build always means both
// databases.
package postgres

import (
	"maps"
	"os"
	"sync"
	"testing"
)

// Variable names the environment variable with the URL of a superuser on the
// PostgreSQL server that tests may create databases and roles on.
const Variable = "TEST_POSTGRES_URL"

// URL returns the administrator's URL of the server that this process's tests
// share: a superuser, connected to a database that is no test's own. Without a
// server it skips t, or fails it under CI=true.
func URL(t testing.TB) string {
	t.Helper()
	url, err := Cluster()
	if err == nil {
		return url
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("PostgreSQL is required under CI=true: %v", err)
	}
	t.Skipf("skipped, for want of PostgreSQL (set %s, or install it): %v", Variable, err)
	return ""
}

// Cluster returns the administrator's URL as URL does, for callers without a
// test at hand, such as a benchmark's set-up. The cluster is started at the
// first call; every later call returns the same answer.
func Cluster() (adminURL string, err error) { return shared() }

var shared = sync.OnceValues(func() (string, error) {
	if url := os.Getenv(Variable); url != "" {
		return url, nil
	}
	return start(quickFolder(), settings)
})

// Durable starts a cluster of this process's own whose commits are on the disk
// when they return, for measuring: what a test runs on is faster than that. It
// returns the administrator's URL.
func Durable() (adminURL string, err error) {
	together := maps.Clone(settings)
	maps.Copy(together, durable)
	return start("", together)
}
