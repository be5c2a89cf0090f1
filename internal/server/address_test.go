package server

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestTheClientsAddressIsWhatTrustedProxiesSayAndNobodyElse(t *testing.T) {
	t.Parallel()
	trusted := proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, row := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"nobody in between", "192.0.2.1:4711", nil, "192.0.2.1"},
		{"a stranger who says they are somebody else", "192.0.2.1:4711", []string{"203.0.113.9"}, "192.0.2.1"},
		{"a proxy", "10.0.0.1:4711", []string{"203.0.113.9"}, "203.0.113.9"},
		{"two proxies", "10.0.0.1:4711", []string{"203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		{"two proxies, a line each", "10.0.0.1:4711", []string{"203.0.113.9", "10.0.0.2"}, "203.0.113.9"},
		{"a client that lies to the proxy", "10.0.0.1:4711", []string{"198.51.100.7, 203.0.113.9"}, "203.0.113.9"},
		{"a client that lies in a line of its own", "10.0.0.1:4711", []string{"10.0.0.3", "203.0.113.9"}, "203.0.113.9"},
		{"a client behind the proxy's own network", "10.0.0.1:4711", []string{"10.0.0.2"}, "10.0.0.2"},
		{"a proxy that says nothing", "10.0.0.1:4711", nil, "10.0.0.1"},
		{"a proxy that says nonsense", "10.0.0.1:4711", []string{"203.0.113.9, unknown"}, "10.0.0.1"},
		{"nonsense before a proxy", "10.0.0.1:4711", []string{"unknown, 10.0.0.2"}, "10.0.0.2"},
		{"an address with its port", "10.0.0.1:4711", []string{"203.0.113.9:1234"}, "203.0.113.9"},
		{"IPv6", "[fd00::1]:4711", []string{"2001:db8::9"}, "2001:db8::9"},
		{"IPv6 with its port", "[fd00::1]:4711", []string{"[2001:db8::9]:1234"}, "2001:db8::9"},
		{"IPv4 dressed up as IPv6", "[::ffff:10.0.0.1]:4711", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"no address at all", "@", []string{"203.0.113.9"}, "invalid IP"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = row.remote, row.forwarded
		if got, _, _ := trusted.origin(r); got.String() != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
}

func TestARequestKeepsTheIDOfATrustedProxyAlone(t *testing.T) {
	t.Parallel()
	trusted := proxies{netip.MustParsePrefix("10.0.0.0/8")}
	for _, row := range []struct {
		name, remote string
		given        []string
		kept         bool
	}{
		{"a proxy's", "10.0.0.1:1", []string{"0192f5c4-7d2e.A_b"}, true},
		{"a stranger's", "192.0.2.1:1", []string{"0192f5c4-7d2e.A_b"}, false},
		{"none", "10.0.0.1:1", nil, false},
		{"two", "10.0.0.1:1", []string{"0192f5c4", "0192f5c5"}, false},
		{"too short a one", "10.0.0.1:1", []string{"0192f5c"}, false},
		{"too long a one", "10.0.0.1:1", []string{"01234567890123456789012345678901234567890123456789012345678901234"}, false},
		{"one with a line in it", "10.0.0.1:1", []string{"0192f5c4\nforged"}, false},
		{"one with a quotation mark", "10.0.0.1:1", []string{`0192f5c4"`}, false},
	} {
		r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
		r.RemoteAddr, r.Header["X-Request-Id"] = row.remote, row.given
		_, got, _ := trusted.origin(r)
		if kept := len(row.given) == 1 && got == row.given[0]; kept != row.kept {
			t.Errorf("%s: became %q", row.name, got)
		}
		if !row.kept && (len(got) != 32 || !isRequestID(got)) {
			t.Errorf("%s: ours is %q", row.name, got)
		}
	}
}
