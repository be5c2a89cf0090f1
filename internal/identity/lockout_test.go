package identity

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// strict forgives three, then waits 1, 2, 4 … seconds up to ten.
var strict = LockoutPolicy{
	FreeAttempts: 3, FirstDelay: time.Second, LongestDelay: 10 * time.Second,
	PasswordLimit: 20, PasswordLockedFor: time.Hour, CodeLimit: 10,
}

func TestTheDelayDoublesAfterTheFreeAttemptsUpToTheLongest(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]time.Duration{
		0: 0, 1: 0, 2: 0, 3: 0,
		4: time.Second, 5: 2 * time.Second, 6: 4 * time.Second, 7: 8 * time.Second,
		8: 10 * time.Second, 9: 10 * time.Second,
	} {
		failures := Failures{Count: count, LastAt: noon}
		for admit, ask := range map[string]func(Failures, time.Time) error{"password": strict.AdmitPassword, "code": strict.AdmitCode} {
			if got := retryAfter(ask(failures, noon)); got != want {
				t.Errorf("after %d wrong ones the next %s waits %s, want %s", count, admit, got, want)
			}
			refused(t, ask(failures, noon.Add(want)), "")
			if want > 0 && retryAfter(ask(failures, noon.Add(want-tick))) != tick {
				t.Errorf("after %d wrong ones a %s is admitted before its time", count, admit)
			}
		}
	}
}

func retryAfter(err error) time.Duration {
	refusal, ok := errors.AsType[*Error](err)
	if !ok {
		return 0
	}
	return refusal.RetryAfter
}

func TestTheFirstAttemptNeverWaits(t *testing.T) {
	t.Parallel()
	for _, policy := range []LockoutPolicy{strict, tvm().Lockout, {FirstDelay: time.Second, LongestDelay: time.Hour, PasswordLimit: 1, CodeLimit: 1}} {
		refused(t, policy.AdmitPassword(Failures{}, noon), "")
		refused(t, policy.AdmitCode(Failures{}, noon), "")
	}
}

func TestADelayNeverShrinksNeverIsNegativeAndNeverPassesTheLongest(t *testing.T) {
	t.Parallel()
	counts := rapid.OneOf(rapid.IntRange(0, 100), rapid.IntRange(0, math.MaxInt-1))
	delays := rapid.OneOf(rapid.Int64Range(0, int64(time.Hour)), rapid.Int64Range(0, math.MaxInt64))
	rapid.Check(t, func(t *rapid.T) {
		policy := LockoutPolicy{
			FreeAttempts: rapid.IntRange(0, 5).Draw(t, "free"),
			FirstDelay:   time.Duration(delays.Draw(t, "first")), LongestDelay: time.Duration(delays.Draw(t, "longest")),
		}
		count := counts.Draw(t, "count")
		delay, next := policy.delay(count), policy.delay(count+1)
		if delay < 0 || delay > policy.LongestDelay || next < delay {
			t.Errorf("%s after %d, %s after one more", delay, count, next)
		}
		if count <= policy.FreeAttempts && delay != 0 {
			t.Errorf("%s after %d of %d free ones", delay, count, policy.FreeAttempts)
		}
	})
}

func TestAtTheLimitANameIsLockedForItsTime(t *testing.T) {
	t.Parallel()
	locked := Failures{Count: 20, LastAt: noon}
	for _, row := range []struct {
		sentence string
		failures Failures
		now      time.Time
		want     time.Duration
	}{
		{"one before the limit waits its delay", Failures{Count: 19, LastAt: noon}, noon, 10 * time.Second},
		{"the last before the limit is tried after its delay", Failures{Count: 19, LastAt: noon}, noon.Add(10 * time.Second), 0},
		{"at the limit an hour", locked, noon, time.Hour},
		{"of which the delay is no end", locked, noon.Add(time.Minute), 59 * time.Minute},
		{"to the microsecond", locked, noon.Add(time.Hour - tick), tick},
		{"and not longer", locked, noon.Add(time.Hour), 0},
		{"past the limit the same", Failures{Count: 21, LastAt: noon}, noon, time.Hour},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			if got := retryAfter(strict.AdmitPassword(row.failures, row.now)); got != row.want {
				t.Errorf("waits %s, want %s", got, row.want)
			}
		})
	}
}

