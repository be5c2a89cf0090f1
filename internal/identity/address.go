package identity

import "net/netip"

// notPublic are the networks of the special-purpose registries (RFC 6890 and the registries of IANA that it began) that lie
// among the others. Of IPv6, all outside of 2000::/3 is not public anyway.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20",
)

var (
	globalUnicast = netip.MustParsePrefix("2000::/3")
	// An IPv4 address stands in the third to sixth byte of an address of 6to4 (RFC 3056), and in the last four bytes of one of
	// NAT64 (RFC 6052).
	sixToFour = netip.MustParsePrefix("2002::/16")
	nat64     = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// IsPublicAddress tells whether an address is one of the open internet, which anybody may write to: not one of this machine,
// of a private network, of a cloud's metadata, of many machines at once, or kept for something else. An address that wraps
// one of IPv4 is judged by that.
func IsPublicAddress(address netip.Addr) bool {
	address = address.Unmap()
	if !address.IsValid() || address.Zone() != "" {
		return false
	}
	if address.Is6() {
		raw := address.As16()
		switch {
		case sixToFour.Contains(address):
			return IsPublicAddress(netip.AddrFrom4([4]byte(raw[2:6])))
		case nat64.Contains(address):
			return IsPublicAddress(netip.AddrFrom4([4]byte(raw[12:16])))
		case !globalUnicast.Contains(address):
			return false
		}
	}
	for _, network := range notPublic {
		if network.Contains(address) {
			return false
		}
	}
	return true
}
