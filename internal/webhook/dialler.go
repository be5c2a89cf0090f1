package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Resolver finds the addresses of a name; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

var (
	errUnresolved = errors.New("the name has no address")
	errNotPublic  = errors.New("the address isn't public")
)

// dialler connects to public addresses alone. A name is resolved once for a connection, and the addresses that were looked at
// are those that are dialled, so that a name which leads elsewhere the second time (DNS rebinding) leads nowhere.
type dialler struct {
	resolver Resolver
	allowed  []netip.Prefix
	dialer   net.Dialer
}

func newDialler(options Options) *dialler {
	d := &dialler{resolver: options.Resolver, allowed: options.Allowed}
	if d.resolver == nil {
		d.resolver = net.DefaultResolver
	}
	d.dialer = net.Dialer{Timeout: connectTimeout, ControlContext: d.control}
	return d
}

const connectTimeout = 5 * time.Second

// admits tells whether something may be sent to an address.
func (d *dialler) admits(address netip.Addr) bool {
	return identity.IsPublicAddress(address) || d.isAllowed(address)
}

func (d *dialler) isAllowed(address netip.Addr) bool {
	return slices.ContainsFunc(d.allowed, func(p netip.Prefix) bool { return p.Contains(address.Unmap()) })
}

// dial connects to one of a name's addresses. One that isn't public spoils them all: an honest name has none.
func (d *dialler) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	found, err := d.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(found) == 0 {
		return nil, errors.Join(errUnresolved, err)
	}
	for _, one := range found {
		if !d.admits(one) {
			return nil, errNotPublic
		}
	}
	var failures []error
	for _, one := range found {
		connection, err := d.dialer.DialContext(ctx, network, net.JoinHostPort(one.Unmap().String(), port))
		if err == nil {
			return connection, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

// control looks at the address once more, in the form in which the system is about to connect to it.
func (d *dialler) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read the address: %w", err)
	}
	if !d.admits(to.Addr()) {
		return errNotPublic
	}
	return nil
}
