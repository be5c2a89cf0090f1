package federation

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// A forger is a provider that says whatever a test wants it to say.
type forger struct {
	t      testing.TB
	server *httptest.Server
	key    *rsa.PrivateKey
	kid    string

	mutex sync.Mutex
	asked map[string]int
	// begun is what the browser came with.
	begun url.Values
	used  bool
	// token, info and discovery are what is answered; sign makes a token of claims.
	token, info, discovery map[string]any
	sign                   func(claims map[string]any) string
	infoSigned             bool
	// answer takes the place of an endpoint's answer.
	answer map[string]http.HandlerFunc
}

const (
	forgedClient = "sleutelbos"
	forgedSecret = "marker-client-secret"
	accessToken  = "an-access-token"
)

var oidcNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newForger(t testing.TB) *forger {
	t.Helper()
	f := &forger{t: t, key: forgedKey(), kid: "k1", asked: map[string]int{}, answer: map[string]http.HandlerFunc{}}
	mux := http.NewServeMux()
	for path, serve := range map[string]http.HandlerFunc{
		"/.well-known/openid-configuration": f.serveDiscovery, "/keys": f.serveKeys, "/token": f.serveToken, "/me": f.serveInfo,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm() // a server hears that the asker has gone only once it read what they asked
			f.mutex.Lock()
			f.asked[path]++
			other := f.answer[path]
			f.mutex.Unlock()
			if other != nil {
				other(w, r)
				return
			}
			f.mutex.Lock()
			defer f.mutex.Unlock()
			serve(w, r)
		})
	}
	f.server = httptest.NewServer(mux)
	t.Cleanup(f.server.Close)
	f.sign = func(claims map[string]any) string { return f.signed(jose.RS256, f.key, f.kid, claims) }
	f.token = map[string]any{
		"iss": f.server.URL, "aud": forgedClient, "sub": "c0ffee@pseudonym", "exp": oidcNow.Add(time.Minute).Unix(),
		"iat": oidcNow.Unix(), "auth_time": oidcNow.Unix(), "acr": "urn:etoegang:core:assurance-class:loa3",
		"chamber_of_commerce": "68750110",
	}
	f.info = map[string]any{"sub": "c0ffee@pseudonym"}
	return f
}

// forgedKey is made once: RSA keys take their time.
var forgedKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

var otherKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

func (f *forger) signed(algorithm jose.SignatureAlgorithm, key any, kid string, claims map[string]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	if err != nil {
		f.t.Error(err)
		return ""
	}
	text, _ := json.Marshal(claims)
	object, err := signer.Sign(text)
	if err != nil {
		f.t.Error(err)
		return ""
	}
	compact, _ := object.CompactSerialize()
	return compact
}

// unsigned is a token with a header of the forger's choice and no signature.
func unsigned(header string, claims map[string]any) string {
	text, _ := json.Marshal(claims)
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode(text) + "."
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func (f *forger) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	says := map[string]any{
		"issuer": f.server.URL, "authorization_endpoint": f.server.URL + "/auth", "token_endpoint": f.server.URL + "/token",
		"jwks_uri": f.server.URL + "/keys", "userinfo_endpoint": f.server.URL + "/me",
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "HS256", "none"},
	}
	maps.Copy(says, f.discovery)
	writeJSON(w, http.StatusOK, says)
}

func (f *forger) serveKeys(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: f.key.Public(), KeyID: f.kid, Use: "sig"}}})
}

// serveToken is as strict as a provider should be: one use of a code, its verifier, and who asks.
func (f *forger) serveToken(w http.ResponseWriter, r *http.Request) {
	client, secret, _ := r.BasicAuth()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	right := client == forgedClient && secret == forgedSecret && r.PostFormValue("code") == "the-code" &&
		base64.RawURLEncoding.EncodeToString(challenge[:]) == f.begun.Get("code_challenge")
	if !right || f.used {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	f.used = true
	claims := maps.Clone(f.token)
	if _, chosen := claims["nonce"]; !chosen {
		claims["nonce"] = f.begun.Get("nonce")
	}
	answer := map[string]any{"access_token": accessToken, "token_type": "Bearer", "expires_in": 60}
	if token := f.sign(claims); token != "" {
		answer["id_token"] = token
	}
	writeJSON(w, http.StatusOK, answer)
}

func (f *forger) serveInfo(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+accessToken {
		writeJSON(w, http.StatusUnauthorized, nil)
		return
	}
	if f.infoSigned {
		w.Header().Set("Content-Type", "application/jwt")
		_, _ = w.Write([]byte(f.sign(f.info)))
		return
	}
	writeJSON(w, http.StatusOK, f.info)
}

// eHerkenningRow is a row as a portal file could have it.
func eHerkenningRow(issuer string) OIDC {
	return OIDC{
		Provider: identity.Provider{
			Name: "eherkenning", Environment: "test", Identifies: identity.Businesses,
			Levels: []identity.AssuranceLevel{identity.EH3, identity.EH4},
			OIDC: &identity.OIDCProvider{
				Issuer: issuer, ClientID: forgedClient, Scopes: []string{"idp-id", "eherkenning-extra"},
				ACRValues: []string{"idp:eherkenning", "loa:substantial"}, FreshSignIn: true, LevelClaim: "acr",
				Levels: []identity.LevelValue{
					{Value: "urn:etoegang:core:assurance-class:loa2", Level: identity.EH2},
					{Value: "urn:etoegang:core:assurance-class:loa2plus", Level: identity.EH2Plus},
					{Value: "urn:etoegang:core:assurance-class:loa3", Level: identity.EH3},
					{Value: "urn:etoegang:core:assurance-class:loa4", Level: identity.EH4},
				},
				Claims: identity.ClaimNames{
					Subject: "sub", KVKNumber: "chamber_of_commerce", Establishment: "eherkenning_vestigingsnr",
					Intermediary: "eherkenning_intermediate_kvknr",
				},
			},
		},
		ClientSecret: forgedSecret, RedirectURL: "https://portal.example/portals/p/callback",
	}
}

// attempt is one sign-in at the forger.
type attempt struct {
	row      OIDC
	pending  Request
	returned url.Values
	now      time.Time
}

// begin goes to the provider and comes back with a code.
func (f *forger) begin(party *RelyingParty, row OIDC) attempt {
	f.t.Helper()
	pending, location, err := party.Begin(context.Background(), oidcNow, rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	address, err := url.Parse(location)
	if err != nil || !strings.HasPrefix(location, f.server.URL+"/auth?") {
		f.t.Fatalf("sent to %s (%v)", location, err)
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.begun, f.used = address.Query(), false
	return attempt{row, pending, url.Values{"state": {f.begun.Get("state")}, "code": {"the-code"}}, oidcNow}
}

func newParty(t testing.TB, row OIDC) *RelyingParty {
	t.Helper()
	party, err := NewRelyingParty(row)
	if err != nil {
		t.Fatal(err)
	}
	return party
}

func (a attempt) finish(party *RelyingParty) (identity.Assertion, error) {
	return party.Finish(context.Background(), a.pending, a.returned, a.now)
}
