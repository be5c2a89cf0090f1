package store_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func init() {
	maps.Copy(climbs, webAuthnClimbs)
	singles = append(singles, webAuthnSingles...)
}

var webAuthnSingles = []single{
	{
		"a challenge", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return s.Challenge(ctx, u, id(identity.KindSignIn, 1), hash(1), noon.Add(time.Hour))
		},
		func(ctx context.Context, s *store.Scope, _ identity.User, _ int) (bool, error) {
			return s.UseChallenge(ctx, id(identity.KindSignIn, 1), hash(1))
		},
	},
	{
		"a security key's counter", func(ctx context.Context, s *store.Scope, u identity.User) error {
			return errors.Join(s.AddFactor(ctx, u, keyOf(u, 1), []byte{}, 0), s.AddPublicKeyCredential(ctx, u, credentialOf(1, 1)))
		},
		func(ctx context.Context, s *store.Scope, _ identity.User, _ int) (bool, error) {
			after := credentialOf(1, 1)
			after.SignCount++
			return s.AcceptAssertion(ctx, after)
		},
	},
}

// webAuthnClimbs are those at security keys.
var webAuthnClimbs = map[string]climb{
	"PublicKeyCredentials": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.PublicKeyCredentials(ctx, h.user.ID))
	}},
	"AddPublicKeyCredential": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.AddPublicKeyCredential(ctx, h.user, credentialOf(h.number, 9)))
	}},
	"AcceptAssertion": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		later := credentialOf(h.number, h.number)
		later.SignCount += 9
		return saw(s.AcceptAssertion(ctx, later))
	}},
	"DisableFactor": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.DisableFactor(ctx, id(identity.KindFactor, h.number)))
	}},
	"Challenge": {fault, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return only(s.Challenge(ctx, h.user, id(identity.KindSignIn, h.number), hash(9), noon.Add(time.Hour)))
	}},
	"UseChallenge": {answersNothing, func(ctx context.Context, s *store.Scope, h household) (any, error) {
		return saw(s.UseChallenge(ctx, id(identity.KindSignIn, h.number), hash(h.number)))
	}},
}

// credentialOf is what a key was enrolled with, of the factor with that number.
func credentialOf(factor, number int) identity.PublicKeyCredential {
	return identity.PublicKeyCredential{
		Factor: id(identity.KindFactor, factor), ID: hash(number), PublicKey: hash(number), SignCount: 7, Transports: []string{"usb", "nfc"},
	}
}

// keyOf is a security key.
func keyOf(u identity.User, number int) identity.Factor {
	key := factorOf(u, number)
	key.Kind = identity.WebAuthn
	return key
}

func TestACredentialIsLoadedAsItWasSaved(t *testing.T) {
	trip[identity.PublicKeyCredential]{
		fit: func(v *identity.PublicKeyCredential, _ identity.Organisation) {
			v.Factor, v.SignCount, v.Transports = id(identity.KindFactor, 1), 1<<32-1, []string{"usb", "nfc"}
		},
		save: func(ctx context.Context, s *store.Scope, v identity.PublicKeyCredential) error {
			u := userOf(identity.Organisation{ID: id(identity.KindOrganisation, 1), Portal: "p"}, 0)
			if v.ID == nil {
				v.ID, v.PublicKey = []byte{}, []byte{}
			}
			return errors.Join(s.AddFactor(ctx, u, keyOf(u, 1), []byte{}, 0), s.AddPublicKeyCredential(ctx, u, v))
		},
		load: func(ctx context.Context, _ testrig.Database, s *store.Scope, _ identity.PublicKeyCredential) (identity.PublicKeyCredential, error) {
			u := userOf(identity.Organisation{ID: id(identity.KindOrganisation, 1), Portal: "p"}, 0)
			all, err := s.PublicKeyCredentials(ctx, u.ID)
			if len(all) != 1 {
				return identity.PublicKeyCredential{}, errors.Join(err, errors.New("it isn't in the list"))
			}
			return all[0], err
		},
	}.run(t)
}

// keyed is a user with two security keys, whose counters stand at 7.
func keyed(t *testing.T, db testrig.Database, portal string, number int) identity.User {
	t.Helper()
	o := addOrganisation(t, db, portal, number)
	u := addUser(t, db, userOf(o, 1))
	within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
		return errors.Join(
			s.AddFactor(ctx, u, keyOf(u, 1), []byte{}, 0), s.AddPublicKeyCredential(ctx, u, credentialOf(1, 1)),
			s.AddFactor(ctx, u, keyOf(u, 2), []byte{}, 0), s.AddPublicKeyCredential(ctx, u, credentialOf(2, 2)),
		)
	})
	return u
}

