package federation

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// The library judges times by the clock of the machine, which isn't the caller's, and its bounds are variables of the whole
// process. They are opened wide once, before anything runs, and the gate judges times alone.
func init() {
	saml.MaxIssueDelay = wide
	saml.MaxClockSkew = wide
}

const wide = 200 * 365 * 24 * time.Hour

// secondReading has the library read the message, from its bytes and in its own way, and asks that it accepts it and finds
// the same assertion. It is laxer than the gate; it is there for what the gate might overlook.
func (p *ServiceProvider) secondReading(body []byte, first identity.Assertion, keys []*x509.Certificate, want expectation) error {
	second, err := p.libraryReading(body, keys, want)
	if err != nil || second.ID != first.ID || second.Issuer.Value != first.Issuer || len(second.AuthnStatements) != 1 ||
		second.AuthnStatements[0].AuthnContext.AuthnContextClassRef == nil {
		return refuse(SecondReader)
	}
	level, err := identity.ParseAssuranceURN(second.AuthnStatements[0].AuthnContext.AuthnContextClassRef.Value)
	if err != nil || level != first.Level {
		return refuse(SecondReader)
	}
	return nil
}

// libraryReading is what the library makes of the message. It panics where an assertion has no Conditions.
func (p *ServiceProvider) libraryReading(body []byte, keys []*x509.Certificate, want expectation) (read *saml.Assertion, err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			read, err = nil, fmt.Errorf("the library panicked: %v", recovered)
		}
	}()
	consumer, err := url.Parse(p.row.AssertionConsumerService)
	if err != nil {
		return nil, err
	}
	library := saml.ServiceProvider{
		EntityID:          p.row.EntityID,
		AcsURL:            *consumer,
		IDPMetadata:       p.broker.descriptor(keys),
		SignatureVerifier: keyring{keys, want.now},
	}
	return library.ParseXMLArtifactResponse(body, []string{want.requestID}, want.resolveID, *consumer)
}

// descriptor is the broker as the library knows it.
func (b broker) descriptor(keys []*x509.Certificate) *saml.EntityDescriptor {
	var role saml.IDPSSODescriptor
	for _, key := range keys {
		info := saml.KeyInfo{X509Data: saml.X509Data{X509Certificates: []saml.X509Certificate{{Data: certificateText(key)}}}}
		role.KeyDescriptors = append(role.KeyDescriptors, saml.KeyDescriptor{Use: "signing", KeyInfo: info})
	}
	return &saml.EntityDescriptor{EntityID: b.entityID, IDPSSODescriptors: []saml.IDPSSODescriptor{role}}
}

// A keyring verifies signatures for the library with each key in turn: by itself it gives up where there are several, and
// takes algorithms that nobody should.
type keyring struct {
	keys []*x509.Certificate
	now  time.Time
}

// VerifySignature makes keyring a saml.SignatureVerifier.
func (k keyring) VerifySignature(_ *dsig.ValidationContext, element *etree.Element) error {
	_, err := verify(element, k.keys, k.now)
	return err
}