func TestALockIsSaidOnceAtTheVeryPasswordThatMakesIt(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]bool{0: false, 1: false, 19: false, 20: true, 21: false} {
		if strict.Locks(Failures{Count: count}) != want {
			t.Errorf("%d wrong passwords: locks is %t", count, !want)
		}
	}
}

func TestALockThatLastedStartsANewRow(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		before   Failures
		now      time.Time
		want     int
	}{
		{"the first", Failures{}, noon, 1},
		{"in a row", Failures{Count: 7, LastAt: noon}, noon.Add(time.Hour), 8},
		{"up to the limit", Failures{Count: 19, LastAt: noon}, noon.Add(24 * time.Hour), 20},
		{"within a lock, as a race can bring", Failures{Count: 20, LastAt: noon}, noon.Add(time.Hour - tick), 21},
		{"after a lock", Failures{Count: 20, LastAt: noon}, noon.Add(time.Hour), 1},
		{"after a lock with a race in it", Failures{Count: 23, LastAt: noon}, noon.Add(2 * time.Hour), 1},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			if got, want := strict.AfterPassword(row.before, row.now), (Failures{Count: row.want, LastAt: row.now}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

func TestWhereTimeLiftsAFactorWorksAgainAtTheStatedInstantAndNoSooner(t *testing.T) {
	t.Parallel()
	policy := strict
	policy.LiftedBy, policy.CodeLockedFor = LiftedByTime, 2*time.Hour
	locked := Failures{Count: policy.CodeLimit, LastAt: noon}
	at := noon.Add(2 * time.Hour)
	if err := policy.AdmitCode(locked, at.Add(-tick)); retryAfter(err) != tick || policy.HasLapsed(locked, at.Add(-tick)) {
		t.Errorf("a microsecond before: %v", err)
	}
	refused(t, policy.AdmitCode(locked, at), "")
	if !policy.HasLapsed(locked, at) || policy.HasLapsed(Failures{}, at) {
		t.Error("a lock lapses where there is one, and at its instant")
	}
	if left := policy.attemptsRemaining([]Factor{{Failures: locked, DisabledAt: &noon}}, at); left != policy.CodeLimit {
		t.Errorf("%d attempts remain once it has lapsed", left)
	}
}

func TestTheDeskLiftsWhatWrongCodesDisabledWhereNothingElseDoes(t *testing.T) {
	t.Parallel()
	wrong, copied := Factor{DisabledAt: &noon, Failures: Failures{Count: strict.CodeLimit}}, Factor{DisabledAt: &noon}
	for lifter, want := range map[Lifter]bool{LiftedBySupport: true, LiftedByTime: false} {
		policy := strict
		policy.LiftedBy = lifter
		if policy.Lifts(wrong) != want || policy.Lifts(copied) || policy.Lifts(Factor{}) {
			t.Errorf("lifted by %s: %t, a copied key: %t", lifter, policy.Lifts(wrong), policy.Lifts(copied))
		}
	}
}

// TestALockedNameIsLiftedByTimeWhoeverLiftsFactors: outsiders lock names, so no portal can make that the desk's work.
func TestALockedNameIsLiftedByTimeWhoeverLiftsFactors(t *testing.T) {
	t.Parallel()
	for _, lifter := range []Lifter{LiftedBySupport, LiftedByTime} {
		policy := strict
		policy.LiftedBy = lifter
		for _, count := range []int{policy.PasswordLimit, 10 * policy.PasswordLimit} {
			locked := Failures{Count: count, LastAt: noon}
			refused(t, policy.AdmitPassword(locked, noon.Add(policy.PasswordLockedFor)), "")
			if !policy.IsLocked(locked, noon) || policy.IsLocked(locked, noon.Add(policy.PasswordLockedFor)) {
				t.Errorf("%d wrong passwords: locked from then until its time is over", count)
			}
		}
	}
}

func TestAtTheLimitAFactorIsDisabledForGood(t *testing.T) {
	t.Parallel()
	for count, disables := range map[int]bool{0: false, 9: false, 10: true, 11: true} {
		failures := Failures{Count: count, LastAt: noon}
		if strict.Disables(failures) != disables {
			t.Errorf("%d wrong codes: disables is %t", count, !disables)
		}
		want := Code("")
		if disables {
			want = TooManyAttempts
		}
		err := strict.AdmitCode(failures, noon.AddDate(100, 0, 0))
		refused(t, err, want)
		if retryAfter(err) != 0 {
			t.Errorf("%d wrong codes: %s of waiting was promised to help", count, retryAfter(err))
		}
	}
}

// guesser walks at random: wrong ones, right ones and waiting, against one factor and one name.
type guesser struct {
	policy         LockoutPolicy
	now            time.Time
	code, password Failures
	wrongCodes     int // admitted since the last right one
	wrongPasswords int // admitted since the last right one or the last lock
	delayedUntil   time.Time
	lockedUntil    time.Time
	disabled       bool
}

func (g *guesser) WrongCode(t *rapid.T) {
	if g.policy.AdmitCode(g.code, g.now) != nil {
		return
	}
	if g.disabled || g.now.Before(g.delayedUntil) {
		t.Fatalf("admitted a code at %s: disabled %t, delayed until %s", g.now, g.disabled, g.delayedUntil)
	}
	g.code = g.code.Plus(g.now)
	if g.wrongCodes++; g.wrongCodes > g.policy.CodeLimit {
		t.Fatalf("admitted %d codes", g.wrongCodes)
	}
	g.disabled = g.wrongCodes == g.policy.CodeLimit
	if g.policy.Disables(g.code) != g.disabled {
		t.Fatalf("%d wrong codes disable: %t", g.wrongCodes, !g.disabled)
	}
	if g.wrongCodes > g.policy.FreeAttempts {
		g.delayedUntil = g.now.Add(g.policy.FirstDelay)
	}
}

func (g *guesser) RightCode(*rapid.T) {
	if g.policy.AdmitCode(g.code, g.now) == nil {
		g.code, g.wrongCodes, g.delayedUntil = Failures{}, 0, time.Time{}
	}
}

func (g *guesser) WrongPassword(t *rapid.T) {
	if g.policy.AdmitPassword(g.password, g.now) != nil {
		return
	}
	if g.now.Before(g.lockedUntil) {
		t.Fatalf("admitted a password at %s: locked until %s", g.now, g.lockedUntil)
	}
	if !g.lockedUntil.IsZero() {
		g.wrongPasswords, g.lockedUntil = 0, time.Time{}
	}
	g.password = g.policy.AfterPassword(g.password, g.now)
	if g.wrongPasswords++; g.policy.Locks(g.password) != (g.wrongPasswords == g.policy.PasswordLimit) {
		t.Fatalf("%d wrong passwords, %+v", g.wrongPasswords, g.password)
	}
	if g.wrongPasswords == g.policy.PasswordLimit {
		g.lockedUntil = g.now.Add(g.policy.PasswordLockedFor)
	}
}

func (g *guesser) RightPassword(*rapid.T) {
	if g.policy.AdmitPassword(g.password, g.now) == nil {
		g.password, g.wrongPasswords, g.lockedUntil = Failures{}, 0, time.Time{}
	}
}

func (g *guesser) Wait(t *rapid.T) {
	span := rapid.SampledFrom([]time.Duration{tick, time.Second, strict.LongestDelay, time.Hour - tick, time.Hour})
	g.now = g.now.Add(span.Draw(t, "span"))
}

func (g *guesser) Check(t *rapid.T) {
	if g.disabled && g.policy.AdmitCode(g.code, g.now) == nil {
		t.Fatal("a disabled factor is tried")
	}
	if g.now.Before(g.lockedUntil) && g.policy.AdmitPassword(g.password, g.now) == nil {
		t.Fatal("a locked name is tried")
	}
}

func TestNoWalkOfGuessesGetsMoreTriesThanTheLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		policy := strict
		policy.FreeAttempts = rapid.IntRange(0, 3).Draw(t, "free")
		policy.CodeLimit = rapid.IntRange(2, 5).Draw(t, "codes")
		policy.PasswordLimit = rapid.IntRange(2, 4).Draw(t, "passwords")
		t.Repeat(rapid.StateMachineActions(&guesser{policy: policy, now: noon}))
	})
}
