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

func TestASentCodeWorksForItsOwnerItsFactorAndItsTimeAlone(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		db.Clock.Set(noon)
		o := addOrganisation(t, db, "p", 1)
		u := addUser(t, db, userOf(o, 1))
		factor, another := id(identity.KindFactor, 1), id(identity.KindFactor, 2)
		use := func(owner, factor identity.ID, number int) (used bool) {
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) (err error) {
				used, err = s.UseCode(ctx, owner, factor, [][]byte{hash(number)})
				return err
			})
			return used
		}
		send := func(number int) {
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				return s.SendCode(ctx, u, "sig_1", dispatchOf(1), hash(number))
			})
		}
		send(1)
		if use("sig_2", factor, 1) || use("sig_1", another, 1) || use("sig_1", factor, 2) {
			t.Error("a code was used for another owner or factor, or a wrong one for it")
		}
		send(2)
		if use("sig_1", factor, 1) {
			t.Error("an older code works beside the new one")
		}
		db.Clock.Set(noon.Add(time.Hour))
		if use("sig_1", factor, 2) {
			t.Error("a code works when its time is over")
		}
		db.Clock.Set(noon.Add(time.Hour - time.Microsecond))
		if !use("sig_1", factor, 2) || use("sig_1", factor, 2) {
			t.Error("want it to work to its last moment, once")
		}
		read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			sent, err := s.CodeSent(ctx, "sig_1")
			if sent == nil || sent.ResendsRemaining != 4 {
				t.Errorf("a used code isn't counted any more: %+v", sent)
			}
			return err
		})
	})
}

func TestRecoveryCodesGoWithTheFactorThatStandsForThem(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(context.Context, *store.Scope, identity.User) error{
		"by itself": func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.RemoveFactor(ctx, u.ID, setOf(u))
		},
		"by its kind": func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.RemoveFactorsOfKind(ctx, u.ID, identity.RecoveryCode)
		},
		"with all there": func(ctx context.Context, s *store.Scope, u identity.User) error { return s.RemoveFactors(ctx, u.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
				o := addOrganisation(t, db, "p", 1)
				mine, theirs := addUser(t, db, userOf(o, 1)), addUser(t, db, userOf(o, 2))
				for _, u := range []identity.User{mine, theirs} {
					within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
						return errors.Join(s.AddFactor(ctx, u, setOf(u), []byte{}, 0), s.AddRecoveryCodes(ctx, u, [][]byte{hash(1), hash(2)}, "k1"))
					})
				}
				within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
					if err := remove(ctx, s, mine); err != nil {
						return err
					}
					for u, want := range map[identity.ID]int{mine.ID: 0, theirs.ID: 2} {
						if left, err := s.RecoveryCodesRemaining(ctx, u); left != want || err != nil {
							t.Errorf("%d codes are left, want %d: %v", left, want, err)
						}
					}
					used, err := s.UseRecoveryCode(ctx, mine.ID, [][]byte{hash(1)})
					if used {
						t.Error("a code that is gone was used")
					}
					return err
				})
			})
		})
	}
}

func setOf(u identity.User) identity.Factor {
	set := factorOf(u, 1)
	set.ID, set.Kind = identity.ID(fmt.Sprintf("fac_%s", u.ID)), identity.RecoveryCode
	return set
}

func TestRecentCountsOneKindOfOneUsersMailsWithinTheHour(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u, other := addUser(t, db, userOf(o, 1)), addUser(t, db, userOf(o, 2))
		for number, at := range []time.Duration{0, time.Microsecond, 20 * time.Minute, 40 * time.Minute} {
			db.Clock.Set(noon.Add(at))
			within(t, db, o.Tenant(), func(_ context.Context, s *store.Scope) error {
				for i, message := range []identity.Message{messageOf(u, number*10), messageOf(u, number*10+1), messageOf(other, number*10+2)} {
					if message.Kind = identity.CodeMessage; i == 1 {
						message.Kind = identity.UsernameMessage
					}
					s.Tell(message, []byte("sealed"))
				}
				return nil
			})
		}
		db.Clock.Set(noon.Add(time.Hour))
		read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			recent, err := s.Recent(ctx, u.ID, identity.CodeMessage)
			if recent.Count != 3 || recent.LastAt == nil || !recent.LastAt.Equal(noon.Add(40*time.Minute)) {
				t.Errorf("%+v", recent)
			}
			none, noneErr := s.Recent(ctx, u.ID, identity.PasswordResetMessage)
			if none.Count != 0 || none.LastAt != nil {
				t.Errorf("%+v", none)
			}
			return errors.Join(err, noneErr)
		})
	})
}
