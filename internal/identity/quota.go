package identity

import "time"

// APIPolicy bounds what partners' programs may ask of a portal.
type APIPolicy struct {
	// RequestsPerMinute is how many requests each API token may make in a minute of the clock.
	RequestsPerMinute int
}

// QuotaWindow is how long a quota lasts: a minute of the clock, by the database's.
const QuotaWindow = time.Minute

// Lease is how many requests a process sets aside at a time, so that it needn't write for each: a twentieth of the quota. What
// it has set aside and doesn't use, no other process can use in that minute.
func (p APIPolicy) Lease() int { return max(1, p.RequestsPerMinute/20) }

// Quota is how many requests an API token may make, and what is left of them.
type Quota struct {
	Limit int
	// Remaining is what was left when a process last set requests aside, less its own since. Other processes may have taken
	// some of it.
	Remaining int
	// ResetsIn is how long it is until all of them are there again.
	ResetsIn time.Duration
}

// Leased is how many of the requests that a process set aside are within the limit; taken counts all that were set aside in
// the window, these with them.
func (p APIPolicy) Leased(taken int) int {
	return min(max(p.RequestsPerMinute-(taken-p.Lease()), 0), p.Lease())
}

// Quota is what an API token is told: taken were set aside in the window that began then, and left of them are not used.
func (p APIPolicy) Quota(taken, left int, window, now time.Time) Quota {
	return Quota{
		Limit: p.RequestsPerMinute, Remaining: max(p.RequestsPerMinute-taken, 0) + left,
		ResetsIn: max(window.Add(QuotaWindow).Sub(now), 0),
	}
}
