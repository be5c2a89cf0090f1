package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// served is one of each thing that is swept, in each of two tenants.
func served(t *testing.T, db testrig.Database) {
	t.Helper()
	for number, portal := range []string{"tvm", "atosi"} {
		db.Clock.Set(noon)
		o := addOrganisation(t, db, portal, number+1)
		u := addUser(t, db, userOf(o, 1))
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			lost, settled := messageOf(u, 1), messageOf(u, 2)
			s.Tell(lost, []byte("sealed"))
			s.Tell(settled, []byte("sealed"))
			code := dispatchOf(1)
			waiting, undoable := contactChangeOf(u, 2), contactChangeOf(u, 1)
			waiting.ExpiresAt = noon.Add(2 * time.Hour)
			undoable.State, undoable.ExpiresAt = identity.ContactChanged, noon.Add(7*24*time.Hour)
			code.ExpiresAt = noon.Add(2 * time.Hour)
			request := store.Request{Tenant: o.Tenant(), Actor: u.ID, Key: "key", Operation: "addUser", InputDigest: []byte("digest")}
			_, err := s.Once(ctx, request, answers("a result"))
			return errors.Join(err, s.AddSignIn(ctx, signInOf(u, 1), hash(1)), s.AddSession(ctx, sessionOf(u, 1), hash(1)),
				s.AddLinks(ctx, store.HashedLink{Link: linkOf(u, 1), TokenHash: hash(1)}), s.BeginEnrolment(ctx, u, enrolmentOf(u, 1)),
				s.SendCode(ctx, u, u.ID, code, hash(1)), s.Challenge(ctx, u, u.ID, hash(1), noon.Add(90*time.Minute)), s.AddRecoveryCodes(ctx, u, [][]byte{hash(1)}, "k1"),
				s.BeginContactChange(ctx, undoable), s.BeginContactChange(ctx, waiting), s.AddRegistrant(ctx, registrantOf(u, 1)),
				second(s.NoteRefusal(ctx, o, "eherkenning", identity.NotACustomer, u.ID)),
				second(s.BeginImport(ctx, importOf(o, 1))), s.AddImportRows(ctx, importOf(o, 1), sealedRowOf(1)),
				second(s.EndRegistrant(ctx, registrantOf(u, 1).ID, identity.RegistrationStopped)))
		})
		within(t, db, identity.AcrossPortal(portal), func(ctx context.Context, s *store.Scope) error {
			return second(s.CountAttempt(ctx, portal, hash(1)))
		})
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return s.SettleMessage(ctx, messageOf(u, 2), store.MessageDelivered, "")
		})
		db.Clock.Advance(time.Minute)
		_, _, err := db.TryPassword(t.Context(), portal, identity.Identifier{Kind: identity.ByEmail, Value: "x"}, []byte("subject"),
			func(identity.Failures, time.Time) error { return nil },
			func(f identity.Failures, now time.Time) identity.Failures {
				return identity.Failures{Count: f.Count + 1, LastAt: now}
			})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatHasServedIsSweptInEveryTenantAndNotBefore(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		served(t, db)
		raw := owner(t, db)
		const hour, day = time.Hour, 24 * time.Hour
		for _, end := range []struct {
			rows string
			age  time.Duration // at which they are still kept, for the last time; things expire an hour (codes and waiting changes of contact two), and passwords fail a minute, after noon
		}{
			{"sign_in_refusals", hour},
			{"sign_ins", hour + hour},
			{"webauthn_challenges", hour + hour/2 + hour},
			{"codes", 2*hour + hour},
			{"enrolments", hour + day},
			{"contact_changes WHERE state = 'AWAITING_CODE'", 2*hour + day},
			{"registration_attempts", 36 * hour}, // the day began at midnight
			{"password_failures", 2*day + time.Minute},
			{"messages WHERE state = 'QUEUED'", 5 * day},
			{"contact_changes WHERE state = 'CHANGED'", 8 * day},
			{"registrants", 60 * day},
		} {
			for _, at := range []struct {
				instant time.Time
				left    int
			}{{noon.Add(end.age), 2}, {noon.Add(end.age + time.Microsecond), 0}} {
				db.Clock.Set(at.instant)
				if err := db.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := count(t, raw, "SELECT count(*) FROM "+end.rows); got != at.left {
					t.Errorf("%s: %d are left %s after they were made, want %d", end.rows, got, at.instant.Sub(noon), at.left)
				}
			}
		}
		for _, kept := range []string{"users", "organisations", "recovery_codes"} {
			if got := count(t, raw, "SELECT count(*) FROM "+kept); got < 2 {
				t.Errorf("%s: %d are left", kept, got)
			}
		}
	})
}

