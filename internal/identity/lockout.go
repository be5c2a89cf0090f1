package identity

import "time"

// LockoutPolicy says how wrong passwords and wrong codes are answered. Passwords are counted per name typed (known or
// not, so that both look alike), codes per factor.
type LockoutPolicy struct {
	// FreeAttempts is how many wrong ones in a row cost no delay.
	FreeAttempts int
	// FirstDelay follows the first wrong one after those; it doubles with each further one, up to LongestDelay.
	FirstDelay, LongestDelay time.Duration
	// PasswordLimit is the number of wrong passwords in a row after which the name is locked.
	PasswordLimit int
	// PasswordLockedFor is how long after the last wrong password such a lock lasts; a password reset lifts it at once.
	PasswordLockedFor time.Duration
	// CodeLimit is the number of wrong codes in a row after which the factor is disabled. A code is only heard after the
	// right password, so nobody who knows no more than a name brings that about.
	CodeLimit int
	// LiftedBy says what makes a disabled factor work again: time, or nothing but the support desk (or recovery, which
	// replaces it). A locked name is always lifted by time, whoever else can lift it: outsiders can lock names.
	LiftedBy Lifter
	// CodeLockedFor is how long after the last wrong code a factor that time lifts stays disabled.
	CodeLockedFor time.Duration
}

// Lifter is what lifts a lock-out.
type Lifter string

// The lifters.
const (
	LiftedByTime    Lifter = "TIME"
	LiftedBySupport Lifter = "SUPPORT"
)

// Failures is how many wrong ones came in a row, and when the last.
type Failures struct {
	Count  int
	LastAt time.Time
}

// AdmitPassword decides whether a password may be tried now.
func (l LockoutPolicy) AdmitPassword(f Failures, now time.Time) error {
	if f.Count >= l.PasswordLimit {
		return wait(f.LastAt.Add(l.PasswordLockedFor), now)
	}
	return wait(f.LastAt.Add(l.delay(f.Count)), now)
}

// AdmitCode decides whether a code may be tried now.
func (l LockoutPolicy) AdmitCode(f Failures, now time.Time) error {
	switch {
	case f.Count < l.CodeLimit:
		return wait(f.LastAt.Add(l.delay(f.Count)), now)
	case l.LiftedBy == LiftedByTime:
		return wait(f.LastAt.Add(l.CodeLockedFor), now)
	}
	return Refuse(TooManyAttempts)
}

// HasLapsed tells whether time has lifted the lock of so many wrong codes in a row: then they count no longer.
func (l LockoutPolicy) HasLapsed(f Failures, now time.Time) bool {
	return l.Disables(f) && l.AdmitCode(f, now) == nil
}

// IsLocked tells whether so many wrong passwords in a row keep a name locked now.
func (l LockoutPolicy) IsLocked(f Failures, now time.Time) bool {
	return f.Count >= l.PasswordLimit && l.AdmitPassword(f, now) != nil
}

// Lifts tells whether the support desk makes the factor work again when it unblocks its owner: where wrong codes disabled
// it and nothing else lifts that. A security key that was copied stays disabled.
func (l LockoutPolicy) Lifts(f Factor) bool {
	return f.DisabledAt != nil && l.Disables(f.Failures) && l.LiftedBy == LiftedBySupport
}

// AfterPassword is the count that a further wrong password makes. A lock that has lasted its time starts a new row.
func (l LockoutPolicy) AfterPassword(f Failures, now time.Time) Failures {
	if f.Count >= l.PasswordLimit && !now.Before(f.LastAt.Add(l.PasswordLockedFor)) {
		f.Count = 0
	}
	return f.Plus(now)
}

// Plus is the count that one more makes.
func (f Failures) Plus(now time.Time) Failures { return Failures{Count: f.Count + 1, LastAt: now} }

// Disables tells whether so many wrong codes in a row disable a factor.
func (l LockoutPolicy) Disables(f Failures) bool { return f.Count >= l.CodeLimit }

// Locks tells whether so many wrong passwords in a row lock a name, at the very one that does.
func (l LockoutPolicy) Locks(f Failures) bool { return f.Count == l.PasswordLimit }

// attemptsRemaining is how many wrong codes are still forgiven, by the factor that forgives the most of those that work.
func (l LockoutPolicy) attemptsRemaining(factors []Factor, now time.Time) int {
	remaining := 0
	for _, factor := range factors {
		if l.HasLapsed(factor.Failures, now) {
			factor.Failures, factor.DisabledAt = Failures{}, nil
		}
		if factor.DisabledAt != nil {
			continue
		}
		remaining = max(remaining, l.CodeLimit-factor.Failures.Count)
	}
	return remaining
}

// mostDoublings take the shortest of delays past the longest.
const mostDoublings = 63

func (l LockoutPolicy) delay(count int) time.Duration {
	if count <= l.FreeAttempts {
		return 0
	}
	delay := l.FirstDelay
	for range min(count-l.FreeAttempts-1, mostDoublings) {
		if delay > l.LongestDelay/2 {
			return l.LongestDelay
		}
		delay *= 2
	}
	return min(delay, l.LongestDelay)
}

func wait(until, now time.Time) error {
	if now.Before(until) {
		return &Error{Code: TooManyAttempts, RetryAfter: until.Sub(now)}
	}
	return nil
}