func TestACounterOnlyGoesOn(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		u := keyed(t, db, "p", 1)
		for _, step := range []struct {
			key      int
			count    uint32
			accepted bool
		}{{1, 7, false}, {1, 6, false}, {1, 0, false}, {1, 8, true}, {1, 8, false}, {1, 1 << 31, true}, {2, 8, true}} {
			within(t, db, u.Tenant(), func(ctx context.Context, s *store.Scope) error {
				after := credentialOf(step.key, step.key)
				after.SignCount = step.count
				accepted, err := s.AcceptAssertion(ctx, after)
				if accepted != step.accepted {
					t.Errorf("key %d at %d: %t", step.key, step.count, accepted)
				}
				return err
			})
		}
		within(t, db, u.Tenant(), func(ctx context.Context, s *store.Scope) error {
			bare := credentialOf(3, 3)
			bare.SignCount = 0
			err := errors.Join(s.AddFactor(ctx, u, keyOf(u, 3), []byte{}, 0), s.AddPublicKeyCredential(ctx, u, bare))
			for range 2 {
				if accepted, failed := s.AcceptAssertion(ctx, bare); !accepted || failed != nil {
					t.Errorf("a key without a counter: %t, %v", accepted, failed)
				}
			}
			return err
		})
	})
}

func TestACredentialGoesWithItsFactorAndNoOther(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		u := keyed(t, db, "p", 1)
		left := func(want int) {
			t.Helper()
			read(t, db, u.Tenant(), func(ctx context.Context, s *store.Scope) error {
				all, err := s.PublicKeyCredentials(ctx, u.ID)
				user, failed := s.User(ctx, u.ID)
				if kinds := len(user.FactorKinds); len(all) != want || kinds != min(want, 1) {
					t.Errorf("%d credentials are left, want %d; the user shows %d kinds", len(all), want, kinds)
				}
				return errors.Join(err, failed)
			})
		}
		left(2)
		within(t, db, u.Tenant(), func(ctx context.Context, s *store.Scope) error { return s.RemoveFactor(ctx, u.ID, keyOf(u, 1)) })
		left(1)
		within(t, db, u.Tenant(), func(ctx context.Context, s *store.Scope) error { return s.RemoveFactors(ctx, u.ID) })
		left(0)
	})
}

func TestAKeyIsOnePersonsInAPortal(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		keyed(t, db, "p", 1)
		keyed(t, db, "q", 2) // in another portal the same key is another's
		neighbour := addOrganisation(t, db, "p", 3)
		for _, u := range []identity.User{addUser(t, db, userOf(neighbour, 1))} {
			err := db.Within(t.Context(), u.Tenant(), func(s *store.Scope) error {
				return errors.Join(s.AddFactor(t.Context(), u, keyOf(u, 9), []byte{}, 0), s.AddPublicKeyCredential(t.Context(), u, credentialOf(9, 1)))
			})
			if !errors.Is(err, identity.Refuse(identity.InvalidCode)) {
				t.Errorf("somebody else's key: %v", err)
			}
		}
	})
}

func TestAChallengeIsAnsweredByItsOwnerInItsTimeOnce(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		db.Clock.Set(noon)
		o := addOrganisation(t, db, "p", 1)
		u := addUser(t, db, userOf(o, 1))
		draw := func(number int) {
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
				return s.Challenge(ctx, u, "sig_1", hash(number), noon.Add(time.Hour))
			})
		}
		use := func(owner identity.ID, number int) (used bool) {
			within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) (err error) {
				used, err = s.UseChallenge(ctx, owner, hash(number))
				return err
			})
			return used
		}
		draw(1)
		if use("sig_2", 1) || use("sig_1", 2) {
			t.Error("a challenge was used by another owner, or another one in its place")
		}
		draw(2)
		if use("sig_1", 1) {
			t.Error("an older challenge works beside the new one")
		}
		db.Clock.Set(noon.Add(time.Hour))
		if use("sig_1", 2) {
			t.Error("a challenge works when its time is over")
		}
		db.Clock.Set(noon.Add(time.Hour - time.Microsecond))
		if !use("sig_1", 2) || use("sig_1", 2) {
			t.Error("want it to work to its last moment, once")
		}
	})
}
