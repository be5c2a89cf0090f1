package testrig

import (
	"sync"
	"time"
)

// Clock stands still until it is told to move. Safe for concurrent use.
type Clock struct {
	mutex sync.Mutex
	now   time.Time
}

// NewClock makes a clock that stands at noon of 11 June 2025, UTC.
func NewClock() *Clock {
	return &Clock{now: time.Date(2025, time.June, 11, 12, 0, 0, 0, time.UTC)}
}

// Now is where the clock stands.
func (c *Clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

// Advance moves the clock and answers where it stands then.
func (c *Clock) Advance(by time.Duration) time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(by)
	return c.now
}

// Set puts the clock to an instant.
func (c *Clock) Set(now time.Time) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = now
}
