package server

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// route is what a request is for. Their number is small and ours, so that they may be labels of metrics.
type route int

const (
	elsewhere route = iota
	graphqlRoute
	graphiqlRoute
	schemaRoute
	securityRoute
	rootRoute
	textStatusRoute
	federationRoute
	auditRoute
	dossierRoute
	routes // how many there are
)

// String names the route in logs and metrics.
func (r route) String() string {
	return [routes]string{"none", "graphql", "graphiql", "schema", "security.txt", "root", "text status", "federation", "audit", "dossier"}[r]
}

func routeOf(path string) route {
	switch path {
	case "/graphql":
		return graphqlRoute
	case "/schema.graphqls":
		return schemaRoute
	case "/.well-known/security.txt":
		return securityRoute
	case "/":
		return rootRoute
	case "/graphiql":
		return graphiqlRoute
	}
	switch {
	case strings.HasPrefix(path, "/graphiql/"):
		return graphiqlRoute
	case strings.HasPrefix(path, identity.TextStatusPath):
		return textStatusRoute
	case strings.HasPrefix(path, identity.FederationPath):
		return federationRoute
	case strings.HasPrefix(path, auditPath):
		return auditRoute
	case strings.HasPrefix(path, dossierPath):
		return dossierRoute
	}
	return elsewhere
}

var graphiql = graph.GraphiQL()

func (s *Server) route(v *visit, r *http.Request) {
	if v.portal == s.portals.none {
		v.notFound("No portal is served at this address: ask a portal's own host, or /portals/ and the portal's name.")
		return
	}
	v.route = routeOf(v.path)
	switch {
	case v.route == graphqlRoute:
		s.graphql(v, r)
	case v.route == elsewhere:
		v.notFound("Nothing is served at this path of the portal: try /graphql, /graphiql or /schema.graphqls.")
	case v.route == textStatusRoute:
		s.textStatus(v, r)
	case v.route == federationRoute:
		s.federation(v, r)
	case v.route == auditRoute:
		s.audit(v, r)
	case v.route == dossierRoute:
		s.dossier(v, r)
	case v.route == schemaRoute && preflight(v, r):
	case v.route == graphiqlRoute:
		graphiql.ServeHTTP(v, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		v.badMethod("GET, HEAD")
	case v.route == schemaRoute:
		plain(v, s.options.Schema)
	case v.route == securityRoute:
		plain(v, securityText(v.portal, v.began))
	default:
		v.Header().Set("Location", "graphiql") // relative: a proxy, or a prefix, may stand in front
		if !strings.HasSuffix(r.URL.Path, "/") {
			v.Header().Set("Location", v.portal.Slug+"/graphiql")
		}
		v.WriteHeader(http.StatusSeeOther)
	}
}

// securityText tells whom to tell of a hole (RFC 9116), good for a year.
func securityText(p *portal, now time.Time) string {
	expires := now.UTC().AddDate(1, 0, 0).Truncate(24 * time.Hour).Format(time.RFC3339)
	return fmt.Sprintf("Contact: mailto:%s\nExpires: %s\nPreferred-Languages: nl, en\n", p.Mail.FromAddress, expires)
}

func plain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text) // who hangs up needs no answer
}
