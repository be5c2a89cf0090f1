package config

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// slug names a portal, as identity.Portal promises.
var slug = matching(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`,
	"1 to 32 lower-case letters, digits and hyphens, with no hyphen at either end")

// host reads a host as a browser sends it, lower-case, with a port where it isn't the scheme's own.
var host = scalar("!!str", "a lower-case host name, with a port where it isn't 443, such as mijn.example.nl or localhost:8080",
	func(text string) (string, bool) {
		name, port, found := strings.Cut(text, ":")
		return text, isHost(name) && (!found || isPort(port))
	})

// origin reads where a single-page application lives, exactly as a browser states it in Origin (RFC 6454 §6.1).
var origin = scalar("!!str", "scheme and host, such as https://mijn.example.nl; http only for localhost",
	func(text string) (string, bool) {
		u, err := url.Parse(text)
		if err != nil || u.Scheme+"://"+u.Host != text || strings.HasSuffix(u.Host, ":") {
			return "", false
		}
		name, port := u.Hostname(), u.Port()
		secure := u.Scheme == "https" && port != "443"
		local := u.Scheme == "http" && port != "80" && isLoopback(name)
		return text, isHost(name) && (port == "" || isPort(port)) && (secure || local)
	})

// domain reads what security keys are bound to.
var domain = scalar("!!str", "a lower-case domain, such as example.nl", func(text string) (string, bool) {
	return text, isHost(text)
})

// hostOf is the host of an origin, without its port; "" where there is none.
func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// binds tells whether the pages of an origin may use keys that are bound to a domain: its own host, or a domain above it
// that isn't everybody's, such as "nl" or "co.uk" (HTML, "is a registrable domain suffix of or is equal to").
func binds(domain, origin string) bool {
	host := hostOf(origin)
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	if domain == host {
		return true
	}
	suffix, _ := publicsuffix.PublicSuffix(domain)
	return strings.HasSuffix(host, "."+domain) && suffix != domain
}

// pagePath reads the path of a page of the single-page application. The fragment is the token's.
var pagePath = matching(`^(/[A-Za-z0-9._~-]+)+/?$|^/$`, "a path without query and fragment, such as /password")

// mailbox reads an e-mail address.
var mailbox = scalar("!!str", "an e-mail address, such as portal@example.nl", func(text string) (identity.EmailAddress, bool) {
	address, err := identity.ParseEmailAddress(text)
	return address, err == nil
})

// colour reads a colour as HTML mails write it.
var colour = matching(`^#[0-9a-fA-F]{6}$`, `a colour as "#rrggbb", in quotation marks`)

var hostLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func isHost(name string) bool {
	if len(name) > 253 {
		return false
	}
	for _, label := range strings.Split(name, ".") {
		if !hostLabel.MatchString(label) {
			return false
		}
	}
	return true
}

// isPort accepts 1 to 65535 as browsers write it: without leading zeroes.
func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0 && text == strconv.FormatUint(port, 10)
}

func isLoopback(name string) bool {
	if address, err := netip.ParseAddr(name); err == nil {
		return address.IsLoopback()
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}
