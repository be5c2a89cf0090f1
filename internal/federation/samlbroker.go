package federation

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// The bindings of SAML 2.0 that are used.
const (
	bindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	bindingArtifact = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"
	bindingSOAP     = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
)

// A broker is what its metadata says, once the document is verified.
type broker struct {
	entityID string
	// keys are those that may sign messages: several while they are being replaced.
	keys []*x509.Certificate
	// validUntil is when the metadata ends; zero: it doesn't say.
	validUntil time.Time
	// signOn is the address for requests by redirect, resolution that for artifacts, by the index that they carry.
	signOn     string
	resolution map[int]string
}

// readBroker reads the broker's metadata: signed by one of the signers, about that entity, not outdated, and with a key and
// an address for all that is needed. Certificates that have run out are left out, now and at every later use.
func readBroker(document []byte, entityID string, signers []*x509.Certificate, now time.Time) (broker, error) {
	root, err := verifiedMetadata(document, signers, now)
	if err != nil {
		return broker{}, fmt.Errorf("the broker's metadata: %w", err)
	}
	entity := findEntity(root, entityID)
	role := only(entity, nsMetadata, "IDPSSODescriptor")
	if role == nil {
		return broker{}, errors.New("the broker's metadata isn't about the broker")
	}
	read := broker{entityID: entityID, resolution: map[int]string{}}
	read.validUntil, err = soonest(root, entity, role)
	if err != nil {
		return broker{}, err
	}
	if err := errors.Join(read.readKeys(role), read.readAddresses(role)); err != nil {
		return broker{}, err
	}
	return read, read.check(now)
}

// verifiedMetadata returns what is signed of the document.
func verifiedMetadata(document []byte, signers []*x509.Certificate, now time.Time) (*etree.Element, error) {
	root, err := parse(document)
	if err != nil {
		return nil, err
	}
	if err := checkIDs(root); err != nil {
		return nil, err
	}
	return verify(root, signers, now)
}

// findEntity finds the descriptor of the entity: the document itself, or one of the document's own.
func findEntity(root *etree.Element, entityID string) *etree.Element {
	candidates := children(root, nsMetadata, "EntityDescriptor")
	if is(root, nsMetadata, "EntityDescriptor") {
		candidates = []*etree.Element{root}
	}
	var found *etree.Element
	for _, candidate := range candidates {
		if attribute(candidate, "entityID") != entityID {
			continue
		}
		if found != nil {
			return nil
		}
		found = candidate
	}
	return found
}

// soonest is the earliest of the ends that the elements set; zero where they set none.
func soonest(elements ...*etree.Element) (end time.Time, err error) {
	for _, element := range elements {
		until, there := lookup(element, "validUntil")
		if !there {
			continue
		}
		at, ok := instant(until)
		if !ok {
			return time.Time{}, errors.New("the broker's metadata ends at no time that can be read")
		}
		if end.IsZero() || at.Before(end) {
			end = at
		}
	}
	return end, nil
}

func (b *broker) readKeys(role *etree.Element) error {
	for _, descriptor := range children(role, nsMetadata, "KeyDescriptor") {
		if use, there := lookup(descriptor, "use"); there && use != "signing" {
			continue
		}
		data := children(only(descriptor, nsSignature, "KeyInfo"), nsSignature, "X509Data")
		for _, one := range data {
			for _, element := range children(one, nsSignature, "X509Certificate") {
				certificate, err := readCertificate(element)
				if err != nil {
					return err
				}
				b.keys = append(b.keys, certificate)
			}
		}
	}
	return nil
}

// readCertificate refuses a certificate that may not sign messages: a short key, one that isn't RSA, or another usage.
func readCertificate(element *etree.Element) (*x509.Certificate, error) {
	content, _ := text(element)
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(content), ""))
	if err != nil {
		return nil, errors.New("a certificate in the broker's metadata is no base64")
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, errors.New("a certificate in the broker's metadata can't be read")
	}
	key, isRSA := certificate.PublicKey.(*rsa.PublicKey)
	if !isRSA || key.N.BitLen() < leastKeyBits {
		return nil, fmt.Errorf("a key in the broker's metadata isn't RSA of at least %d bits", leastKeyBits)
	}
	if certificate.KeyUsage != 0 && certificate.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		return nil, errors.New("a certificate in the broker's metadata isn't for signatures")
	}
	return certificate, nil
}

func (b *broker) readAddresses(role *etree.Element) error {
	for _, service := range children(role, nsMetadata, "SingleSignOnService") {
		if attribute(service, "Binding") == bindingRedirect && b.signOn == "" {
			b.signOn = attribute(service, "Location")
		}
	}
	for _, service := range children(role, nsMetadata, "ArtifactResolutionService") {
		index, err := strconv.ParseUint(attribute(service, "index"), 10, 16)
		if err != nil || attribute(service, "Binding") != bindingSOAP {
			continue
		}
		location := attribute(service, "Location")
		if b.resolution[int(index)] != "" || !secureURL(location) {
			return errors.New("the broker's metadata has an artifact endpoint twice, or one without https")
		}
		b.resolution[int(index)] = location
	}
	return nil
}

// check refuses a broker that can't be spoken with now.
func (b broker) check(now time.Time) error {
	switch {
	case b.outdated(now):
		return errors.New("the broker's metadata is outdated")
	case len(usable(b.keys, now)) == 0:
		return errors.New("the broker's metadata has no certificate that is valid now")
	case !secureAddress(b.signOn):
		return errors.New("the broker's metadata has no https address for sign-in by redirect")
	case len(b.resolution) == 0:
		return errors.New("the broker's metadata has no artifact endpoint")
	}
	return nil
}

func (b broker) outdated(now time.Time) bool {
	return !b.validUntil.IsZero() && !now.Before(b.validUntil)
}
