package server

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// longestReturn bounds what a provider sends a browser back with, in bytes: a query or a form.
const longestReturn = 8 << 10

// federation is what identification providers find below FederationPath. It reads no cookie but the journey's.
func (s *Server) federation(v *visit, r *http.Request) {
	name, asked, _ := strings.Cut(strings.TrimPrefix(v.path, identity.FederationPath), "/")
	ctx := context.WithValue(r.Context(), visitKey{}, v)
	methods := map[string]string{
		identity.CallbackName: "GET", identity.ConsumerName: "GET, POST", identity.MetadataName: "GET",
	}["/"+asked]
	switch limited := s.limits.admit(v.portal.Slug, v.client, s.options.Clock()); {
	case methods == "":
		v.notFound("Nothing is served at this path of the portal.")
	case r.Method != http.MethodGet && (r.Method != http.MethodPost || !strings.HasSuffix(methods, "POST")):
		v.badMethod(methods)
	case limited != nil:
		s.deny(ctx, v, r, limited)
	case "/"+asked == identity.MetadataName:
		s.providerMetadata(ctx, v, r, name)
	default:
		s.arrive(ctx, v, r)
	}
}

// arrive receives a browser that is back from a provider, and sends it on to the portal's application with nothing in the
// address: what became of it, currentSignIn says.
//
// A form comes from the provider's page, another site, and nothing here asks for its Origin: the journey's cookie, which that
// browser alone has, and the state that it was sent out with are what it is known by.
func (s *Server) arrive(ctx context.Context, v *visit, r *http.Request) {
	v.Header()["Cache-Control"], v.Header()["Pragma"] = noCache, pragma
	brought, err := readReturn(r)
	if err != nil {
		s.deny(ctx, v, r, err)
		return
	}
	arrival := app.Arrival{Path: v.path, Brought: brought}
	if cookie, err := r.Cookie(graph.JourneyCookie(v.portal.Slug)); err == nil {
		arrival.Browser = cookie.Value
	}
	actor := identity.Actor{Portal: v.portal.Portal, Client: v.clientOf(r)}
	outcome, path, err := s.options.App.ReturnFromProvider(ctx, actor, arrival)
	if err != nil {
		s.deny(ctx, v, r, err)
		return
	}
	graph.Returned(ctx, v.Header(), actor, outcome)
	v.Header().Set("Location", v.portal.SPA.Origin+path)
	v.WriteHeader(http.StatusSeeOther)
}

// readReturn reads the query of a GET, or the form of a POST that has no query.
func readReturn(r *http.Request) (url.Values, error) {
	text := r.URL.RawQuery
	if r.Method == http.MethodPost {
		kinds := r.Header["Content-Type"]
		if text != "" || len(kinds) != 1 || kinds[0] != "application/x-www-form-urlencoded" {
			return nil, identity.Refuse(identity.BadUserInput)
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, longestReturn+1))
		if err != nil {
			return nil, identity.Refuse(identity.BadUserInput) // who hangs up needs no answer
		}
		text = string(body)
	}
	brought, err := url.ParseQuery(text)
	if err != nil || len(text) > longestReturn {
		return nil, identity.Refuse(identity.BadUserInput)
	}
	return brought, nil
}

// providerMetadata tells a SAML broker who we are; anybody may read it.
func (s *Server) providerMetadata(ctx context.Context, v *visit, r *http.Request, provider string) {
	document, err := s.options.App.ProviderMetadata(ctx, v.portal.Portal, provider)
	if err != nil {
		s.deny(ctx, v, r, err)
		return
	}
	v.Header().Set("Content-Type", "application/samlmetadata+xml")
	v.Header()["Cache-Control"] = briefly
	_, _ = v.Write(document) // who hangs up needs no answer
}
