package config

import (
	"fmt"
	"net/netip"
	"strings"
)

// Networks are ranges of addresses, written as CIDRs with commas between.
type Networks []netip.Prefix

// UnmarshalText refuses a range that isn't one, and the range of all addresses: trusting everybody's headers lets
// everybody choose their own address.
func (n *Networks) UnmarshalText(text []byte) error {
	var all Networks
	for _, part := range strings.Split(string(text), ",") {
		part = strings.TrimSpace(part)
		network, err := netip.ParsePrefix(part)
		switch {
		case err != nil:
			return fmt.Errorf("has %q; allowed: CIDRs with commas between, such as 10.0.0.0/8, 192.0.2.7/32, fd00::/8", part)
		case network.Bits() == 0:
			return fmt.Errorf("has %q, which is everybody; allowed: the networks of your own proxies", part)
		case network != network.Masked():
			return fmt.Errorf("has %q, which isn't the beginning of a network; did you mean %s?", part, network.Masked())
		}
		all = append(all, network)
	}
	*n = all
	return nil
}
