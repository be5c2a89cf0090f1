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
func (r *Rig) brokers(s settings) app.Brokers {
	r.T.Helper()
	all := app.Brokers{}
	for _, portal := range s.portals {
		all[portal.Slug] = map[string]*federation.RelyingParty{}
		for _, row := range portal.Providers {
			if s.broker == nil && r.Broker == nil {
				continue
			}
			party, err := federation.NewRelyingParty(federation.OIDC{
				Provider: row, ClientSecret: testrig.BrokerSecret,
				RedirectURL: r.URL + "/portals/" + portal.Slug + identity.FederationPath + row.Name + identity.ReturnName,
			})
			r.must(err)
			all[portal.Slug][row.Name] = party
		}
	}
	return all
}

// Depart begins a sign-in through the broker, and answers the address that the browser is sent to.
func (b *Browser) Depart(returnTo string) string {
	b.rig.T.Helper()
	answer := b.Do(`mutation ($to: String!) { beginBusinessSignIn(input: {provider: "eherkenning", returnTo: $to}) {
		redirectUrl userErrors { code path } } }`, map[string]any{"to": returnTo})
	return answer.String("beginBusinessSignIn.redirectUrl")
}

// Begin asks to leave for the broker with an invitation, "" for none.
func (b *Browser) Begin(invitation string) Answer {
	b.rig.T.Helper()
	return b.Do(`mutation ($token: String) { beginBusinessSignIn(input: {provider: "eherkenning", returnTo: "/welcome", invitation: $token}) {
		redirectUrl userErrors { code path } } }`, map[string]any{"token": invitation})
}

// DepartWith begins a sign-in through the broker with an invitation, "" for none, and answers where the browser is sent.
func (b *Browser) DepartWith(invitation string) string {
	b.rig.T.Helper()
	return b.Begin(invitation).String("beginBusinessSignIn.redirectUrl")
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
