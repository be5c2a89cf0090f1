package server

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Rate is how often something may happen: so many in one go, and so many a second on end.
type Rate struct {
	Burst, PerSecond int
}

// anonymousRate is what one address may ask of one portal without being signed in: more than a company behind one address
// needs in the morning, and more than the password hashes that a machine can work through. Guessing is counted elsewhere, per
// account and factor, in the database; this keeps one address from having the server to itself.
var anonymousRate = Rate{Burst: 1000, PerSecond: 500}

// mostClients bounds the table. Past it the address that asked longest ago is forgotten, which forgives it at most a burst.
const mostClients = 16_384

// limiter counts per portal and client address, in this process alone.
type limiter struct {
	interval time.Duration // that one request takes up
	slack    time.Duration // how far ahead of the clock a burst may run
	mutex    sync.Mutex
	clients  *lru.Cache[client, time.Time]
}

type client struct {
	portal  string
	network netip.Prefix
}

func newLimiter(rate Rate) *limiter {
	clients, err := lru.New[client, time.Time](mostClients)
	if err != nil {
		panic("server: " + err.Error()) // the size is a positive constant
	}
	interval := time.Second / time.Duration(rate.PerSecond)
	return &limiter{interval: interval, slack: interval * time.Duration(rate.Burst-1), clients: clients}
}

// admit takes one request, or says how long to wait. It is the generic cell rate algorithm: per client, the instant at
// which what was admitted so far is paid for.
func (l *limiter) admit(portal string, address netip.Addr, now time.Time) error {
	key := client{portal, networkOf(address)}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	paid, _ := l.clients.Get(key)
	if paid.Before(now) {
		paid = now
	}
	if wait := paid.Sub(now) - l.slack; wait > 0 {
		return &identity.Error{Code: identity.RateLimited, RetryAfter: wait}
	}
	l.clients.Add(key, paid.Add(l.interval))
	return nil
}

// networkOf is what counts as one client: an IPv4 address, or the /64 that a household or machine gets of IPv6.
func networkOf(address netip.Addr) netip.Prefix {
	bits := 32
	if address.Is6() {
		bits = 64
	}
	network, _ := address.Prefix(bits) // the zero prefix for no address at all
	return network
}
