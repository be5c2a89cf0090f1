package identity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// dispatched is a code that was sent so long before noon, with so many resends left.
func dispatched(ago time.Duration, resends int) *CodeDispatch {
	sent := noon.Add(-ago)
	return &CodeDispatch{
		FactorID: "fac_1", SentAt: sent, ExpiresAt: sent.Add(CodeLifetime), ResendAllowedAt: sent.Add(CodeResendPause), ResendsRemaining: resends,
	}
}

func recently(count int, ago time.Duration) Recent { return Recent{count, pointer(noon.Add(-ago))} }

func TestWhenACodeIsSent(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		before   *CodeDispatch
		recent   Recent
		want     Code
		wait     time.Duration
		resends  int
	}{
		{"the first one", nil, Recent{}, "", 0, 4},
		{"again, after the pause", dispatched(30*time.Second, 4), recently(1, 30*time.Second), "", 0, 3},
		{"not a microsecond before", dispatched(30*time.Second-tick, 4), recently(1, 30*time.Second-tick), ResendTooSoon, tick, 0},
		{"not at once in another sign-in either: it is the same person", nil, recently(1, 10*time.Second), ResendTooSoon, 20 * time.Second, 0},
		{"the last time", dispatched(time.Minute, 1), recently(4, time.Minute), "", 0, 0},
		{"not once more", dispatched(time.Minute, 0), recently(5, time.Minute), TooManyAttempts, 0, 0},
		{"not while the last one would still work", dispatched(CodeLifetime-tick, 0), recently(5, CodeLifetime-tick), TooManyAttempts, 0, 0},
		{"once it has run out, anew", dispatched(CodeLifetime, 0), recently(5, CodeLifetime), "", 0, 4},
		{"the fifteenth within the hour", nil, recently(14, time.Minute), "", 0, 4},
		{"not the sixteenth, whoever asks", nil, recently(15, time.Minute), TooManyAttempts, 0, 0},
		{"nor where the one before has run out", dispatched(CodeLifetime, 4), recently(15, CodeLifetime), TooManyAttempts, 0, 0},
		{"whoever has had enough hears that, not to come back in a moment", nil, recently(15, time.Second), TooManyAttempts, 0, 0},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			got, err := Dispatch("fac_2", row.before, row.recent, noon)
			refused(t, err, row.want)
			if row.want != "" {
				if got := waitOf(err); got != row.wait {
					t.Errorf("wait %s, want %s", got, row.wait)
				}
				return
			}
			want := CodeDispatch{
				FactorID: "fac_2", SentAt: noon, ExpiresAt: noon.Add(10 * time.Minute), ResendAllowedAt: noon.Add(30 * time.Second),
				ResendsRemaining: row.resends,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhoIsMailedTheirUserName(t *testing.T) {
	t.Parallel()
	named := func(change func(*User)) User {
		u := joost()
		u.Username = pointer("joost")
		change(&u)
		return u
	}
	plain := named(func(*User) {})
	for _, row := range []struct {
		sentence string
		user     User
		recent   Recent
		want     bool
	}{
		{"somebody with one", plain, Recent{}, true},
		{"somebody who must register again: it will be asked for", named(func(u *User) { u.Registration = ReRegistering }), Recent{}, true},
		{"nobody without one", joost(), Recent{}, false},
		{"nobody who is blocked", named(func(u *User) { u.BlockedAt = &yesterday }), Recent{}, false},
		{"nobody who was only invited", named(func(u *User) { u.Registration = Invited }), Recent{}, false},
		{"nobody who is gone", named(func(u *User) { u.Registration = Removed }), Recent{}, false},
		{"not again within the pause", plain, recently(1, time.Minute-tick), false},
		{"again after it", plain, recently(1, time.Minute), true},
		{"the fifth time within the hour", plain, recently(4, time.Minute), true},
		{"not the sixth", plain, recently(5, time.Minute), false},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			if got := tvm().Links.MayMailUsername(row.user, row.recent, noon); got != row.want {
				t.Error(got)
			}
		})
	}
}
