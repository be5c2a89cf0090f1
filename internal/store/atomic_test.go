package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// enqueuer is an outbox that sees the transaction.
type enqueuer func(ctx context.Context, tx *sql.Tx) error

func (e enqueuer) EnqueueImport(ctx context.Context, tx *sql.Tx, _ string, _ identity.ID) error {
	return e(ctx, tx)
}

func (e enqueuer) EnqueueChecks(ctx context.Context, tx *sql.Tx, _ identity.Tenant, _ []identity.ID) error {
	return e(ctx, tx)
}

func (e enqueuer) Enqueue(ctx context.Context, tx *sql.Tx, _ identity.Tenant, _ []identity.ID) error {
	return e(ctx, tx)
}

// everythingAtOnce is a row, an event and a message.
func everythingAtOnce(ctx context.Context, s *store.Scope, o identity.Organisation) error {
	u := userOf(o, 1)
	s.Record(eventOf(o, 1))
	s.Tell(messageOf(u, 1), nil)
	return s.AddUser(ctx, u)
}

func TestATransactionIsSavedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	refusal := identity.Refuse(identity.InvalidCode)
	broken := errors.New("the mail server's cable is out")
	for _, end := range []struct {
		name    string
		answer  error // of the work
		outbox  error
		want    error
		isSaved bool
	}{
		{"success", nil, nil, nil, true},
		{"a refusal", refusal, nil, refusal, false},
		{"a fault", broken, nil, broken, false},
		{"a kept refusal", store.Keep(refusal), nil, refusal, true},
		{"a kept refusal, wrapped", fmt.Errorf("prove a factor: %w", store.Keep(refusal)), nil, refusal, true},
		{"a kept refusal, joined to a fault", errors.Join(store.Keep(refusal), broken), nil, broken, false},
		{"an outbox that fails", nil, broken, broken, false},
		{"an outbox that fails after a kept refusal", store.Keep(refusal), broken, broken, false},
	} {
		t.Run(end.name, func(t *testing.T) {
			t.Parallel()
			testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
				o := addOrganisation(t, db, "p", 1)
				raw := owner(t, db)
				before := contents(t, db, raw)
				db.OnMessages(enqueuer(func(context.Context, *sql.Tx) error { return end.outbox }))
				err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
					if err := everythingAtOnce(t.Context(), s, o); err != nil {
						return err
					}
					return end.answer
				})
				if !errors.Is(err, end.want) || end.want == nil && err != nil {
					t.Errorf("answered %v, want %v", err, end.want)
				}
				// A user, the two words of their name, an event, the head of the chain, and a message.
				added := len(contents(t, db, raw)) - len(before)
				if want := map[bool]int{true: 6}[end.isSaved]; added != want {
					t.Errorf("%d rows were added, want %d", added, want)
				}
			})
		})
	}
}

func TestAPanicSavesNothingAndLeavesTheDatabaseUsable(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		raw := owner(t, db)
		before := contents(t, db, raw)
		func() {
			defer func() { _ = recover() }()
			_ = db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				_ = everythingAtOnce(t.Context(), s, o)
				panic("a bug")
			})
		}()
		if difference := cmp.Diff(before, contents(t, db, raw)); difference != "" {
			t.Errorf("a panic saved something:\n%s", difference)
		}
		addUser(t, db, userOf(o, 2))
	})
}

func TestMessagesAreHandedToTheOutboxInTheSameTransaction(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		asked := 0
		db.OnMessages(enqueuer(func(ctx context.Context, tx *sql.Tx) error {
			asked++
			var users, messages int
			err := tx.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM messages)").Scan(&users, &messages)
			if users != 2 || messages != 1 {
				t.Errorf("the outbox sees %d users and %d messages, want what the transaction wrote: 2 and 1", users, messages)
			}
			return err
		}))
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return everythingAtOnce(ctx, s, o) })
		within(t, db, o.Tenant(), func(_ context.Context, s *store.Scope) error {
			s.Record(eventOf(o, 2)) // nothing is told
			return nil
		})
		if asked != 1 {
			t.Errorf("the outbox was asked %d times, want once", asked)
		}
	})
}

func TestAMessageIsSettledOnceAndForgetsItsToken(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		settled := messageOf(h.user, 1)
		settle := func(state store.MessageState) {
			within(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
				return s.SettleMessage(ctx, settled, state, "550 no such user")
			})
		}
		refused := func() bool {
			var u identity.User
			read(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) (err error) {
				u, err = s.User(ctx, h.user.ID)
				return err
			})
			return u.EmailRefusedAt != nil
		}
		settle(store.MessageRefused)
		if !refused() {
			t.Error("the user's address doesn't show that it was refused")
		}
		settle(store.MessageDelivered)
		if refused() {
			t.Error("the user's address still shows as refused after one was delivered")
		}
		raw := owner(t, db)
		if n := count(t, raw, "SELECT count(*) FROM messages WHERE state = 'REFUSED' AND sealed_token IS NULL AND refusal <> ''"); n != 1 {
			t.Error("the message isn't as it was settled the first time")
		}
		read(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
			queued, err := s.QueuedMessages(ctx, []identity.ID{settled.ID})
			if len(queued) != 0 {
				t.Error("a settled message is still queued")
			}
			return err
		})
	})
}
