package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// single is a single-use thing: it is saved once, and used up by whoever is first.
type single struct {
	name string
	add  func(ctx context.Context, s *store.Scope, u identity.User) error
	use  func(ctx context.Context, s *store.Scope, u identity.User, racer int) (bool, error)
}

var singles = []single{
	{
		"a link", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.AddLinks(ctx, store.HashedLink{Link: linkOf(u, 1), TokenHash: hash(1)})
		},
		func(ctx context.Context, s *store.Scope, _ identity.User, _ int) (bool, error) {
			return s.UseLink(ctx, id(identity.KindLink, 1))
		},
	},
	{
		"a code's time step", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.AddFactor(ctx, u, factorOf(u, 1), []byte("sealed"), 7)
		},
		func(ctx context.Context, s *store.Scope, _ identity.User, _ int) (bool, error) {
			return s.AcceptStep(ctx, id(identity.KindFactor, 1), 8)
		},
	},
	{
		"a sign-in", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.AddSignIn(ctx, signInOf(u, 1), hash(1))
		},
		func(ctx context.Context, s *store.Scope, _ identity.User, _ int) (bool, error) {
			return s.EndSignIn(ctx, id(identity.KindSignIn, 1))
		},
	},
	{
		"an enrolment", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.BeginEnrolment(ctx, u, enrolmentOf(u, 1))
		},
		func(ctx context.Context, s *store.Scope, _ identity.User, _ int) (bool, error) {
			return s.EndEnrolment(ctx, id(identity.KindFactor, 1))
		},
	},
	{
		"a sent code", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.SendCode(ctx, u, id(identity.KindSignIn, 1), dispatchOf(1), hash(1))
		},
		func(ctx context.Context, s *store.Scope, _ identity.User, _ int) (bool, error) {
			return s.UseCode(ctx, id(identity.KindSignIn, 1), id(identity.KindFactor, 1), [][]byte{hash(2), hash(1)})
		},
	},
	{
		"a recovery code", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.AddRecoveryCodes(ctx, u, [][]byte{hash(1)}, "k1")
		},
		func(ctx context.Context, s *store.Scope, u identity.User, _ int) (bool, error) {
			return s.UseRecoveryCode(ctx, u.ID, [][]byte{hash(2), hash(1)})
		},
	},
	{
		"a change of contact", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.BeginContactChange(ctx, contactChangeOf(u, 1))
		},
		func(ctx context.Context, s *store.Scope, u identity.User, _ int) (bool, error) {
			return s.MoveContactChange(ctx, contactChangeOf(u, 1).Confirmed(s.Now), identity.ContactAwaitsCode)
		},
	},
	{
		"an API token's revocation", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.AddAPIToken(ctx, apiTokenOf(u, 1), hash(1))
		},
		func(ctx context.Context, s *store.Scope, _ identity.User, _ int) (bool, error) {
			return s.RevokeAPIToken(ctx, id(identity.KindAPIToken, 1))
		},
	},
	{
		"an API token's rotation", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.AddAPIToken(ctx, apiTokenOf(u, 1), hash(1))
		},
		func(ctx context.Context, s *store.Scope, _ identity.User, racer int) (bool, error) {
			return s.RotateAPIToken(ctx, id(identity.KindAPIToken, 1), id(identity.KindAPIToken, 1000+racer), s.Now.Add(time.Hour))
		},
	},
	{
		"the end of a session", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.AddSession(ctx, sessionOf(u, 1), hash(1))
		},
		func(ctx context.Context, s *store.Scope, u identity.User, _ int) (bool, error) {
			return s.EndSession(ctx, u.ID, id(identity.KindSession, 1))
		},
	},
	{
		"an idempotency key", func(context.Context, *store.Scope, identity.User) error { return nil },
		func(ctx context.Context, s *store.Scope, u identity.User, racer int) (bool, error) {
			mine := hash(1000 + racer)
			result, err := s.Once(ctx, requestOf(u), func() ([]byte, error) { return mine, nil })
			return bytes.Equal(result, mine), err
		},
	},
}

func TestASingleUseThingIsUsedOnceByFiftyAtOnce(t *testing.T) {
	t.Parallel()
	for _, single := range singles {
		t.Run(single.name, func(t *testing.T) {
			t.Parallel()
			testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
				o := addOrganisation(t, db, "p", 1)
				u := addUser(t, db, userOf(o, 1))
				within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error { return single.add(ctx, s, u) })
				processes := []testrig.Database{db, db}
				if db.IsPostgres() {
					processes[1] = db.Open(t) // a second server
				}
				winners := race(t, func(racer int) (first bool, err error) {
					err = processes[racer%2].Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
						first, err = single.use(t.Context(), s, u, racer)
						return err
					})
					return first, err
				})
				if winners != 1 {
					t.Errorf("%d of fifty used %s, want 1", winners, single.name)
				}
			})
		})
	}
}

