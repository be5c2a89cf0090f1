package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// fractions have every length that a fraction of a second can be written with; SQLite compares instants as text.
var fractions = []time.Duration{
	0, time.Microsecond, 10 * time.Microsecond, 100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond,
	100 * time.Millisecond, 123_456 * time.Microsecond, 999_999 * time.Microsecond, time.Second, 59*time.Second + 900*time.Millisecond,
	12 * time.Hour, 24 * 365 * time.Hour, -time.Microsecond, -time.Millisecond, -100 * time.Millisecond, -time.Second,
}

func TestALinkOpensUntilTheVeryMicrosecondOfItsEnd(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u := addUser(t, db, userOf(o, 1))
		number := 0
		for _, fraction := range fractions {
			end := noon.Add(fraction)
			for past, want := range map[time.Duration]bool{-time.Microsecond: true, 0: false, time.Microsecond: false} {
				number++
				link := linkOf(u, number)
				link.ExpiresAt = end
				within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
					return s.AddLinks(ctx, store.HashedLink{Link: link, TokenHash: hash(number)})
				})
				db.Clock.Set(end.Add(past))
				within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
					used, err := s.UseLink(ctx, link.ID)
					if used != want {
						t.Errorf("a link that ends at %s was used at %s: %t", end.Format(time.RFC3339Nano), s.Now.Format(time.RFC3339Nano), used)
					}
					return err
				})
			}
		}
	})
}

func TestInstantsAreKeptInUTCWithMicroseconds(t *testing.T) {
	t.Parallel()
	amsterdam := time.FixedZone("CEST", 2*60*60)
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		db.Clock.Set(time.Date(2025, 6, 11, 14, 0, 0, 123_456_789, amsterdam))
		want := time.Date(2025, 6, 11, 12, 0, 0, 123_456_000, time.UTC)
		o := addOrganisation(t, db, "p", 1)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			if s.Now != want {
				t.Errorf("now is %s, want %s", s.Now, want)
			}
			u := userOf(o, 1)
			u.BlockedAt = pointer(db.Clock.Now().Truncate(time.Microsecond)) // in its own zone
			return s.AddUser(ctx, u)
		})
		read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			u, err := s.User(ctx, userOf(o, 1).ID)
			if u.BlockedAt == nil || *u.BlockedAt != want || s.Now != want {
				t.Errorf("blocked at %s, and now is %s; want %s", u.BlockedAt, s.Now, want)
			}
			return err
		})
		if now, err := db.Now(t.Context()); now != want || err != nil {
			t.Errorf("now is %s (%v), want %s", now, err, want)
		}
	})
}

func TestTheClockIsTheDatabasesOwn(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB, *testrig.Clock) testrig.Database{"sqlite": testrig.NewSQLite, "postgres": testrig.NewPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, nil)
			h := settle(t, db, "p", 1)
			var instants []time.Time
			note := func(now time.Time) { instants = append(instants, now) }
			begin := time.Now().Add(-10 * time.Millisecond) // SQLite rounds to milliseconds
			now, err := db.Now(t.Context())
			note(now)
			within(t, db, h.organisation.Tenant(), func(_ context.Context, s *store.Scope) error { note(s.Now); return nil })
			read(t, db, h.organisation.Tenant(), func(_ context.Context, s *store.Scope) error { note(s.Now); return nil })
			visitor, _, failed := db.VisitorByToken(t.Context(), "p", hash(1))
			note(visitor.Now)
			_, now, _, broken := db.SignInByToken(t.Context(), "p", hash(1))
			note(now)
			if err != nil || failed != nil || broken != nil {
				t.Fatal(err, failed, broken)
			}
			end := time.Now().Add(10 * time.Millisecond)
			for i, instant := range instants {
				if instant.Before(begin) || instant.After(end) || instant.Location() != time.UTC || instant.Nanosecond()%1000 != 0 {
					t.Errorf("instant %d is %s, not between %s and %s, in UTC, in microseconds", i, instant, begin, end)
				}
			}
		})
	}
}

func TestAVisitorIsWhoeverHoldsTheToken(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		settle(t, db, "p", 2)
		within(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return s.AddSession(ctx, sessionOf(h.main, 50), hash(50))
		})
		for number, user := range map[int]identity.ID{1: h.user.ID, 50: h.main.ID} {
			visitor, found, err := db.VisitorByToken(t.Context(), "p", hash(number))
			if err != nil || !found {
				t.Fatalf("token %d: %t, %v", number, found, err)
			}
			read(t, db, h.organisation.Tenant(), func(ctx context.Context, s *store.Scope) error {
				u, err := s.User(ctx, user)
				o, _ := s.Organisation(ctx, h.organisation.ID)
				sessions, _ := s.Sessions(ctx, user)
				want := store.Visitor{Now: noon, Session: sessions[0], User: u, Organisation: o}
				if difference := cmp.Diff(want, visitor, cmp.Comparer(sameInstant)); difference != "" {
					t.Errorf("the visitor isn't whom the scope loads (-scope +visitor):\n%s", difference)
				}
				return err
			})
		}
		if _, found, err := db.VisitorByToken(t.Context(), "p", hash(99)); found || err != nil {
			t.Errorf("a token that nobody has: %t, %v", found, err)
		}
	})
}

func TestTheUseOfASessionNeverGoesBack(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		h := settle(t, db, "p", 1)
		session := sessionOf(h.user, 1)
		for _, seen := range []struct{ at, want time.Time }{
			{noon.Add(time.Minute), noon.Add(time.Minute)},
			{noon, noon.Add(time.Minute)},
			{noon.Add(time.Minute + time.Microsecond), noon.Add(time.Minute + time.Microsecond)},
		} {
			if err := db.SawSession(t.Context(), session, seen.at); err != nil {
				t.Fatal(err)
			}
			visitor, _, err := db.VisitorByToken(t.Context(), "p", hash(1))
			if visitor.Session.LastSeenAt != seen.want || err != nil {
				t.Errorf("seen at %s, last seen at %s (%v); want %s", seen.at, visitor.Session.LastSeenAt, err, seen.want)
			}
		}
		token := apiTokenOf(h.user, 1)
		if _, _, err := db.SetRequestsAside(t.Context(), token, noon, 1, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		partner, _, err := db.PartnerByToken(t.Context(), "p", hash(1))
		used := partner.Token
		if used.LastUsedAt == nil || *used.LastUsedAt != noon.Add(time.Hour) || err != nil {
			t.Errorf("the API token was last used at %v (%v)", used.LastUsedAt, err)
		}
	})
}
