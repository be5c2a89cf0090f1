package server

import (
	"net/http"
	"strings"

	"github.com/rs/cors"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// portal is a portal with what the server keeps ready for it.
type portal struct {
	identity.Portal
	cors    *cors.Cors
	forgery *http.CrossOriginProtection
	counts
}

// portals finds a portal by name and by host.
type portals struct {
	bySlug, byHost map[string]*portal
	// none stands for no portal at all.
	none *portal
}

func newPortals(all []identity.Portal, m *metrics) portals {
	found := portals{
		bySlug: make(map[string]*portal, len(all)), byHost: make(map[string]*portal, len(all)),
		none: &portal{counts: m.of("")},
	}
	for _, one := range all {
		p := &portal{Portal: one, cors: newCORS(one.SPA.Origin), forgery: newForgery(one.SPA.Origin), counts: m.of(one.Slug)}
		found.bySlug[one.Slug] = p
		for _, host := range one.Hosts {
			found.byHost[host] = p
		}
	}
	return found
}

const prefix = "/portals/"

// find answers the portal that a request is for, and the path behind the portal's prefix: /portals/SLUG/… on any host, and
// else the portal that has the host.
func (p portals) find(r *http.Request) (*portal, string) {
	path := r.URL.Path
	found := p.byHost[r.Host]
	if rest, named := strings.CutPrefix(path, prefix); named {
		slug, behind, _ := strings.Cut(rest, "/")
		found, path = p.bySlug[slug], "/"+behind
	} else if found == nil {
		// Host names know no case, and a port that is the scheme's own is seldom written.
		found = p.byHost[strings.TrimSuffix(strings.ToLower(r.Host), ":443")]
	}
	if found == nil {
		return p.none, path
	}
	return found, path
}
