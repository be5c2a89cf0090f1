package lasso

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"
)

// Papers are what a service provider is set up with, in PEM but for Metadata.
type Papers struct {
	// Metadata is the broker's document, signed by the key of the certificate in Signers.
	Metadata, Signers []byte
	// Signing and Decryption are our key pairs: each a certificate and its key.
	Signing, Decryption []byte
	// Roots vouch for the back channel.
	Roots []byte
}

// NewPapers makes those of a broker at an origin where there needn't be one.
func NewPapers(t testing.TB, origin string) Papers {
	t.Helper()
	if _, err := exec.LookPath("xmlsec1"); err != nil {
		missing(t, "xmlsec1")
	}
	keys := pairs()
	return Papers{
		Metadata: metadata(t, origin), Signers: keys["metadata"].certificatePEM(), Roots: keys["broker"].certificatePEM(),
		Signing:    append(keys["signing"].certificatePEM(), keys["signing"].keyPEM()...),
		Decryption: append(keys["decryption"].certificatePEM(), keys["decryption"].keyPEM()...),
	}
}

const form = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{{.Entity}}" ID="_metadata">
<ds:Signature><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<ds:Reference URI="#_metadata"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>
<md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{{.Certificate}}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="{{.Origin}}/soap" index="0"/>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{{.Origin}}/sso"/>
</md:IDPSSODescriptor>
</md:EntityDescriptor>
`

var filled = template.Must(template.New("").Parse(form))

// metadata is the broker's document, signed by xmlsec1.
func metadata(t testing.TB, origin string) []byte {
	t.Helper()
	keys, folder := pairs(), t.TempDir()
	var document bytes.Buffer
	must(t, filled.Execute(&document, map[string]string{
		"Entity": Entity, "Origin": origin, "Certificate": base64.StdEncoding.EncodeToString(keys["broker"].certificate.Raw),
	}))
	for name, content := range map[string][]byte{
		"key.pem": keys["metadata"].keyPEM(), "certificate.pem": keys["metadata"].certificatePEM(), "unsigned.xml": document.Bytes(),
	} {
		must(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	sign := exec.CommandContext(t.Context(), "xmlsec1", "--sign", "--privkey-pem", "key.pem,certificate.pem",
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor", "unsigned.xml")
	sign.Dir = folder
	signed, err := sign.Output()
	must(t, err)
	return signed
}

// pair is a key with a certificate of its own.
type pair struct {
	certificate *x509.Certificate
	key         *rsa.PrivateKey
}

// pairs are made once for a process, and thrown away with it.
var pairs = sync.OnceValue(func() map[string]pair {
	all := map[string]pair{}
	for i, name := range strings.Fields("broker metadata signing decryption") {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i) + 1), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), // Lasso has the machine's clock
			KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		}
		raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			panic(err)
		}
		certificate, err := x509.ParseCertificate(raw)
		if err != nil {
			panic(err)
		}
		all[name] = pair{certificate, key}
	}
	return all
})

func (p pair) certificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.certificate.Raw})
}

func (p pair) keyPEM() []byte {
	raw, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
}

func (p pair) tls() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{p.certificate.Raw}, PrivateKey: p.key}
}
