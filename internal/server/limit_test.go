package server

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestABurstIsAdmittedAndThenSoManyASecond(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(Rate{Burst: 3, PerSecond: 10}), time.Unix(1_000_000, 0)
	ask := func(portal, address string) time.Duration {
		var refusal *identity.Error
		if errors.As(l.admit(portal, netip.MustParseAddr(address), now), &refusal) {
			return refusal.RetryAfter
		}
		return 0
	}
	expect := func(want time.Duration, portal, address string) {
		t.Helper()
		if got := ask(portal, address); got != want {
			t.Errorf("%s at %s must wait %s, want %s", address, portal, got, want)
		}
	}
	for range 3 {
		expect(0, "north", "192.0.2.1")
	}
	expect(100*time.Millisecond, "north", "192.0.2.1")
	expect(100*time.Millisecond, "north", "192.0.2.1") // to be refused costs nothing
	expect(0, "south", "192.0.2.1")
	expect(0, "north", "192.0.2.2")
	for range 3 {
		expect(0, "north", "2001:db8::1")
	}
	expect(100*time.Millisecond, "north", "2001:db8::ffff:ffff:ffff:ffff")
	expect(0, "north", "2001:db8:0:1::1")
	now = now.Add(100 * time.Millisecond)
	expect(0, "north", "192.0.2.1")
	expect(100*time.Millisecond, "north", "192.0.2.1")
	now = now.Add(time.Hour)
	for range 3 {
		expect(0, "north", "192.0.2.1")
	}
	expect(100*time.Millisecond, "north", "192.0.2.1")
}

func TestTheTableOfClientsDoesNotGrowWithoutEnd(t *testing.T) {
	t.Parallel()
	l, now := newLimiter(Rate{Burst: 1, PerSecond: 1}), time.Unix(1_000_000, 0)
	for n := range mostClients + 10 {
		address := netip.MustParseAddr(fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255))
		if err := l.admit("north", address, now); err != nil {
			t.Fatal(address, err)
		}
	}
	if l.clients.Len() != mostClients {
		t.Errorf("%d clients are kept", l.clients.Len())
	}
}
