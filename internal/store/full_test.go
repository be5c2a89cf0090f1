package store_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestAFullDiskIsAFaultThatLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	db := testrig.NewSQLite(t, testrig.NewClock())
	h := settle(t, db, "p", 1)
	writer := db.SystemSQL() // the one connection that writes
	if writer.Stats().MaxOpenConnections != 1 {
		t.Fatal("SQLite has more than one writing connection")
	}
	execute(t, writer, "PRAGMA max_page_count = 1") // which means: as many as there are
	raw := owner(t, db)
	before := contents(t, db, raw)
	fill := func() error {
		return db.Within(t.Context(), h.organisation.Tenant(), func(s *store.Scope) error {
			for number := range 1000 {
				s.Record(eventOf(h.organisation, number))
				u := userOf(h.organisation, number+10)
				u.DisplayName = strings.Repeat("x", 1000)
				if err := s.AddUser(t.Context(), u); err != nil {
					return err
				}
			}
			return nil
		})
	}
	wantFault(t, fill())
	wantFault(t, fill())
	if difference := cmp.Diff(before, contents(t, db, raw)); difference != "" {
		t.Errorf("something was left half done:\n%s", difference)
	}
	read(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
		return second(s.User(ctx, h.user.ID))
	})
	if _, found, err := db.VisitorByToken(t.Context(), "p", hash(1)); !found || err != nil {
		t.Errorf("nobody is let in while the disk is full: %t, %v", found, err)
	}
	execute(t, writer, "PRAGMA max_page_count = 1000000")
	if err := fill(); err != nil {
		t.Errorf("once there is room again: %v", err)
	}
}

func TestADatabaseThatCannotBeWrittenIsAFaultAndGoesOnReading(t *testing.T) {
	t.Parallel()
	db := testrig.NewSQLite(t, testrig.NewClock())
	h := settle(t, db, "p", 1)
	execute(t, db.SystemSQL(), "PRAGMA query_only = 1")
	err := db.Within(t.Context(), h.organisation.Tenant(), func(s *store.Scope) error {
		return s.AddUser(t.Context(), userOf(h.organisation, 9))
	})
	wantFault(t, err)
	read(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
		return second(s.User(ctx, h.user.ID))
	})
}

func TestADatabaseThatIsGoneIsAFault(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		if err := db.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		end()
		work := func(*store.Scope) error { return nil }
		_, found, visitor := db.VisitorByToken(ctx, "p", hash(1))
		_, account := db.AccountNamed(ctx, "p", identifiersOf(h.user)[0])
		for _, err := range []error{
			db.Within(ctx, h.organisation.Tenant(), work), db.Read(ctx, h.organisation.Tenant(), work), visitor, account,
			db.ForgetFailures(ctx, "p", hash(1)), db.SawSession(ctx, sessionOf(h.user, 1), noon),
		} {
			wantFault(t, err)
		}
		if found {
			t.Error("somebody is let in by a database that doesn't answer")
		}
	})
}

func TestSQLiteIsOpenedWhateverItsFileIsCalled(t *testing.T) {
	t.Chdir(t.TempDir()) // so not in parallel
	for _, path := range []string{"relative.db", "with space.db", "100%.db", "a?b#c.db", "ë.db"} {
		if err := store.Migrate(t.Context(), "sqlite:"+path); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: the file has another name: %v", path, err)
		}
	}
}

func TestANameIsCountedAndForgotten(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		policy := identity.LockoutPolicy{FreeAttempts: 2, PasswordLimit: 2, PasswordLockedFor: 1, CodeLimit: 1}
		try := func(portal string) (store.Account, identity.Failures, error) {
			return db.TryPassword(t.Context(), portal, identifiersOf(h.user)[0], []byte("subject"), policy.AdmitPassword, policy.AfterPassword)
		}
		for count := 1; count <= 2; count++ {
			account, counted, err := try("p")
			if account.PasswordHash != "a hash" || account.User != h.user.ID || counted != (identity.Failures{Count: count, LastAt: noon}) || err != nil {
				t.Errorf("try %d leads to %+v, counted as %+v (%v)", count, account, counted, err)
			}
		}
		account, _, err := try("p")
		wantRefusal(t, err, identity.TooManyAttempts)
		if account != (store.Account{}) {
			t.Errorf("a refused try leads to %+v", account)
		}
		if _, _, err := try("q"); err != nil {
			t.Errorf("a portal counts what was tried in another: %v", err)
		}
		if err := db.ForgetFailures(t.Context(), "p", []byte("subject")); err != nil {
			t.Fatal(err)
		}
		if _, counted, err := try("p"); counted.Count != 1 || err != nil {
			t.Errorf("counted as %+v (%v) after it was forgotten, want the first", counted, err)
		}
	})
}