func TestAStepOnceAcceptedAndEveryEarlierOneIsRefused(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		u := addUser(t, db, userOf(o, 1))
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return s.AddFactor(ctx, u, factorOf(u, 1), []byte("sealed"), 7)
		})
		for _, try := range []struct {
			step int64
			want bool
		}{{6, false}, {7, false}, {9, true}, {9, false}, {8, false}, {10, true}} {
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				accepted, err := s.AcceptStep(ctx, id(identity.KindFactor, 1), try.step)
				if accepted != try.want {
					t.Errorf("step %d accepted: %t, want %t", try.step, accepted, try.want)
				}
				return err
			})
		}
	})
}

func TestFiftyPasswordsAtOnceGetAsManyTriesAsOneAfterAnother(t *testing.T) {
	t.Parallel()
	policy := identity.LockoutPolicy{FreeAttempts: 10, PasswordLimit: 10, PasswordLockedFor: time.Hour, CodeLimit: 10}
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		subject := sha256.Sum256([]byte("a name"))
		name := identity.Identifier{Kind: identity.ByEmail, Value: "nobody@example.nl"}
		tried := race(t, func(int) (bool, error) {
			_, _, err := db.TryPassword(t.Context(), "p", name, subject[:], policy.AdmitPassword, policy.AfterPassword)
			if errors.Is(err, identity.Refuse(identity.TooManyAttempts)) {
				return false, nil
			}
			return true, err
		})
		if tried != policy.PasswordLimit {
			t.Errorf("%d of fifty passwords were tried, want %d", tried, policy.PasswordLimit)
		}
	})
}

func TestFiftyEventsAtOnceAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		race(t, func(racer int) (bool, error) {
			return true, db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				s.Record(eventOf(o, racer))
				return nil
			})
		})
		read(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			count, err := s.VerifyAudit(ctx, o.ID)
			if count != 50 {
				t.Errorf("the chain has %d events, want 50", count)
			}
			return err
		})
	})
}

func TestTheAuditLogVerifiesWhileItGrows(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		within(t, db, o.Tenant(), func(_ context.Context, s *store.Scope) error {
			s.Record(eventOf(o, 100))
			return nil
		})
		verify := func(s *store.Scope) error {
			_, err := s.VerifyAudit(t.Context(), o.ID)
			return err
		}
		race(t, func(racer int) (bool, error) {
			switch racer % 3 {
			case 0:
				return true, db.Read(t.Context(), o.Tenant(), verify)
			case 1:
				return true, db.Within(t.Context(), o.Tenant(), verify)
			}
			return true, db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				s.Record(eventOf(o, racer))
				return nil
			})
		})
	})
}

func TestFiftyInvitationsAtOnceEndAtTheLimit(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1) // its main user is one of them
		o.AccountMaximum = pointer(5)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			return errors.Join(s.SaveOrganisation(ctx, o), s.SetPasswordHash(ctx, o.MainUserID, "a hash"))
		})
		admitted := race(t, func(racer int) (bool, error) {
			err := db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error { return invite(t.Context(), s, o, racer+1) })
			if errors.Is(err, identity.Refuse(identity.AccountLimitReached)) {
				return false, nil
			}
			return true, err
		})
		if admitted != 4 {
			t.Errorf("%d invitations were admitted, want 4", admitted)
		}
		db.Clock.Advance(24 * time.Hour)
		within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
			used, err := s.AccountsInUse(ctx, o.ID)
			if used != 1 {
				t.Errorf("%d accounts are in use once the invitations have expired, want the main user's", used)
			}
			return err
		})
	})
}

// invite is what the use case does, without its mail.
func invite(ctx context.Context, s *store.Scope, o identity.Organisation, number int) error {
	locked, err := s.LockOrganisation(ctx, o.ID)
	if err != nil {
		return err
	}
	used, err := s.AccountsInUse(ctx, o.ID)
	if err != nil {
		return err
	}
	if err := (identity.AccountLimit{Maximum: locked.AccountMaximum, Used: used}).Admit(); err != nil {
		return err
	}
	u := userOf(o, number)
	u.Registration = identity.Invited
	return errors.Join(s.AddUser(ctx, u), s.AddInvitation(ctx, invitationOf(u, number)))
}
