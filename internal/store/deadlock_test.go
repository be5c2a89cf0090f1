package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestATransactionThatLostADeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	db := testrig.NewPostgres(t, testrig.NewClock())
	o := addOrganisation(t, db, "p", 1)
	first, second := addUser(t, db, userOf(o, 1)), addUser(t, db, userOf(o, 2))
	var met sync.WaitGroup
	met.Add(2)
	runs := make(chan int, 10)
	swap := func(a, b identity.User) func() error {
		return func() error {
			run := 0
			return db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				run++
				runs <- run
				if _, err := s.LockUser(t.Context(), a.ID); err != nil {
					return err
				}
				if run == 1 { // both hold their first user before either asks for the other's
					met.Done()
					met.Wait()
				}
				u, err := s.LockUser(t.Context(), b.ID)
				if err != nil {
					return fmt.Errorf("lock the second user: %w", err)
				}
				u.CredentialVersion++
				return s.SaveUser(t.Context(), u)
			})
		}
	}
	ended := make(chan error, 2)
	for _, work := range []func() error{swap(first, second), swap(second, first)} {
		go func() { ended <- work() }()
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Errorf("a transaction that only met another failed: %v", err)
		}
	}
	if len(runs) < 3 {
		t.Errorf("the two transactions ran %d times, want 3 or more: the loser again", len(runs))
	}
	for _, u := range []identity.User{first, second} {
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			got, err := s.User(ctx, u.ID)
			if got.CredentialVersion != 2 {
				t.Errorf("user %s was changed %d times, want once", u.ID, got.CredentialVersion-1)
			}
			return err
		})
	}
}
