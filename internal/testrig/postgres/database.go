package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Fill makes an empty database into a template, by migrations as a rule. The
// url is a superuser's. It must have closed its connections when it returns,
// and roles it creates are the server's: it must tolerate that they exist.
type Fill func(ctx context.Context, url string) error

// Database returns a superuser's URL of a fresh database with the template's
// contents, dropped when t ends, whoever is still connected.
//
// The template is filled once per server and version, however many tests and
// test processes ask at the same time. So version must change with whatever
// fill depends on: a digest of the migrations does. Without a server t is
// skipped or fails, as with URL.
func Database(t testing.TB, version string, fill Fill) string {
	t.Helper()
	admin := URL(t)
	ctx := context.Background()
	source, err := template(ctx, admin, version, fill)
	if err != nil {
		t.Fatalf("prepare the template database: %v", err)
	}
	name := "sleutelbos_test_" + strings.ToLower(rand.Text())
	if err := execute(ctx, admin, "CREATE DATABASE "+name+" TEMPLATE "+source); err != nil {
		t.Fatalf("copy the template database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(ctx, admin, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return named(admin, name)
}

// templates remembers what this process found or made, by version, so that it
// looks once.
var templates sync.Map // of func() (string, error)

// template returns what CREATE DATABASE copies from: the version's template,
// filled if it wasn't, and how.
func template(ctx context.Context, admin, version string, fill Fill) (source string, err error) {
	once := sync.OnceValues(func() (string, error) { return prepare(ctx, admin, version, fill) })
	prepared, _ := templates.LoadOrStore(version, once)
	return prepared.(func() (string, error))()
}

// prepare fills the version's template unless another process has. Processes
// that come meanwhile wait: the lock is in the admin database they share.
func prepare(ctx context.Context, admin, version string, fill Fill) (source string, err error) {
	digest := sha256.Sum256([]byte(version))
	name := "sleutelbos_template_" + hex.EncodeToString(digest[:8])
	connection, err := pgx.Connect(ctx, admin)
	if err != nil {
		return "", fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, connection.Close(ctx)) }()
	if _, err := connection.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return "", fmt.Errorf("wait for the template's turn: %w", err)
	}
	var ready, chooses bool
	err = connection.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate),
			current_setting('server_version_num')::int >= 150000`, name).Scan(&ready, &chooses)
	if err != nil {
		return "", fmt.Errorf("look for the template: %w", err)
	}
	if !ready {
		err = create(ctx, connection, admin, name, fill)
	}
	if chooses { // before 15 there was no other way
		name += " STRATEGY FILE_COPY" // 23 ms to create and drop, 42 with WAL_LOG
	}
	return name, err
}

// create makes and fills the template. It is marked as one last: what a killed process
// left half-made is not, and is made anew.
func create(ctx context.Context, connection *pgx.Conn, admin, name string, fill Fill) error {
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		if _, err := connection.Exec(ctx, statement); err != nil {
			return fmt.Errorf("create: %w", err)
		}
	}
	if err := fill(ctx, named(admin, name)); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	if _, err := connection.Exec(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true ALLOW_CONNECTIONS false"); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}

// execute runs one statement that can't share a transaction, such as CREATE
// DATABASE, on a connection of its own.
func execute(ctx context.Context, admin, statement string) (err error) {
	connection, err := pgx.Connect(ctx, admin)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, connection.Close(ctx)) }()
	_, err = connection.Exec(ctx, statement)
	return err
}

// named returns admin's URL with another database in it.
func named(admin, database string) string {
	parsed, err := url.Parse(admin)
	if err != nil {
		panic(Variable + " was connected to and doesn't parse") // never its text: it may hold a password
	}
	parsed.Path = "/" + database
	return parsed.String()
}
