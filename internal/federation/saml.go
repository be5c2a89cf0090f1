package federation

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// SAML is what a portal's provider row says of eHerkenning by SAML 2.0: us as the service provider (dienstverlener), and
// the broker (herkenningsmakelaar) as the identity provider.
type SAML struct {
	// Provider and Environment are the row's, for identity.Assertion.
	Provider    string
	Environment string
	// EntityID is ours: urn:etoegang:DV:<OIN>:entities:<index>. ProviderName is what people see at the broker; may be "".
	EntityID     string
	ProviderName string
	// AssertionConsumerService is the address to which the browser brings the artifact, by GET or POST.
	AssertionConsumerService string
	// ServiceIndex selects the service in the catalogue; ServiceID and ServiceUUID are what the answer must say then.
	// ServiceUUID may be "", where the catalogue has none. ServiceName goes into our metadata, in Dutch.
	ServiceIndex int
	ServiceID    string
	ServiceUUID  string
	ServiceName  string
	// Levels are those that are accepted, each by name: none is implied by another.
	Levels []identity.AssuranceLevel
	// Signing and Decryption are our key pairs, the newest first. The first signs; all are published and all decrypt, so
	// that keys are replaced while answers to the old ones are under way.
	Signing    []KeyPair
	Decryption []KeyPair
	// Broker is the broker's signed metadata, BrokerID the entity that it must be about, and BrokerSigners the certificates
	// that may have signed it: those that were handed over with the contract, and nothing found in the document itself.
	Broker        []byte
	BrokerID      string
	BrokerSigners []*x509.Certificate
	// TLS is for the back channel: RootCAs where the system's won't do, Certificates for a broker that asks for ours.
	TLS *tls.Config
	// Timeout bounds the whole of one call to the broker; zero means ten seconds.
	Timeout time.Duration
}

// ServiceProvider speaks SAML with one broker for one portal. It has no state and is safe for concurrent use; after a
// change of keys or metadata, make another.
type ServiceProvider struct {
	row    SAML
	broker broker
	client *http.Client
}

// NewServiceProvider checks the row as it is at the instant, and tells all that is wrong with it.
func NewServiceProvider(row SAML, now time.Time) (*ServiceProvider, error) {
	peer, err := readBroker(row.Broker, row.BrokerID, row.BrokerSigners, now)
	if err := errors.Join(row.check(now), err); err != nil {
		return nil, fmt.Errorf("SAML provider %s: %w", row.Provider, err)
	}
	return &ServiceProvider{row, peer, row.client()}, nil
}

// Expiries are the instants at which something of this provider runs out: our newest key of each use, the last of the
// broker's keys, and its metadata where that says.
func (p *ServiceProvider) Expiries() map[string]time.Time {
	expiries := map[string]time.Time{}
	if len(p.row.Signing) > 0 {
		expiries["signing key"] = p.row.Signing[0].Certificate.NotAfter
	}
	if len(p.row.Decryption) > 0 {
		expiries["decryption key"] = p.row.Decryption[0].Certificate.NotAfter
	}
	for _, key := range p.broker.keys {
		if key.NotAfter.After(expiries["broker's key"]) {
			expiries["broker's key"] = key.NotAfter
		}
	}
	if !p.broker.validUntil.IsZero() {
		expiries["broker's metadata"] = p.broker.validUntil
	}
	return expiries
}

// ReturnPath is the path of the address to which the browser brings the artifact.
func (p *ServiceProvider) ReturnPath() string { return pathOf(p.row.AssertionConsumerService) }

func (s SAML) check(now time.Time) error {
	var faults []error
	for name, value := range map[string]string{
		"provider": s.Provider, "environment": s.Environment, "entity id": s.EntityID, "service id": s.ServiceID,
		"service name": s.ServiceName,
	} {
		if value == "" || strings.TrimSpace(value) != value {
			faults = append(faults, fmt.Errorf("the %s is missing, or has white space around it", name))
		}
	}
	if !secureURL(s.AssertionConsumerService) {
		faults = append(faults, errors.New("the assertion consumer service is no https address"))
	}
	if s.ServiceIndex < 0 || s.ServiceIndex > 65535 {
		faults = append(faults, errors.New("the service index is no unsigned short"))
	}
	faults = append(faults, checkLevels(s.Levels), checkKeys("signing", s.Signing, now), checkKeys("decryption", s.Decryption, now))
	return errors.Join(faults...)
}

func checkLevels(levels []identity.AssuranceLevel) error {
	if len(levels) == 0 {
		return errors.New("no assurance level is accepted")
	}
	for _, level := range levels {
		if !slices.Contains(identity.AssuranceLevels, level) {
			return fmt.Errorf("%q is no assurance level", level)
		}
	}
	return nil
}

// secureURL tells whether the text is an https address without user, query or fragment.
func secureURL(text string) bool {
	address, err := url.Parse(text)
	return err == nil && address.Scheme == "https" && address.Host != "" && address.User == nil &&
		address.RawQuery == "" && address.Fragment == ""
}

const defaultTimeout = 10 * time.Second

// client makes the caller of the back channel: it follows nobody elsewhere, keeps no cookies and asks no proxy.
func (s SAML) client() *http.Client {
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLS != nil {
		settings = s.TLS.Clone()
		settings.MinVersion = max(settings.MinVersion, tls.VersionTLS12)
	}
	timeout := s.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: trace.Transport("identification provider", &http.Transport{
			TLSClientConfig:        settings,
			ForceAttemptHTTP2:      true,
			MaxResponseHeaderBytes: 16 << 10,
			IdleConnTimeout:        time.Minute,
			MaxIdleConnsPerHost:    2,
		}),
	}
}
