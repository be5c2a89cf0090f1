package identity

import "time"

// A code that is sent works for its owner alone: one sign-in, one session that proves itself again, or the enrolments of
// one user.
const (
	// CodeLifetime is how long a sent code can be used.
	CodeLifetime = 10 * time.Minute
	// CodeResendPause is how long to wait before the same person is sent another.
	CodeResendPause = 30 * time.Second
	// CodeResends is how often a code can be sent again for the same owner while the first one would still work.
	CodeResends = 4
	// CodesPerHour is how many codes one person is sent in an hour, whoever asks.
	CodesPerHour = 15
)

// RecentCodes is what the person was sent within the last hour, for whatever owner.
type RecentCodes struct {
	Count  int
	LastAt *time.Time
}

// Dispatch decides whether a code can be sent for a factor now; before is what was last sent for the same owner. A new
// code voids the one before; it forgives no wrong one.
func Dispatch(factor ID, before *CodeDispatch, recent RecentCodes, now time.Time) (CodeDispatch, error) {
	next := CodeDispatch{
		FactorID: factor, SentAt: now, ExpiresAt: now.Add(CodeLifetime), ResendAllowedAt: now.Add(CodeResendPause),
		ResendsRemaining: CodeResends,
	}
	if before != nil && now.Before(before.ExpiresAt) {
		next.ResendsRemaining = before.ResendsRemaining - 1
	}
	switch {
	case next.ResendsRemaining < 0, recent.Count >= CodesPerHour:
		return next, Refuse(TooManyAttempts)
	case recent.LastAt != nil && now.Before(recent.LastAt.Add(CodeResendPause)):
		return next, &Error{Code: ResendTooSoon, RetryAfter: recent.LastAt.Add(CodeResendPause).Sub(now)}
	}
	return next, nil
}
