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
	// CodesPerHour is how many codes one person is sent in an hour by each medium, whoever asks.
	CodesPerHour = 15
	// UsernamesPerHour is how many mails with their user name one person is sent in an hour, whoever asks.
	UsernamesPerHour = 5
)

// Recent is how many mails of one kind a person was sent within the last hour, whoever asked for them, and when the last.
type Recent struct {
	Count  int
	LastAt *time.Time
}

// within tells whether the last one is younger than a pause.
func (r Recent) within(pause time.Duration, now time.Time) bool {
	return r.LastAt != nil && now.Before(r.LastAt.Add(pause))
}

// Dispatch decides whether a code can be sent for a factor now; before is what was last sent for the same owner. A new
// code voids the one before; it forgives no wrong one.
func Dispatch(factor ID, before *CodeDispatch, recent Recent, now time.Time) (CodeDispatch, error) {
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
	case recent.within(CodeResendPause, now):
		return next, &Error{Code: ResendTooSoon, RetryAfter: recent.LastAt.Add(CodeResendPause).Sub(now)}
	}
	return next, nil
}

// MayMailUsername decides whether a person is mailed their user name now. Whoever asked hears nothing of it: that a mail
// went out tells that the account exists.
func (p LinkPolicy) MayMailUsername(u User, recent Recent, now time.Time) bool {
	status := u.Status()
	return u.Username != nil && (status == StatusActive || status == StatusReRegistering) &&
		recent.Count < UsernamesPerHour && !recent.within(p.ResendPause, now)
}
