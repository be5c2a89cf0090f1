package server

import (
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the networks that are believed what they say of a request.
type proxies []netip.Prefix

func (p proxies) trusts(address netip.Addr) bool {
	for _, network := range p {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// origin tells whose request it is, by which id it is known, and whether the connection comes from a trusted proxy: then,
// and from nobody else, X-Forwarded-For and X-Request-Id count.
func (p proxies) origin(r *http.Request) (client netip.Addr, id string, trusted bool) {
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		client = peer.Addr().Unmap()
	}
	if len(p) == 0 || !p.trusts(client) {
		return client, newRequestID(), false
	}
	if given := r.Header["X-Request-Id"]; len(given) == 1 && isRequestID(given[0]) {
		return p.forwarded(client, r.Header["X-Forwarded-For"]), given[0], true
	}
	return p.forwarded(client, r.Header["X-Forwarded-For"]), newRequestID(), true
}

// forwarded walks from the connection back towards the client, hop by hop, as long as the hops are trusted: each proxy
// wrote down who came to it, at the right, and everything to the left of the first stranger is hearsay.
func (p proxies) forwarded(hop netip.Addr, lines []string) netip.Addr {
	for i := len(lines) - 1; i >= 0; i-- {
		rest, more := lines[i], true
		for more {
			var last string
			if comma := strings.LastIndexByte(rest, ','); comma >= 0 {
				rest, last = rest[:comma], rest[comma+1:]
			} else {
				last, more = rest, false
			}
			before, ok := parseHop(strings.TrimSpace(last))
			if !ok {
				return hop
			}
			if hop = before; !p.trusts(hop) {
				return hop
			}
		}
	}
	return hop
}

// parseHop reads an address as proxies write it, some with the port.
func parseHop(text string) (netip.Addr, bool) {
	if address, err := netip.ParseAddr(text); err == nil {
		return address.Unmap().WithZone(""), true
	}
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap().WithZone(""), true
	}
	return netip.Addr{}, false
}

// isRequestID accepts what can stand in a log and in a header without a second thought.
func isRequestID(text string) bool {
	if len(text) < 8 || len(text) > 64 {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}
