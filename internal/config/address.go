package config

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

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
