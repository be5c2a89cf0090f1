package federation

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// OIDC is a portal's provider row that speaks OpenID Connect, with what the portal file must not hold.
type OIDC struct {
	identity.Provider
	// ClientSecret is ours at the provider; "" where PKCE stands alone.
	ClientSecret string
	// RedirectURL is the address to which the browser brings the code.
	RedirectURL string
	// Timeout bounds one call to the provider; zero: ten seconds.
	Timeout time.Duration
}

// RelyingParty speaks OpenID Connect with one provider for one portal. It keeps what the provider says of itself, and its
// keys, for an hour. Safe for concurrent use.
type RelyingParty struct {
	row    OIDC
	client *http.Client

	mutex sync.Mutex
	known *discovery
	// retryAt is from when a provider that couldn't be reached is asked again.
	retryAt time.Time
}

// NewRelyingParty checks the row. It asks the provider nothing yet.
func NewRelyingParty(row OIDC) (*RelyingParty, error) {
	if err := row.check(); err != nil {
		return nil, fmt.Errorf("OIDC provider %s: %w", row.Name, err)
	}
	return &RelyingParty{row: row, client: row.client()}, nil
}

// ReturnPath is the path of the address to which the browser brings the code.
func (r *RelyingParty) ReturnPath() string { return pathOf(r.row.RedirectURL) }

func pathOf(text string) string {
	address, err := url.Parse(text)
	if err != nil {
		return "/" // it was checked when the row was
	}
	return address.EscapedPath()
}

func (o OIDC) check() error {
	if o.OIDC == nil {
		return errors.New("it isn't spoken with in OIDC")
	}
	var faults []error
	for what, value := range map[string]string{
		"name": o.Name, "environment": o.Environment, "client id": o.OIDC.ClientID, "level's claim": o.OIDC.LevelClaim,
		"claim of the subject": o.OIDC.Claims.Subject,
	} {
		if value == "" || strings.TrimSpace(value) != value {
			faults = append(faults, fmt.Errorf("the %s is missing, or has white space around it", what))
		}
	}
	for what, address := range map[string]string{"issuer": o.OIDC.Issuer, "redirect address": o.RedirectURL} {
		if !isProviderAddress(address) || strings.Contains(address, "?") {
			faults = append(faults, fmt.Errorf("the %s is no https address without query", what))
		}
	}
	if len(o.OIDC.Levels) == 0 {
		faults = append(faults, errors.New("no value of the level's claim means anything"))
	}
	if o.Identifies == identity.Businesses && (o.OIDC.Claims.KVKNumber == "" || len(o.Levels) == 0) {
		faults = append(faults, errors.New("a provider of businesses needs the claim of the KVK number, and levels that are accepted"))
	}
	return errors.Join(faults...)
}

// isProviderAddress tells whether the text is an https address, or one on the loopback, without user and fragment.
func isProviderAddress(text string) bool {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || address.User != nil || address.Fragment != "" {
		return false
	}
	host := address.Hostname()
	return address.Scheme == "https" || address.Scheme == "http" && (host == "127.0.0.1" || host == "::1" || host == "localhost")
}

// providerPatience is how long a provider gets to answer.
const providerPatience = 10 * time.Second

// client makes the caller of the back channel: it follows nobody elsewhere, keeps no cookies, and reads no answer without
// an end.
func (o OIDC) client() *http.Client {
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = providerPatience
	}
	return &http.Client{
		Timeout:       timeout,
		Transport:     trace.Transport("identification provider", bounded{http.DefaultTransport.(*http.Transport).Clone()}),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
