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
	// CodeLimit is the number of wrong codes in a row after which the factor is disabled for good; recovery replaces it.
	CodeLimit int
}

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
	if f.Count >= l.CodeLimit {
		return Refuse(TooManyAttempts)
	}
	return wait(f.LastAt.Add(l.delay(f.Count)), now)
}

// After is the count that a further wrong one makes. A lock that has lasted its time starts a new row.
func (l LockoutPolicy) After(f Failures, now time.Time) Failures {
	if f.Count >= l.PasswordLimit && !now.Before(f.LastAt.Add(l.PasswordLockedFor)) {
		f.Count = 0
	}
	return Failures{Count: f.Count + 1, LastAt: now}
}

// CodesRemaining is how many wrong codes are still forgiven.
func (l LockoutPolicy) CodesRemaining(f Failures) int {
	return max(0, l.CodeLimit-f.Count)
}

func (l LockoutPolicy) delay(count int) time.Duration {
	if count <= l.FreeAttempts {
		return 0
	}
	delay := l.FirstDelay
	for range count - l.FreeAttempts - 1 {
		if delay >= l.LongestDelay {
			break
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