func TestALostMessageIsSettledWithoutBlamingTheAddress(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		served(t, db)
		db.Clock.Advance(6 * 24 * time.Hour)
		if err := db.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		raw := owner(t, db)
		const settled = "SELECT count(*) FROM messages WHERE state = 'EXPIRED' AND settled_at IS NOT NULL AND sealed_token IS NULL AND refusal <> ''"
		if got := count(t, raw, settled); got != 2 {
			t.Error(got, "are settled")
		}
		if got := count(t, raw, "SELECT count(*) FROM users WHERE email_refused_at IS NOT NULL"); got != 0 {
			t.Error(got, "users are blamed")
		}
	})
}

// Settle and SettleMessage are told apart by their speed alone.
func TestAMessageIsSettledAloneAsInATransaction(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		states := []store.MessageState{store.MessageDelivered, store.MessageRefused, store.MessageExpired}
		number := 0
		for _, before := range states[:2] {
			for _, state := range states {
				settle := []func(m identity.Message, state store.MessageState){
					func(m identity.Message, state store.MessageState) {
						if err := db.Settle(t.Context(), m, state, "a reason"); err != nil {
							t.Fatal(err)
						}
					},
					func(m identity.Message, state store.MessageState) {
						within(t, db, identity.Tenant{Portal: m.Portal, Organisation: m.Organisation}, func(ctx context.Context, s *store.Scope) error {
							return s.SettleMessage(ctx, m, state, "a reason")
						})
					},
				}
				var results [2]string
				for way := range settle {
					number++
					results[way] = settledBy(t, db, number, before, state, settle[way])
				}
				if results[0] != results[1] {
					t.Errorf("after %s, %s alone leaves\n%s\nand in a transaction\n%s", before, state, results[0], results[1])
				}
			}
		}
	})
}

// settledBy settles two messages to a user of their own, one after the other, and tells what is left in the database. The
// second is settled twice, which must change nothing.
func settledBy(t *testing.T, db testrig.Database, number int, before, state store.MessageState, settle func(identity.Message, store.MessageState)) (left string) {
	t.Helper()
	o := addOrganisation(t, db, "tvm", number)
	u := addUser(t, db, userOf(o, 1))
	within(t, db, o.Tenant(), func(_ context.Context, s *store.Scope) error {
		s.Tell(messageOf(u, 1), []byte("sealed"))
		s.Tell(messageOf(u, 2), []byte("sealed"))
		return nil
	})
	settle(messageOf(u, 1), before)
	settle(messageOf(u, 2), state)
	settle(messageOf(u, 2), state)
	rows, err := owner(t, db).QueryContext(t.Context(), fmt.Sprintf(`SELECT m.id, m.state, m.refusal, m.settled_at, m.sealed_token IS NULL, u.email_refused_at
		FROM messages AS m JOIN users AS u ON u.id = m.user_id AND u.organisation_id = m.organisation_id WHERE m.organisation_id = '%s' ORDER BY m.id`, o.ID))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		values := make([]any, 6)
		pointers := []any{&values[0], &values[1], &values[2], &values[3], &values[4], &values[5]}
		if err := rows.Scan(pointers...); err != nil {
			t.Fatal(err)
		}
		left += fmt.Sprintln(values...)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return left
}
