package federation

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// What a provider says of itself is believed for an hour. When it can't be asked then, for a day, with a minute between
// two tries: a provider that only lost its front door still signs people in.
const (
	discoveryFresh = time.Hour
	discoveryStale = 24 * time.Hour
	discoveryPause = time.Minute
)

// longestProviderAnswer bounds every answer of a provider, in bytes.
const longestProviderAnswer = 256 << 10

// algorithms are those that a signature may be by: nothing symmetric, for our secret isn't the provider's, nothing weaker,
// and no "none".
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512}

// discovery is what a provider says of itself, with its keys.
type discovery struct {
	provider *oidc.Provider
	endpoint oauth2.Endpoint
	// namesItself: every answer that the browser brings tells who made it (RFC 9207).
	namesItself bool
	at          time.Time
}

// discovered answers what the provider says of itself.
func (r *RelyingParty) discovered(ctx context.Context, now time.Time) (*discovery, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.known != nil && (now.Before(r.known.at.Add(discoveryFresh)) || now.Before(r.retryAt) && now.Before(r.known.at.Add(discoveryStale))) {
		return r.known, nil
	}
	fresh, err := r.discover(ctx, now)
	switch {
	case err == nil:
		r.known = fresh
	case r.known == nil || !now.Before(r.known.at.Add(discoveryStale)):
		return nil, err
	default:
		r.retryAt = now.Add(discoveryPause)
	}
	return r.known, nil
}

func (r *RelyingParty) discover(ctx context.Context, now time.Time) (*discovery, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, r.client), r.row.OIDC.Issuer)
	if mismatch, wrong := errors.AsType[*oidc.IssuerMismatchError](err); wrong && mismatch != nil {
		return nil, refuse(IssuerWrong)
	}
	if err != nil {
		return nil, refuse(brokenOff(err))
	}
	var says struct {
		Keys        string   `json:"jwks_uri"`
		Methods     []string `json:"token_endpoint_auth_methods_supported"`
		NamesItself bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if provider.Claims(&says) != nil {
		return nil, refuse(ProviderFault)
	}
	endpoint := provider.Endpoint()
	for _, address := range []string{endpoint.AuthURL, endpoint.TokenURL, says.Keys} {
		if !isProviderAddress(address) {
			return nil, refuse(ProviderFault)
		}
	}
	if info := provider.UserInfoEndpoint(); r.row.OIDC.UserInfo && !isProviderAddress(info) {
		return nil, refuse(ProviderFault)
	}
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if r.row.ClientSecret == "" || len(says.Methods) > 0 && !slices.Contains(says.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &discovery{provider, endpoint, says.NamesItself, now}, nil
}

func (r *RelyingParty) oauth(d *discovery) *oauth2.Config {
	return &oauth2.Config{
		ClientID: r.row.OIDC.ClientID, ClientSecret: r.row.ClientSecret, Endpoint: d.endpoint, RedirectURL: r.row.RedirectURL,
		Scopes: append([]string{oidc.ScopeOpenID}, r.row.OIDC.Scopes...),
	}
}

var errAnswerTooLarge = errors.New("the provider's answer is too large")

// brokenOff tells why a call to the provider came to nothing.
func brokenOff(err error) Reason {
	if errors.Is(err, errAnswerTooLarge) {
		return AnswerTooLarge
	}
	return ProviderUnreachable
}

// bounded ends answers that don't.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(request)
	if err == nil {
		response.Body = &boundedBody{response.Body, longestProviderAnswer}
	}
	return response, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(into []byte) (int, error) {
	if b.left <= 0 {
		return 0, errAnswerTooLarge
	}
	n, err := b.ReadCloser.Read(into[:min(len(into), b.left)])
	b.left -= n
	return n, err
}
