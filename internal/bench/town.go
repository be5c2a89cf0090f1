package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	_ "embed" // the seeds
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"modernc.org/sqlite"

	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig/postgres"
)

// The databases.
const (
	postgresql = "postgres"
	sqlite3    = "sqlite"
)

// The portal of portal/bench.yaml, and everybody's password.
const (
	portalSlug = "bench"
	portalHost = "bench.example"
	password   = "Sleutel-bos 4711 Kade"
)

// town is a database full of people.
type town struct {
	kind string
	// url is the owner's.
	url string
	// organisations of size users each.
	organisations, size int
}

// census says who is to live in a town.
type census struct {
	name                string
	organisations, size int
	// factors that each user has; "" for none.
	factors string
}

var (
	//go:embed seed/postgres.sql
	seedPostgres string
	//go:embed seed/sqlite.sql
	seedSQLite string
)

// land is where towns are built: a folder, and a PostgreSQL server.
type land struct {
	folder string
	// server is a superuser's URL; "" where no PostgreSQL is measured.
	server string
}

func newLand(s settings) (land, error) {
	folder, err := os.MkdirTemp("", "sleutelbos-bench-")
	if err != nil {
		return land{}, fmt.Errorf("make a folder: %w", err)
	}
	l := land{folder: folder, server: s.postgres}
	if l.server == "" && s.measures(postgresql) {
		if l.server, err = postgres.Durable(); err != nil {
			return l, errors.Join(err, l.leave())
		}
	}
	return l, nil
}

func (l land) leave() error { return os.RemoveAll(l.folder) }

// build makes a migrated database and fills it.
func (l land) build(ctx context.Context, kind string, c census) (town, error) {
	t := town{kind: kind, organisations: c.organisations, size: c.size}
	hash, err := secret.NewHasher(secret.HasherOptions{}).Hash(ctx, password)
	if err != nil {
		return t, err
	}
	words := strings.NewReplacer("ORGANISATIONS", strconv.Itoa(c.organisations), "SIZE", strconv.Itoa(c.size),
		"PASSWORD_HASH", hash, "FACTOR_KINDS", c.factors)
	if kind == sqlite3 {
		file := filepath.Join(l.folder, c.name+".db")
		t.url = "sqlite:" + file
		err = fillSQLite(ctx, file, words.Replace(seedSQLite))
	} else {
		t.url, err = fillPostgres(ctx, l.server, c.name, words.Replace(seedPostgres))
	}
	if err != nil {
		return t, fmt.Errorf("build the database %s (%s): %w", c.name, kind, err)
	}
	return t, nil
}

func fillPostgres(ctx context.Context, server, name, seed string) (address string, err error) {
	name = "sleutelbos_bench_" + name + "_" + strings.ToLower(rand.Text()[:8])
	if err := execute(ctx, server, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	parsed, err := url.Parse(server)
	if err != nil {
		return "", errors.New("the PostgreSQL URL doesn't parse")
	}
	parsed.Path = "/" + name
	if err := store.Migrate(ctx, parsed.String()); err != nil {
		return "", err
	}
	return parsed.String(), execute(ctx, parsed.String(), seed, "VACUUM (ANALYZE)", "CHECKPOINT")
}

// execute runs texts of one or more statements, each on its own.
func execute(ctx context.Context, address string, texts ...string) (err error) {
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, connection.Close(ctx)) }()
	for _, text := range texts {
		if _, err := connection.PgConn().Exec(ctx, text).ReadAll(); err != nil {
			return fmt.Errorf("execute %.60q: %w", text, err)
		}
	}
	return nil
}

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("sha256", 1, func(_ *sqlite.FunctionContext, given []driver.Value) (driver.Value, error) {
		var sum [sha256.Size]byte
		switch text := given[0].(type) {
		case string:
			sum = sha256.Sum256([]byte(text))
		case []byte:
			sum = sha256.Sum256(text)
		default:
			return nil, errors.New("sha256 is of text or bytes")
		}
		return sum[:], nil
	})
}

func fillSQLite(ctx context.Context, file, seed string) (err error) {
	if err := store.Migrate(ctx, "sqlite:"+file); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=cache_size(-200000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	connection, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	if _, err := connection.ExecContext(ctx, seed); err != nil {
		return err
	}
	_, err = connection.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, connection.Close())
}

// token is the cookie of user n's session; users are counted from 1.
func token(n int) string {
	sum := sha256.Sum256([]byte("session " + strconv.Itoa(n)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// visitors is how many different people ask, in a small town and in a large one.
const visitors = 1000

// mainUsers are those of organisations all over the town, and users are all sorts of people.
func (t town) mainUsers() []int {
	var all []int
	for i := range min(visitors, t.organisations) {
		all = append(all, scattered(i, t.organisations)*t.size+1)
	}
	return all
}

func (t town) users() []int {
	var all []int
	for i := range min(visitors, t.organisations*t.size) {
		all = append(all, scattered(i, t.organisations*t.size)+1)
	}
	return all
}

// scattered is the i-th of numbers below n that lie as far apart as can be, in no order, and don't repeat.
func scattered(i, n int) int {
	step := int(float64(n) / math.Phi)
	for gcd(step, n) != 1 {
		step++
	}
	return i * step % n
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
