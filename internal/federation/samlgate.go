package federation

import (
	"crypto/x509"
	"time"

	"github.com/beevik/etree"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

const (
	// skew is how far the broker's clock may be off ours.
	skew = time.Minute
	// freshness is how old a message may be: it was made while its reader waited.
	freshness = 2 * time.Minute
)

// The statuses of SAML that are told apart.
const (
	statusSuccess     = "urn:oasis:names:tc:SAML:2.0:status:Success"
	statusAuthnFailed = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"
	statusUnsupported = "urn:oasis:names:tc:SAML:2.0:status:RequestUnsupported"
	entityFormat      = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
)

// accept is the gate. It goes from the outside in: envelope, ArtifactResponse, Response, Assertion. Each is checked before
// anything in it is looked at, and where one has a signature, what follows is read from the signed bytes alone. Last, the
// library reads the message its own way, and has to find the same assertion.
func (p *ServiceProvider) accept(body []byte, want expectation) (identity.Assertion, error) {
	keys := usable(p.broker.keys, want.now)
	if len(keys) == 0 {
		return identity.Assertion{}, refuse(BrokerCertificate)
	}
	root, err := parse(body)
	if err != nil {
		return identity.Assertion{}, err
	}
	if err := checkIDs(root); err != nil {
		return identity.Assertion{}, err
	}
	response, err := p.open(root, keys, want)
	if err != nil {
		return identity.Assertion{}, err
	}
	element, err := openAssertion(response, keys, want.now)
	if err != nil {
		return identity.Assertion{}, err
	}
	assertion, err := p.read(element, want)
	if err != nil {
		return identity.Assertion{}, err
	}
	if err := p.secondReading(body, assertion, keys, want); err != nil {
		return identity.Assertion{}, err
	}
	return assertion, nil
}

// open takes the Response out of its envelopes. It must be covered by a signature, its own or the ArtifactResponse's, and
// each that is there must hold.
func (p *ServiceProvider) open(root *etree.Element, keys []*x509.Certificate, want expectation) (*etree.Element, error) {
	body := only(root, nsSOAP, "Body")
	if !is(root, nsSOAP, "Envelope") || body == nil || len(children(body, nsSOAP, "Fault")) > 0 {
		return nil, refuse(ProviderFault)
	}
	outer := only(body, nsProtocol, "ArtifactResponse")
	if outer == nil || len(body.ChildElements()) != 1 {
		return nil, refuse(ProviderFault)
	}
	covered := signed(outer)
	outer, err := p.openMessage(outer, keys, want.resolveID, covered, want.now)
	if err != nil {
		return nil, err
	}
	if status, _ := statuses(outer); status != statusSuccess {
		return nil, refuse(ProviderRefused)
	}
	inner := children(outer, nsProtocol, "Response")
	if len(inner) == 0 {
		return nil, refuse(ArtifactSpent)
	}
	if len(inner) > 1 {
		return nil, refuse(MessageShape)
	}
	response, err := p.openMessage(inner[0], keys, want.requestID, !covered || signed(inner[0]), want.now)
	if err != nil {
		return nil, err
	}
	if to, there := lookup(response, "Destination"); there && to != p.row.AssertionConsumerService {
		return nil, refuse(Destination)
	}
	return response, checkStatus(response)
}

// openMessage checks what ArtifactResponse and Response have in common; of a signed one, in the bytes that are signed.
func (p *ServiceProvider) openMessage(
	message *etree.Element, keys []*x509.Certificate, inResponseTo string, isSigned bool, now time.Time,
) (*etree.Element, error) {
	if isSigned {
		verified, err := verify(message, keys, now)
		if err != nil {
			return nil, err
		}
		message = verified
	}
	if attribute(message, "Version") != "2.0" || attribute(message, "ID") == "" {
		return nil, refuse(MessageShape)
	}
	if attribute(message, "InResponseTo") != inResponseTo {
		return nil, refuse(RequestUnknown)
	}
	if err := p.checkIssuer(message); err != nil {
		return nil, err
	}
	return message, checkIssued(message, now)
}

// checkIssuer asks for exactly one Issuer, the broker.
func (p *ServiceProvider) checkIssuer(element *etree.Element) error {
	issuer := only(element, nsAssertion, "Issuer")
	name, plain := text(issuer)
	format, there := lookup(issuer, "Format")
	if !plain || name != p.broker.entityID || there && format != entityFormat {
		return refuse(IssuerWrong)
	}
	return nil
}

// checkIssued asks for an IssueInstant that isn't in the future, and not long ago.
func checkIssued(element *etree.Element, now time.Time) error {
	at, ok := instant(attribute(element, "IssueInstant"))
	switch {
	case !ok:
		return refuse(MessageShape)
	case at.After(now.Add(skew)):
		return refuse(TooEarly)
	case now.After(at.Add(freshness + skew)):
		return refuse(TooLate)
	}
	return nil
}

// statuses are the message's status and the one inside that.
func statuses(message *etree.Element) (outer, inner string) {
	code := only(only(message, nsProtocol, "Status"), nsProtocol, "StatusCode")
	return attribute(code, "Value"), attribute(only(code, nsProtocol, "StatusCode"), "Value")
}

// checkStatus tells refusals at the broker apart. Who cancels there comes back with AuthnFailed.
func checkStatus(response *etree.Element) error {
	outer, inner := statuses(response)
	switch {
	case outer == statusSuccess:
		return nil
	case inner == statusAuthnFailed:
		return refuse(Cancelled)
	case inner == statusUnsupported:
		return refuse(RequestUnsupported)
	}
	return refuse(ProviderRefused)
}

// openAssertion finds the one assertion, as a child of the Response and nowhere else, and reads it from its signed bytes.
func openAssertion(response *etree.Element, keys []*x509.Certificate, now time.Time) (*etree.Element, error) {
	assertion := only(response, nsAssertion, "Assertion")
	if assertion == nil || len(children(response, nsAssertion, "EncryptedAssertion")) > 0 ||
		len(children(response, nsProtocol, "Extensions")) > 0 {
		return nil, refuse(MessageShape)
	}
	return verify(assertion, keys, now)
}

// instant reads an xs:dateTime in UTC, as SAML has it (core 1.3.3).
func instant(value string) (time.Time, bool) {
	at, err := time.Parse("2006-01-02T15:04:05.999999999Z", value)
	return at, err == nil
}
