package testrig

import (
	"maps"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/demo/broker"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// BrokerSecret is ours at the broker.
const BrokerSecret = "marker-secret-of-the-broker"

// Levels of a broker, as its tokens say them.
const (
	SaysEH2 = "urn:etoegang:core:assurance-class:loa2"
	SaysEH3 = "urn:etoegang:core:assurance-class:loa3"
	SaysEH4 = "urn:etoegang:core:assurance-class:loa4"
)

// Broker identifies people, by OpenID Connect on the loopback. Whoever comes is whom the test says.
type Broker struct {
	// URL is its issuer.
	URL string

	broker *broker.Broker
}

// NewBroker opens one for a test. Its clock is the test's.
func NewBroker(t testing.TB, clock *Clock) *Broker {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	b := &Broker{URL: "http://" + server.Listener.Addr().String()}
	var err error
	if b.broker, err = broker.New(broker.Options{Issuer: b.URL, ClientSecret: BrokerSecret, Now: clock.Now}); err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = b.broker.Handler()
	server.Start()
	t.Cleanup(server.Close)
	return b
}

// Provider is a row of a portal file that leads here.
func (b *Broker) Provider() identity.Provider {
	return identity.Provider{
		Name: "eherkenning", Environment: "test", Identifies: identity.Businesses,
		Levels: []identity.AssuranceLevel{identity.EH3, identity.EH4}, Intermediaries: identity.Refused, UnknownPerson: identity.ByMandate,
		OIDC: &identity.OIDCProvider{
			Issuer: b.URL, ClientID: "sleutelbos", FreshSignIn: true, LevelClaim: "acr",
			Levels: []identity.LevelValue{{Value: SaysEH2, Level: identity.EH2}, {Value: SaysEH3, Level: identity.EH3}, {Value: SaysEH4, Level: identity.EH4}},
			Claims: identity.ClaimNames{
				Subject: "sub", KVKNumber: "chamber_of_commerce", Establishment: "eherkenning_vestigingsnr",
				Intermediary: "eherkenning_intermediate_kvknr",
			},
		},
	}
}

// Identify is what the broker does with a browser that was sent to that address: it answers where the browser goes back to,
// with a token of these claims waiting there. Those that name the request are added, and EH3 where no level is said.
func (b *Broker) Identify(t testing.TB, address string, claims map[string]any) string {
	t.Helper()
	all := map[string]any{"acr": SaysEH3}
	maps.Copy(all, claims)
	return b.broker.Identify(b.read(t, address), all)
}

// Refuse is where the browser goes back to after the person stopped.
func (b *Broker) Refuse(t testing.TB, address string) string {
	t.Helper()
	return b.broker.Refuse(b.read(t, address))
}

func (b *Broker) read(t testing.TB, address string) broker.Request {
	t.Helper()
	came, err := url.Parse(address)
	if err != nil || b.URL+"/auth" != came.Scheme+"://"+came.Host+came.Path {
		t.Fatalf("no browser of this broker was sent to %s (%v)", address, err)
	}
	request, err := b.broker.Read(came.Query())
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return request
}
