// Package broker is an identification provider for people to play with, and for tests: it speaks OpenID Connect as brokers of
// eHerkenning and iDIN do, and believes whatever it is told. It is no part of a server in production.
//
//	broker.go  what it says of itself, whom it is asked about, and where the browser goes back to
//	token.go   what it tells in exchange for a code
//	claim.go   the words of a portal's row in the provider's own claims
//	page.go    the page that asks somebody who they would like to be
package broker

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Options are what a broker is given.
type Options struct {
	// Issuer is its address, without a slash at the end.
	Issuer string
	// ClientSecret is what whoever asks must know.
	ClientSecret string
	// RedirectURL is the only address that browsers are sent back to; "": any, which is for tests alone.
	RedirectURL string
	Now         func() time.Time
}

// Broker tells of people whatever it was told. Safe for concurrent use.
type Broker struct {
	Options
	key *ecdsa.PrivateKey

	mutex sync.Mutex
	// grants are what is told for a code, and infos for an access token; each code works once.
	grants map[string]grant
	infos  map[string]map[string]any
}

// New makes a broker with a key of its own.
func New(options Options) (*Broker, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the broker's key: %w", err)
	}
	return &Broker{Options: options, key: key, grants: map[string]grant{}, infos: map[string]map[string]any{}}, nil
}

const keyName = "k1"

// Handler serves what programs ask of it, at paths behind its address.
func (b *Broker) Handler() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": b.Issuer, "authorization_endpoint": b.Issuer + "/auth", "token_endpoint": b.Issuer + "/token",
			"jwks_uri": b.Issuer + "/keys", "userinfo_endpoint": b.Issuer + "/userinfo", "response_types_supported": []string{"code"},
			"subject_types_supported": []string{"pairwise"}, "id_token_signing_alg_values_supported": []string{"ES256"},
			"code_challenge_methods_supported": []string{"S256"}, "token_endpoint_auth_methods_supported": []string{"client_secret_basic"},
			"authorization_response_iss_parameter_supported": true,
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: b.key.Public(), KeyID: keyName, Use: "sig", Algorithm: string(jose.ES256)}}})
	})
	mux.HandleFunc("POST /token", b.token)
	mux.HandleFunc("GET /userinfo", b.userInfo)
	return mux
}

// Request is what a browser was sent here with.
type Request struct{ clientID, redirectURL, state, nonce, challenge string }

// Read reads the query of the address that a browser was sent to.
func (b *Broker) Read(query url.Values) (Request, error) {
	r := Request{query.Get("client_id"), query.Get("redirect_uri"), query.Get("state"), query.Get("nonce"), query.Get("code_challenge")}
	switch {
	case r.clientID == "" || r.state == "" || r.nonce == "" || query.Get("response_type") != "code":
		return r, errors.New("that is no request to be identified")
	case r.challenge == "" || query.Get("code_challenge_method") != "S256":
		return r, errors.New("the request isn't bound to who made it (PKCE)")
	case b.RedirectURL != "" && b.RedirectURL != r.redirectURL:
		return r, errors.New("the request comes from elsewhere")
	}
	return r, nil
}

// Identify answers where the browser goes back to once it is known who sits there: with a code for these claims. Those that
// name the request and the moment are added where they aren't given.
func (b *Broker) Identify(r Request, claims map[string]any) string {
	return r.back(url.Values{"code": {b.grant(r, claims)}, "iss": {b.Issuer}})
}

// Refuse answers where the browser goes back to after somebody stopped.
func (b *Broker) Refuse(r Request) string {
	return r.back(url.Values{"error": {"access_denied"}, "iss": {b.Issuer}})
}

func (r Request) back(with url.Values) string {
	with.Set("state", r.state)
	return r.redirectURL + "?" + with.Encode()
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(value) // who hangs up needs no answer
}
