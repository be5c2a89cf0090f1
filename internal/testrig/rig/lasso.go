package rig

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/federation"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/lasso"
)

// WithLasso lets people of a portal come in through a broker that speaks SAML, besides the portal's other providers.
func WithLasso(t testing.TB, portal string) Option {
	broker := lasso.Start(t, true)
	return func(s *settings) {
		s.lasso = broker
		Portal(portal, func(p *identity.Portal) {
			p.Providers = append(p.Providers, identity.Provider{
				Name: "eherkenning-saml", Environment: "test", Identifies: identity.Businesses,
				Levels:         []identity.AssuranceLevel{identity.EH3, identity.EH4},
				Intermediaries: identity.Refused, UnknownPerson: identity.ByMandate,
				SAML: &identity.SAMLProvider{
					EntityID: lasso.Us, BrokerID: lasso.Entity, ServiceIndex: lasso.ServiceIndex, ServiceID: lasso.ServiceID,
					ServiceUUID: lasso.ServiceUUID, ServiceName: p.Name,
				},
			})
		})(s)
	}
}

// serviceProvider speaks with Lasso, and lets it know us. Lasso's certificates go by the machine's clock.
func (r *Rig) serviceProvider(portal identity.Portal, row identity.Provider) app.Broker {
	r.T.Helper()
	papers := r.Lasso.Papers
	documents := federation.Documents{Metadata: papers.Metadata, Signers: papers.Signers, Roots: papers.Roots}
	provider, err := federation.OpenServiceProvider(
		row, documents, papers.Signing, papers.Decryption, "https://"+portal.Hosts[0]+row.ReturnPath(), time.Now())
	r.must(err)
	ours, err := provider.Metadata(time.Now())
	r.must(err)
	r.Lasso.Know(r.T, ours)
	return provider
}

// Word is what Lasso says of an employee of the business with that KVK number, at EH3; more may say otherwise.
func (r *Rig) Word(person, number string, more func(*lasso.Word)) lasso.Word {
	word := lasso.Word{
		Level: "urn:etoegang:core:assurance-class:loa3",
		Plain: map[string][]string{
			"urn:etoegang:core:ServiceID": {lasso.ServiceID}, "urn:etoegang:core:ServiceUUID": {lasso.ServiceUUID},
		},
		Sealed: map[string][2]string{
			"urn:etoegang:core:LegalSubjectID":  {"urn:etoegang:1.9:EntityConcernedID:KvKnr", number},
			"urn:etoegang:core:ActingSubjectID": {"urn:etoegang:1.13:EntityConcernedID:Pseudo", person},
		},
	}
	if more != nil {
		more(&word)
	}
	return word
}

// Identified goes to Lasso, which says that of the browser's owner, and answers what the browser is sent back with. The rig's
// clock is the machine's then.
func (b *Browser) Identified(word lasso.Word) url.Values {
	b.rig.T.Helper()
	b.rig.Clock.Set(time.Now())
	answer := b.Do(`mutation { beginBusinessSignIn(input: {provider: "eherkenning-saml", returnTo: "/welcome"}) { redirectUrl userErrors { code path } } }`)
	to, brings, _ := b.rig.Lasso.Identify(b.rig.T, answer.String("beginBusinessSignIn.redirectUrl"), word)
	if want := "https://" + b.rig.Portal(b.Portal).Hosts[0] + "/federation/eherkenning-saml/acs"; to != want {
		b.rig.T.Errorf("Lasso sends people back to %s, and not to %s", to, want)
	}
	return brings
}

// Arrive brings that to the address where browsers come back from Lasso, in a form as another site's page posts one, or by GET.
// Change may make it another request; nil: none. It answers the status and where the browser is sent on to. The rig's clock is
// the machine's then, too.
func (b *Browser) Arrive(method string, brings url.Values, change func(*http.Request)) (int, string) {
	b.rig.T.Helper()
	b.rig.Clock.Set(time.Now())
	address, body := b.rig.URL+"/federation/eherkenning-saml/acs", ""
	if method == http.MethodPost {
		body = brings.Encode()
	} else {
		address += "?" + brings.Encode()
	}
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	b.rig.must(err)
	request.Host = b.rig.Portal(b.Portal).Hosts[0]
	request.Header.Set("Origin", b.rig.Lasso.Origin)
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	name := graph.JourneyCookie(b.Portal)
	if value, has := b.Cookies()[name]; has {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if change != nil {
		change(request)
	}
	response, err := (&http.Transport{}).RoundTrip(request)
	b.rig.must(err)
	_ = response.Body.Close()
	b.keep(response.Cookies())
	return response.StatusCode, response.Header.Get("Location")
}
