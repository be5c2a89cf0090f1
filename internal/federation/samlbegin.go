package federation

import (
	"bytes"
	"compress/flate"
	"context"
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

// Begin makes a request, and the address of the broker that the browser is sent to with it: signed as a query, which is the
// one binding that needs no page of ours. Random is a source of secret random bytes, of which it takes 72.
func (p *ServiceProvider) Begin(_ context.Context, now time.Time, random io.Reader) (Request, string, error) {
	if err := p.broker.check(now); err != nil {
		return Request{}, "", fmt.Errorf("begin: %w", err)
	}
	relay := make([]byte, 32)
	if _, err := io.ReadFull(random, relay); err != nil {
		return Request{}, "", fmt.Errorf("random bytes: %w", err)
	}
	request, err := newID(random)
	if err != nil {
		return Request{}, "", err
	}
	resolve, err := newID(random)
	if err != nil {
		return Request{}, "", err
	}
	pending := Request{
		State: base64.RawURLEncoding.EncodeToString(relay), Nonce: request, Verifier: resolve, At: now.UTC().Truncate(time.Millisecond),
	}
	address, err := p.redirect(pending, p.broker.signOn)
	return pending, address, err
}

// newID makes an id of 160 random bits; an XML id begins with no digit.
func newID(random io.Reader) (string, error) {
	bits := make([]byte, 20)
	if _, err := io.ReadFull(random, bits); err != nil {
		return "", fmt.Errorf("random bytes: %w", err)
	}
	return "_" + hex.EncodeToString(bits), nil
}

// request is the AuthnRequest, with what eHerkenning asks for and nothing else: no NameIDPolicy, no Format on the Issuer,
// and no level, which the catalogue sets and the answer must show.
func (p *ServiceProvider) request(pending Request, destination string) *saml.AuthnRequest {
	force := true
	return &saml.AuthnRequest{
		ID:                             pending.Nonce,
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
func (p *ServiceProvider) redirect(pending Request, location string) (string, error) {
	message, err := write(p.request(pending, location).Element())
	if err != nil {
		return "", err
	}
	var deflated bytes.Buffer
	squeeze, err := flate.NewWriter(&deflated, flate.BestCompression)
	if err != nil {
		return "", fmt.Errorf("deflate: %w", err)
	}
	if _, err := squeeze.Write(message); err != nil {
		return "", fmt.Errorf("deflate: %w", err)
	}
	if err := squeeze.Close(); err != nil {
		return "", fmt.Errorf("deflate: %w", err)
	}
	// The order counts: it is what is signed.
	query := "SAMLRequest=" + url.QueryEscape(base64.StdEncoding.EncodeToString(deflated.Bytes())) +
		"&" + samlState + "=" + url.QueryEscape(pending.State) + "&SigAlg=" + url.QueryEscape(rsaSHA256)
	sum := sha256.Sum256([]byte(query))
	signature, err := rsa.SignPKCS1v15(nil, p.row.Signing[0].Key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign query: %w", err)
	}
	query += "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
	return join(location, query), nil
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
