package app_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// appOf is the use cases on a rig's database, with what a rig doesn't have.
func appOf(r *rig.Rig, hasher secret.HasherOptions, steady app.Steady) *app.App {
	r.T.Helper()
	keys, err := secret.ParseKeyring(rig.Keys)
	if err != nil {
		r.T.Fatal(err)
	}
	return app.New(app.Options{DB: r.Database.DB, Keys: keys, Hasher: secret.NewHasher(hasher), Random: testrig.Random(99), Steady: steady})
}

func TestAResetTakesTheSameTimeForKnownAndUnknownNames(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := race{Rig: rig.New(t, db)}
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		r.Clock.Advance(2 * time.Minute)
		var steadied int
		use := appOf(r.Rig, secret.InsecureFastForTests(), func(ctx context.Context, work func() error) error {
			before := r.count("messages")
			err := work()
			steadied++
			if ordered := r.count("messages") - before; ordered != steadied%2 { // the known name comes first
				t.Errorf("%d mails were ordered", ordered)
			}
			return err
		})
		for i, email := range []string{"joost@joosten.test", "nobody@joosten.test"} {
			if err := use.RequestPasswordReset(t.Context(), identity.Actor{Portal: r.Portal("tvm")}, identity.SignInName{Email: email}); err != nil {
				t.Error(err)
			}
			if steadied != i+1 {
				t.Errorf("the look-up of %s isn't steadied", email)
			}
		}
	})
}

func TestAWrongPasswordIsHashedOnceForEveryName(t *testing.T) { // not parallel: it measures
	r := race{Rig: rig.New(t, testrig.NewSQLite(t, testrig.NewClock()), rig.Portal("tvm", hasty))}
	r.Organisation("tvm", "Joosten", "joost@joosten.test")
	r.SignedIn("tvm", "joost@joosten.test").Do(`mutation { inviteUser(input: {email: "invited@joosten.test", displayName: "I"}) { userErrors { code } } }`)
	use, actor := appOf(r.Rig, secret.HasherOptions{}, nil), identity.Actor{Portal: r.Portal("tvm")}
	r.Clock.Advance(2 * time.Minute)
	r.Browser("tvm").Do(`mutation { requestPasswordReset(input: {email: "joost@joosten.test"}) { accepted } }`)
	if _, err := use.SetPassword(t.Context(), actor, app.NewPassword{Token: r.Mailbox.Expect(t, "joost@joosten.test").Token, Password: rig.Password}); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"joost@joosten.test", "invited@joosten.test", "nobody@joosten.test"} {
		before := allocated()
		if _, err := use.BeginSignIn(t.Context(), actor, identity.SignInName{Email: email}, "wrong"); !errors.Is(err, identity.Refuse(identity.InvalidCredentials)) {
			t.Fatal(err)
		}
		// A hash fills its memory once, and nothing else in a sign-in takes a tenth of that.
		const hash = secret.FloorMemory << 10
		if took := allocated() - before; took < hash || took > hash+hash/2 {
			t.Errorf("%s took %d bytes, want one hash of %d", email, took, uint64(hash))
		}
	}
}

// allocated is how many bytes this process has ever taken: the work of hashing, whatever else the machine is doing.
func allocated() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.TotalAlloc
}

func TestRegisteringTakesTheSameTimeForRightAndWrongNumbers(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := race{Rig: rig.New(t, db)}
		r.insured("main@vries.test")
		var mailed []int
		use := appOf(r.Rig, secret.InsecureFastForTests(), func(_ context.Context, work func() error) error {
			before := r.count("messages")
			err := work()
			mailed = append(mailed, r.count("messages")-before)
			return err
		})
		for _, number := range []string{"123456789", "987654321"} {
			wanted := app.Registration{Email: "new@vries.test", DisplayName: "New", PolicyNumber: number}
			if err := use.Register(t.Context(), identity.Actor{Portal: r.Portal("interpolis")}, wanted); err != nil {
				t.Error(err)
			}
		}
		if len(mailed) != 2 || mailed[0] != 1 || mailed[1] != 0 {
			t.Errorf("what was mailed within the steadied time: %v", mailed)
		}
	})
}
