package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// longestReturn bounds the query that a provider sends a browser back with.
const longestReturn = 8 << 10

// federation receives browsers that are back from an identification provider, and sends them on to the portal's application
// with nothing in the address: what became of it, currentSignIn says. It reads no cookie but the journey's.
func (s *Server) federation(v *visit, r *http.Request) {
	provider, is := strings.CutSuffix(strings.TrimPrefix(v.path, identity.FederationPath), identity.ReturnName)
	if !is || strings.Contains(provider, "/") {
		v.notFound("Nothing is served at this path of the portal.")
		return
	}
	if r.Method != http.MethodGet {
		v.badMethod("GET")
		return
	}
	ctx := context.WithValue(r.Context(), visitKey{}, v)
	if limited := s.limits.admit(v.portal.Slug, v.client, s.options.Clock()); limited != nil {
		s.deny(ctx, v, r, limited)
		return
	}
	returned, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(r.URL.RawQuery) > longestReturn {
		s.deny(ctx, v, r, identity.Refuse(identity.BadUserInput))
		return
	}
	browser := ""
	if cookie, err := r.Cookie(graph.JourneyCookie(v.portal.Slug)); err == nil {
		browser = cookie.Value
	}
	actor := identity.Actor{Portal: v.portal.Portal, Client: v.clientOf(r)}
	outcome, path, err := s.options.App.ReturnFromProvider(ctx, actor, provider, browser, returned)
	if err != nil {
		s.deny(ctx, v, r, err)
		return
	}
	graph.Returned(ctx, v.Header(), actor, outcome)
	v.Header().Set("Location", v.portal.SPA.Origin+path)
	v.WriteHeader(http.StatusSeeOther)
}
