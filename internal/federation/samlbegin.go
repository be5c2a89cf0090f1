package federation

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
)

// Pending is a request that was made and not answered. The caller keeps it on its own side, bound to the one browser that
// was sent away with it, and hands it to Finish at most once.
type Pending struct {
	// RequestID is what the answer must answer.
	RequestID string
	// RelayState is what the browser must bring back: random, so it says nothing, and can't be made up.
	RelayState string
	// At is when the request was made; whoever proved themselves earlier did so for another purpose.
	At time.Time
}

// Departure is how the browser gets to the broker: to Location by GET, or, where Form has fields, by posting them there.
type Departure struct {
	Location string
	Form     map[string]string
}

// Begin makes a request for the broker. Random is a source of secret random bytes, of which it takes 52.
//
// A broker that takes redirects gets one, signed as a query; another gets a form, signed as XML.
func (p *ServiceProvider) Begin(now time.Time, random io.Reader) (Pending, Departure, error) {
	if err := p.broker.check(now); err != nil {
		return Pending{}, Departure{}, fmt.Errorf("begin: %w", err)
	}
	id, err := newID(random)
	if err != nil {
		return Pending{}, Departure{}, err
	}
	relay := make([]byte, 32)
	if _, err := io.ReadFull(random, relay); err != nil {
		return Pending{}, Departure{}, fmt.Errorf("random bytes: %w", err)
	}
	pending := Pending{id, base64.RawURLEncoding.EncodeToString(relay), now.UTC().Truncate(time.Millisecond)}
	departure, err := p.depart(pending)
	return pending, departure, err
}

// newID makes an id of 160 random bits; an XML id begins with no digit.
func newID(random io.Reader) (string, error) {
	bits := make([]byte, 20)
	if _, err := io.ReadFull(random, bits); err != nil {
		return "", fmt.Errorf("random bytes: %w", err)
	}
	return "_" + hex.EncodeToString(bits), nil
}

func (p *ServiceProvider) depart(pending Pending) (Departure, error) {
	if location := p.broker.signOn[bindingRedirect]; secureAddress(location) {
		return p.redirect(pending, location)
	}
	return p.post(pending, p.broker.signOn[bindingPOST])
}

// request is the AuthnRequest, with what eHerkenning asks for and nothing else: no NameIDPolicy, no Format on the Issuer,
// and no level, which the catalogue sets and the answer must show.
func (p *ServiceProvider) request(pending Pending, destination string) *saml.AuthnRequest {
	force := true
	return &saml.AuthnRequest{
		ID:                             pending.RequestID,
		Version:                        "2.0",
		IssueInstant:                   pending.At,
		Destination:                    destination,
		Issuer:                         &saml.Issuer{Value: p.row.EntityID},
		ForceAuthn:                     &force,
		AssertionConsumerServiceURL:    p.row.AssertionConsumerService,
		ProtocolBinding:                bindingArtifact,
		AttributeConsumingServiceIndex: strconv.Itoa(p.row.ServiceIndex),
		ProviderName:                   p.row.ProviderName,
	}
}

// redirect deflates the request into a query and signs the query (SAML bindings 3.4.4.1).
func (p *ServiceProvider) redirect(pending Pending, location string) (Departure, error) {
	message, err := write(p.request(pending, location).Element())
	if err != nil {
		return Departure{}, err
	}
	var deflated bytes.Buffer
	squeeze, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err != nil {
		return Departure{}, fmt.Errorf("deflate: %w", err)
	}
	if _, err := squeeze.Write(message); err != nil {
		return Departure{}, fmt.Errorf("deflate: %w", err)
	}
	if err := squeeze.Close(); err != nil {
		return Departure{}, fmt.Errorf("deflate: %w", err)
	}
	// The order counts: it is what is signed.
	query := "SAMLRequest=" + url.QueryEscape(base64.StdEncoding.EncodeToString(deflated.Bytes())) +
		"&RelayState=" + url.QueryEscape(pending.RelayState) + "&SigAlg=" + url.QueryEscape(rsaSHA256)
	sum := sha256.Sum256([]byte(query))
	signature, err := rsa.SignPKCS1v15(nil, p.row.Signing[0].Key, crypto.SHA256, sum[:])
	if err != nil {
		return Departure{}, fmt.Errorf("sign query: %w", err)
	}
	query += "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
	return Departure{Location: join(location, query)}, nil
}

// post signs the request as XML and puts it into a form (SAML bindings 3.5.4).
func (p *ServiceProvider) post(pending Pending, location string) (Departure, error) {
	request := p.request(pending, location)
	signature, err := p.row.Signing[0].sign(request.Element())
	if err != nil {
		return Departure{}, err
	}
	request.Signature = signature
	message, err := write(request.Element())
	if err != nil {
		return Departure{}, err
	}
	return Departure{location, map[string]string{
		"SAMLRequest": base64.StdEncoding.EncodeToString(message),
		"RelayState":  pending.RelayState,
	}}, nil
}

// join adds a query to an address that may have one.
func join(location, query string) string {
	address, err := url.Parse(location)
	if err != nil || address.RawQuery == "" {
		return location + "?" + query
	}
	return location + "&" + query
}

// secureAddress tells whether the text is an https address, with or without a query.
func secureAddress(location string) bool {
	address, err := url.Parse(location)
	return err == nil && address.Scheme == "https" && address.Host != "" && address.User == nil && address.Fragment == ""
}

// write makes the bytes of an element, as they are signed.
func write(element *etree.Element) ([]byte, error) {
	document := etree.NewDocument()
	document.SetRoot(element)
	message, err := document.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", element.Tag, err)
	}
	return message, nil
}
