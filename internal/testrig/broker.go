package testrig

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

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

// Broker identifies people who act for businesses, by OpenID Connect on the loopback. Whoever comes is whom the test says.
type Broker struct {
	// URL is its issuer.
	URL string

	clock *Clock
	key   *rsa.PrivateKey
	mutex sync.Mutex
	// codes are what is answered to a code, which works once.
	codes map[string]grant
}

type grant struct {
	claims    map[string]any
	challenge string
}

var brokerKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// NewBroker opens one for a test. Its clock is the test's.
func NewBroker(t testing.TB, clock *Clock) *Broker {
	b := &Broker{clock: clock, key: brokerKey(), codes: map[string]grant{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, map[string]any{
			"issuer": b.URL, "authorization_endpoint": b.URL + "/auth", "token_endpoint": b.URL + "/token", "jwks_uri": b.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: b.key.Public(), KeyID: "k1", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", b.token)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	b.URL = server.URL
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
// with a token of these claims waiting there. Those that name the request are added.
func (b *Broker) Identify(t testing.TB, address string, claims map[string]any) string {
	t.Helper()
	came, err := url.Parse(address)
	if err != nil || b.URL+"/auth" != came.Scheme+"://"+came.Host+came.Path {
		t.Fatalf("no browser of this broker was sent to %s (%v)", address, err)
	}
	asked := came.Query()
	now := b.clock.Now()
	all := map[string]any{
		"iss": b.URL, "aud": asked.Get("client_id"), "nonce": asked.Get("nonce"), "iat": now.Unix(), "auth_time": now.Unix(),
		"exp": now.Add(2 * time.Minute).Unix(), "acr": SaysEH3,
	}
	maps.Copy(all, claims)
	b.mutex.Lock()
	defer b.mutex.Unlock()
	code := "code-" + strconv.Itoa(len(b.codes)+1)
	b.codes[code] = grant{all, asked.Get("code_challenge")}
	return asked.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {asked.Get("state")}}.Encode()
}

// Refuse is where the browser goes back to after the person stopped.
func (b *Broker) Refuse(address string) string {
	came, err := url.Parse(address)
	if err != nil {
		return address
	}
	asked := came.Query()
	return asked.Get("redirect_uri") + "?" + url.Values{"error": {"access_denied"}, "state": {asked.Get("state")}}.Encode()
}

func (b *Broker) token(w http.ResponseWriter, r *http.Request) {
	_, secret, _ := r.BasicAuth()
	b.mutex.Lock()
	given, known := b.codes[r.PostFormValue("code")]
	b.codes[r.PostFormValue("code")] = grant{}
	b.mutex.Unlock()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || secret != BrokerSecret || base64.RawURLEncoding.EncodeToString(challenge[:]) != given.challenge {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: b.key, KeyID: "k1"}}, nil)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	text, _ := json.Marshal(given.claims)
	signed, err := signer.Sign(text)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	compact, _ := signed.CompactSerialize()
	answerJSON(w, map[string]any{"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": compact})
}

func answerJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
