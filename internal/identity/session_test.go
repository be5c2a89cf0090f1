package identity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var halfAnHour = SessionPolicy{Idle: 30 * time.Minute, Absolute: 12 * time.Hour}

func TestASessionBeginsSeenAndProven(t *testing.T) {
	t.Parallel()
	want := Session{
		ID: "ses_1", Strength: TwoFactor, ProvenAt: noon, CreatedAt: noon, LastSeenAt: noon,
		IdleExpiresAt: noon.Add(30 * time.Minute), AbsoluteExpiresAt: noon.Add(12 * time.Hour),
	}
	if diff := cmp.Diff(want, halfAnHour.Open(Session{ID: "ses_1", Strength: TwoFactor}, noon)); diff != "" {
		t.Error(diff)
	}
}

func TestASessionEndsWithIdlenessOrWithItsTime(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		lastSeen time.Duration
		now      time.Duration
		want     bool
	}{
		{"in use", 0, 0, true},
		{"idle for just under half an hour", 0, 30*time.Minute - tick, true},
		{"thirty minutes idle: signed out", 0, 30 * time.Minute, false},
		{"used meanwhile", 20 * time.Minute, 49 * time.Minute, true},
		{"used to its last minute", 12*time.Hour - time.Minute, 12*time.Hour - tick, true},
		{"after twelve hours whoever uses it must sign in", 12*time.Hour - time.Minute, 12 * time.Hour, false},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			session := halfAnHour.Timed(Session{CreatedAt: noon, LastSeenAt: noon.Add(row.lastSeen)})
			if got := session.Alive(noon.Add(row.now)); got != row.want {
				t.Errorf("alive: %t", got)
			}
		})
	}
}

func TestAPortalThatShortensItsTimesShortensRunningSessions(t *testing.T) {
	t.Parallel()
	running := halfAnHour.Open(Session{}, noon)
	for _, shorter := range []SessionPolicy{{Idle: time.Minute, Absolute: 12 * time.Hour}, {Idle: 30 * time.Minute, Absolute: time.Minute}} {
		if now := noon.Add(2 * time.Minute); !running.Alive(now) || shorter.Timed(running).Alive(now) {
			t.Errorf("%+v shortens nothing", shorter)
		}
	}
}

func TestUseIsRecordedAtMostOnceAMinute(t *testing.T) {
	t.Parallel()
	session := Session{LastSeenAt: noon}
	for since, want := range map[time.Duration]bool{0: false, time.Minute - tick: false, time.Minute: true, time.Hour: true} {
		if session.SeenDue(noon.Add(since)) != want {
			t.Errorf("after %s: %t", since, !want)
		}
	}
}

func TestStrengthsHaveAnOrder(t *testing.T) {
	t.Parallel()
	order := []SessionStrength{"", SingleFactor, TwoFactor, PhishingResistant}
	for i, has := range order {
		for j, needed := range order {
			if has.AtLeast(needed) != (i >= j) {
				t.Errorf("%q at least %q: %t", has, needed, i < j)
			}
		}
		if SessionStrength("UNKNOWN").AtLeast(has) && has != "" {
			t.Errorf("an unknown strength passes for %s", has)
		}
	}
}
