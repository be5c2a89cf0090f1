package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/rs/cors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// newCORS lets one origin read answers, with cookies: the portal's single-page application.
func newCORS(origin string) *cors.Cors {
	return cors.New(cors.Options{
		AllowOriginFunc:  func(given string) bool { return given == origin },
		AllowCredentials: true,
		AllowedMethods:   []string{http.MethodGet, http.MethodPost},
		AllowedHeaders:   []string{"Content-Type", "Authorization", "Accept-Language", unattended},
		ExposedHeaders:   []string{"X-Request-Id", "Retry-After"},
		MaxAge:           2 * 60 * 60, // seconds, the most that Chrome keeps it
	})
}

// preflight says to browsers who may read the answer, and tells whether that was all they asked.
func preflight(v *visit, r *http.Request) bool {
	v.portal.cors.HandlerFunc(v, r)
	return v.status != 0
}

func newForgery(origin string) *http.CrossOriginProtection {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(origin); err != nil {
		panic("server: a portal's origin is no origin: " + err.Error()) // portal files are checked before
	}
	return protection
}

// checkOrigin refuses what a foreign page makes a browser send. The standard library judges by Sec-Fetch-Site, or Origin
// where that is missing; on top of it, an Origin that is given must be exactly the portal's application or this server
// itself. Programs, which send neither, pass.
func (p *portal) checkOrigin(r *http.Request) error {
	if p.forgery.Check(r) != nil {
		return identity.Refuse(identity.Forbidden)
	}
	given := r.Header["Origin"]
	if r.Method != http.MethodPost || len(given) == 0 {
		return nil
	}
	if len(given) > 1 || given[0] != p.SPA.Origin && !isOwn(given[0], r.Host) {
		return identity.Refuse(identity.Forbidden)
	}
	return nil
}

// isOwn tells whether an origin is this server, as the browser names it: by https, or on this machine by http.
func isOwn(origin, host string) bool {
	scheme, named, _ := strings.Cut(origin, "://")
	return named == host && (scheme == "https" || scheme == "http" && isLocal(host))
}

func isLocal(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	address, err := netip.ParseAddr(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || err == nil && address.IsLoopback()
}
