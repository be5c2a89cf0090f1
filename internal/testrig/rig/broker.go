package rig

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/demo/broker"
	"github.com/sleutelbos/sleutelbos/internal/federation"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// WithBroker lets people of a portal come in through a provider of businesses; change may say how.
func WithBroker(t testing.TB, clock *testrig.Clock, portal string, change func(*identity.Provider)) Option {
	broker := testrig.NewBroker(t, clock)
	return func(s *settings) {
		s.broker = broker
		row := broker.Provider()
		if change != nil {
			change(&row)
		}
		WithProvider(portal, row)(s)
	}
}

// WithProvider lets people of a portal come in through that provider, and no other.
func WithProvider(portal string, row identity.Provider) Option {
	return Portal(portal, func(p *identity.Portal) { p.Providers = []identity.Provider{row} })
}

// openBroker has every provider of the portals be the rig's broker, but those that are on this machine already.
func (r *Rig) openBroker(s settings) {
	r.T.Helper()
	if r.Broker == nil {
		r.Broker = testrig.NewBroker(r.T, r.Clock)
	}
	for i, portal := range s.portals {
		rows := make([]identity.Provider, len(portal.Providers))
		for j, row := range portal.Providers {
			if row.OIDC != nil && strings.HasPrefix(row.OIDC.Issuer, "https:") {
				there := *row.OIDC
				there.Issuer, row.OIDC = r.Broker.URL, &there
			}
			rows[j] = row
		}
		s.portals[i].Providers = rows
	}
}

// brokers speak with the providers of all portals.
func (r *Rig) brokers(s settings) app.Brokers {
	r.T.Helper()
	r.openBroker(s)
	all := app.Brokers{}
	for _, portal := range s.portals {
		all[portal.Slug] = map[string]app.Broker{}
		for _, row := range portal.Providers {
			if row.SAML != nil {
				all[portal.Slug][row.Name] = r.serviceProvider(portal, row)
			} else {
				all[portal.Slug][row.Name] = r.relyingParty(portal, row)
			}
		}
	}
	return all
}

func (r *Rig) relyingParty(portal identity.Portal, row identity.Provider) app.Broker {
	r.T.Helper()
	party, err := federation.NewRelyingParty(federation.OIDC{
		Provider: row, ClientSecret: testrig.BrokerSecret, RedirectURL: r.ReturnURL(portal.Slug, row.Name),
	})
	r.must(err)
	return party
}

// ReturnURL is where a provider that speaks OpenID Connect sends browsers back to.
func (r *Rig) ReturnURL(portal, provider string) string {
	return r.URL + "/portals/" + portal + identity.Provider{Name: provider}.ReturnPath()
}

// Depart begins a sign-in through the provider eherkenning, and answers the address that the browser is sent to.
func (b *Browser) Depart(returnTo string) string {
	b.rig.T.Helper()
	return b.DepartTo("eherkenning", returnTo)
}

// DepartTo begins a sign-in through a provider, and answers the address that the browser is sent to; "" where it is refused.
func (b *Browser) DepartTo(provider, returnTo string) string {
	b.rig.T.Helper()
	answer := b.Do(`mutation ($provider: String!, $to: String!) { beginBusinessSignIn(input: {provider: $provider, returnTo: $to}) {
		redirectUrl userErrors { code path } } }`, map[string]any{"provider": provider, "to": returnTo})
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

// ComeBy goes through a provider of the portal as somebody of whom it says that, in the words of portal files (broker.Fields
// and broker.Level), and comes back.
func (b *Browser) ComeBy(provider string, said map[string]string) (int, string) {
	b.rig.T.Helper()
	row, _ := b.rig.Portal(b.Portal).Provider(provider)
	if row.OIDC == nil {
		b.rig.T.Fatalf("the portal %s has no provider %q that speaks OpenID Connect", b.Portal, provider)
	}
	return b.Visit(b.rig.Broker.Identify(b.rig.T, b.DepartTo(provider, "/welcome"), broker.Claims(row, said)))
}

// StopAt goes to a provider of the portal, stops there, and comes back.
func (b *Browser) StopAt(provider string) (int, string) {
	b.rig.T.Helper()
	return b.Visit(b.rig.Broker.Refuse(b.rig.T, b.DepartTo(provider, "/welcome")))
}
