package federation

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/beevik/etree"
)

func TestARequestSaysWhatEHerkenningAsksAndNothingElse(t *testing.T) {
	t.Parallel()
	p := provider(t, ourRow(), usual("https://broker.test").make(t), noon)
	pending, address, err := p.Begin(t.Context(), noon, strings.NewReader(strings.Repeat("y", 32)+strings.Repeat("x", 20)+strings.Repeat("z", 20)))
	if err != nil {
		t.Fatal(err)
	}
	if want := "_" + strings.Repeat("78", 20); pending.Nonce != want || pending.Verifier != "_"+strings.Repeat("7a", 20) || !pending.At.Equal(noon) {
		t.Errorf("%+v", pending)
	}
	if len(pending.State) != 43 || strings.Contains(pending.State, pending.Nonce) {
		t.Errorf("relay state %q", pending.State)
	}
	location, query, _ := strings.Cut(address, "?")
	fields, err := url.ParseQuery(query)
	if err != nil || location != "https://broker.test/sso" || fields.Get("RelayState") != pending.State {
		t.Fatalf("%v %s", err, address)
	}
	deflated, err := base64.StdEncoding.DecodeString(fields.Get("SAMLRequest"))
	if err != nil {
		t.Fatal(err)
	}
	message, err := io.ReadAll(flate.NewReader(bytes.NewReader(deflated)))
	if err != nil {
		t.Fatal(err)
	}
	want := `<samlp:AuthnRequest xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ` +
		`ID="` + pending.Nonce + `" Version="2.0" IssueInstant="2025-06-11T12:00:00Z" Destination="https://broker.test/sso" ForceAuthn="true" ` +
		`AssertionConsumerServiceURL="` + ourConsumer + `" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact" ` +
		`AttributeConsumingServiceIndex="9052" ProviderName="Mijn TVM"><saml:Issuer>` + ourEntity + `</saml:Issuer></samlp:AuthnRequest>`
	if string(message) != want {
		t.Errorf("\n%s\n%s", message, want)
	}
	signed, signature, _ := strings.Cut(query, "&Signature=")
	if !strings.HasSuffix(signed, "&SigAlg="+url.QueryEscape(rsaSHA256)) {
		t.Errorf("signed %s", signed)
	}
	encoded, _ := url.QueryUnescape(signature)
	raw, err := base64.StdEncoding.DecodeString(encoded)
	sum := sha256.Sum256([]byte(signed))
	if err != nil || rsa.VerifyPKCS1v15(&testKeys()["ours"].Key.PublicKey, crypto.SHA256, sum[:], raw) != nil {
		t.Error("the query's signature doesn't hold", err)
	}
}

func childTags(element *etree.Element) string {
	var tags []string
	for _, child := range element.ChildElements() {
		tags = append(tags, child.Tag)
	}
	return strings.Join(tags, " ")
}

func TestNoRequestIsMadeWithoutDiceOrWithoutABroker(t *testing.T) {
	t.Parallel()
	p := provider(t, ourRow(), usual("https://broker.test").make(t), noon)
	for _, random := range []io.Reader{strings.NewReader("short"), strings.NewReader(strings.Repeat("x", 71)), iotest.ErrReader(errors.New("no dice"))} {
		if pending, address, err := p.Begin(t.Context(), noon, random); err == nil {
			t.Errorf("%+v %s", pending, address)
		}
	}
	if _, _, err := p.Begin(t.Context(), noon.AddDate(3, 0, 0), zeros{}); err == nil {
		t.Error("a request for a broker whose keys have all run out")
	}
}

func TestNoTwoRequestsAreAlike(t *testing.T) {
	t.Parallel()
	p := provider(t, ourRow(), usual("https://broker.test").make(t), noon)
	dice := &counting{}
	first, _, err := p.Begin(t.Context(), noon, dice)
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := p.Begin(t.Context(), noon, dice)
	if err != nil || first.Nonce == second.Nonce || first.State == second.State || first.Verifier == second.Verifier {
		t.Errorf("%v %+v %+v", err, first, second)
	}
}

// counting are dice that never fall the same twice.
type counting struct{ n byte }

func (c *counting) Read(into []byte) (int, error) {
	for i := range into {
		c.n++
		into[i] = c.n
	}
	return len(into), nil
}

func TestOurMetadataAreSignedAndHaveNothingExtra(t *testing.T) {
	t.Parallel()
	row := ourRow()
	row.Decryption[1] = certified("old", row.Decryption[1].Key, noon.AddDate(-2, 0, 0), noon.Add(-time.Second), 0)
	p := provider(t, row, usual("https://broker.test").make(t), noon)
	document, err := p.Metadata(noon)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, string(document), "ours", nsMetadata+":EntityDescriptor")
	again, err := p.Metadata(noon.Add(time.Hour))
	if err != nil || !bytes.Equal(document, again) {
		t.Error("another document an hour later", err)
	}
	parsed := etree.NewDocument()
	if err := parsed.ReadFromBytes(document); err != nil {
		t.Fatal(err)
	}
	root := parsed.Root()
	if tags := childTags(root); tags != "Signature SPSSODescriptor" || attribute(root, "entityID") != ourEntity || len(root.Attr) != 4 {
		t.Errorf("%s %v", tags, root.Attr)
	}
	role := root.SelectElement("SPSSODescriptor")
	if tags := childTags(role); tags != "KeyDescriptor KeyDescriptor KeyDescriptor AssertionConsumerService AttributeConsumingService" {
		t.Error(tags) // two keys sign, one opens: the other's certificate has run out
	}
	if attribute(role, "AuthnRequestsSigned") != "true" || attribute(role, "WantAssertionsSigned") != "true" {
		t.Error(role.Attr)
	}
	consumer := role.SelectElement("AssertionConsumerService")
	if attribute(consumer, "Binding") != bindingArtifact || attribute(consumer, "Location") != ourConsumer {
		t.Error(consumer.Attr)
	}
	service := role.SelectElement("AttributeConsumingService")
	if tags := childTags(service); tags != "ServiceName RequestedAttribute" || attribute(service, "index") != "9052" ||
		attribute(service.SelectElement("RequestedAttribute"), "Name") != ourService {
		t.Error(tags, service.Attr)
	}
	for _, info := range role.FindElements("./KeyDescriptor/KeyInfo") {
		if tags := childTags(info); tags != "KeyName X509Data" {
			t.Error(tags)
		}
	}
	if bytes.Contains(document, []byte("NameIDFormat")) || bytes.Contains(document, []byte("validUntil")) {
		t.Errorf("%s", document)
	}
}
