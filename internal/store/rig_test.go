package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// noon is where every test's clock begins.
var noon = testrig.NewClock().Now()

// id makes ids that sort by their numbers.
func id(kind identity.Kind, number int) identity.ID {
	return identity.NewID(kind, noon.Add(time.Duration(number)*time.Millisecond), [10]byte{})
}

// hash stands for the hash of a token, a different one for every number.
func hash(number int) []byte { return fmt.Appendf(nil, "hash of token number %012d", number) }

func pointer[T any](value T) *T { return &value }

func within(t testing.TB, db testrig.Database, tenant identity.Tenant, work func(ctx context.Context, s *store.Scope) error) {
	t.Helper()
	if err := db.Within(t.Context(), tenant, func(s *store.Scope) error { return work(t.Context(), s) }); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, db testrig.Database, tenant identity.Tenant, work func(ctx context.Context, s *store.Scope) error) {
	t.Helper()
	if err := db.Read(t.Context(), tenant, func(s *store.Scope) error { return work(t.Context(), s) }); err != nil {
		t.Fatal(err)
	}
}

// organisationOf makes an organisation and its main user, unsaved. Numbers of organisations in one database differ.
func organisationOf(portal string, number int) (identity.Organisation, identity.User) {
	o := identity.Organisation{
		ID: id(identity.KindOrganisation, number), Portal: portal, Name: fmt.Sprintf("Organisation %d", number),
		MainUserID: id(identity.KindUser, number*1_000_000), CreatedAt: noon,
	}
	main := userOf(o, 0)
	main.Role = identity.SuperSubUser
	return o, main
}

// userOf makes a registered user, unsaved. Number 0 is the main user.
func userOf(o identity.Organisation, number int) identity.User {
	main := identity.ID("")
	for n := range 100 {
		if o.ID == id(identity.KindOrganisation, n) {
			main = id(identity.KindUser, n*1_000_000+number)
		}
	}
	return identity.User{
		ID: main, Portal: o.Portal, OrganisationID: o.ID, DisplayName: fmt.Sprintf("User %d", number),
		Email: identity.EmailAddress(fmt.Sprintf("user%d@example.nl", number)), Role: identity.SubUser,
		Registration: identity.Registered, CreatedAt: noon, CredentialVersion: 1, Language: "nl",
	}
}

func addOrganisation(t testing.TB, db testrig.Database, portal string, number int) identity.Organisation {
	t.Helper()
	o, main := organisationOf(portal, number)
	within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
		return errors.Join(s.AddOrganisation(ctx, o), s.AddUser(ctx, main))
	})
	return o
}

func addUser(t testing.TB, db testrig.Database, u identity.User) identity.User {
	t.Helper()
	within(t, db, identity.Tenant{Portal: u.Portal, Organisation: u.OrganisationID}, func(ctx context.Context, s *store.Scope) error {
		return s.AddUser(ctx, u)
	})
	return u
}

// owner opens the database as whoever owns its tables: what an operator with a console can do, and a thief of the disk.
func owner(t testing.TB, db testrig.Database) *sql.DB {
	t.Helper()
	var raw *sql.DB
	if file, isSQLite := strings.CutPrefix(db.URL, "sqlite:"); isSQLite {
		opened, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)&_txlock=immediate")
		if err != nil {
			t.Fatal(err)
		}
		raw = opened
	} else {
		config, err := pgxpool.ParseConfig(db.URL)
		if err != nil {
			t.Fatal(err)
		}
		raw = stdlib.OpenDB(*config.ConnConfig)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}

func execute(t testing.TB, raw *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := raw.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func count(t testing.TB, raw *sql.DB, query string) (n int) {
	t.Helper()
	if err := raw.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// race runs fifty at once, and counts those that won.
func race(t testing.TB, run func(racer int) (bool, error)) int {
	t.Helper()
	const racers = 50
	var finish sync.WaitGroup
	start, won := make(chan struct{}), make(chan bool, racers)
	for racer := range racers {
		finish.Go(func() {
			<-start
			first, err := run(racer)
			if err != nil {
				t.Errorf("racer %d: %v", racer, err)
			}
			won <- first
		})
	}
	close(start)
	finish.Wait()
	close(won)
	winners := 0
	for first := range won {
		if first {
			winners++
		}
	}
	return winners
}

func wantRefusal(t testing.TB, err error, code identity.Code) {
	t.Helper()
	refusals, refused := identity.Refusals(err)
	if !refused || refusals[0].Code != code {
		t.Errorf("answered %v, want the refusal %s", err, code)
	}
}

func wantFault(t testing.TB, err error) {
	t.Helper()
	if _, refused := identity.Refusals(err); err == nil || refused {
		t.Errorf("answered %v, want a fault", err)
	}
}
