package rig

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/federation"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// WithBroker lets people of a portal come in through a provider of businesses; change may say how.
func WithBroker(t testing.TB, clock *testrig.Clock, portal string, change func(*identity.Provider)) Option {
	broker := testrig.NewBroker(t, clock)
	return func(s *settings) {
		s.broker = broker
		Portal(portal, func(p *identity.Portal) {
			row := broker.Provider()
			if change != nil {
				change(&row)
			}
			p.Providers = []identity.Provider{row}
		})(s)
	}
}

// brokers speak with the providers of all portals.
func (r *Rig) brokers() app.Brokers {
	r.T.Helper()
	all := app.Brokers{}
	for _, portal := range r.Portals {
		all[portal.Slug] = map[string]app.Broker{}
		for _, row := range portal.Providers {
			if row.SAML != nil {
				all[portal.Slug][row.Name] = r.serviceProvider(portal, row)
			} else if r.Broker != nil {
				all[portal.Slug][row.Name] = r.relyingParty(portal, row)
			}
		}
	}
	return all
}

func (r *Rig) relyingParty(portal identity.Portal, row identity.Provider) app.Broker {
	r.T.Helper()
	party, err := federation.NewRelyingParty(federation.OIDC{
		Provider: row, ClientSecret: testrig.BrokerSecret, RedirectURL: r.URL + "/portals/" + portal.Slug + row.ReturnPath(),
	})
	r.must(err)
	return party
}

// Depart begins a sign-in through the broker, and answers the address that the browser is sent to.
func (b *Browser) Depart(returnTo string) string {
	b.rig.T.Helper()
	answer := b.Do(`mutation ($to: String!) { beginBusinessSignIn(input: {provider: "eherkenning", returnTo: $to}) {
		redirectUrl userErrors { code path } } }`, map[string]any{"to": returnTo})
	return answer.String("beginBusinessSignIn.redirectUrl")
}

// Visit follows an address as a browser does that comes from another site: only what SameSite=None lets along goes along. It
// answers the status and where the browser is sent on to.
func (b *Browser) Visit(address string) (int, string) {
	b.rig.T.Helper()
	request, err := http.NewRequest(http.MethodGet, address, nil)
	b.rig.must(err)
	name := graph.JourneyCookie(b.Portal)
	if value, has := b.Cookies()[name]; has && strings.Contains(address, identity.FederationPath) {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := (&http.Transport{}).RoundTrip(request)
	b.rig.must(err)
	_ = response.Body.Close()
	b.keep(response.Cookies())
	return response.StatusCode, response.Header.Get("Location")
}

// Come goes through the broker as somebody with these claims, and comes back.
func (b *Browser) Come(claims map[string]any) (int, string) {
	b.rig.T.Helper()
	return b.Visit(b.rig.Broker.Identify(b.rig.T, b.Depart("/welcome"), claims))
}
