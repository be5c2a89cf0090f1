package federation

import (
	"bytes"
	"crypto/x509"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// brokerMetadata is what testdata/broker.xml is filled with.
type brokerMetadata struct {
	Origin    string
	Until     string
	Signed    bool
	Use       string
	Keys      []string
	Endpoints []int
	Bindings  []string
}

// usual is a broker with its two keys, one endpoint, and both ways to get there.
func usual(origin string) brokerMetadata {
	keys := testKeys()
	return brokerMetadata{
		Origin: origin, Signed: true, Use: "signing", Endpoints: []int{0}, Bindings: []string{"HTTP-Redirect", "HTTP-POST"},
		Keys: []string{certificateText(keys["broker-next"].Certificate), certificateText(keys["broker"].Certificate)},
	}
}

// make fills the document and has xmlsec1 sign it.
func (m brokerMetadata) make(t testing.TB) []byte {
	t.Helper()
	var filled bytes.Buffer
	if err := template.Must(template.ParseFiles("testdata/broker.xml")).Execute(&filled, m); err != nil {
		t.Fatal(err)
	}
	if !m.Signed {
		return filled.Bytes()
	}
	certificate, private := savedKey("metadata")
	return []byte(xmlsec(t, filled.String(), "--sign", "--privkey-pem", private+","+certificate, "--id-attr:ID", nsMetadata+":EntityDescriptor"))
}

// provider makes a service provider from the row and the broker's document.
func provider(t testing.TB, row SAML, document []byte, now time.Time) *ServiceProvider {
	t.Helper()
	row.Broker, row.BrokerSigners = document, pick(testKeys(), "metadata")
	p, err := NewServiceProvider(row, now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestABrokersMetadataIsBelievedOnlySignedAndInTime(t *testing.T) {
	t.Parallel()
	const origin = "https://broker.test"
	keys := testKeys()
	old := certified("old", keys["broker"].Key, noon.AddDate(-2, 0, 0), noon.AddDate(-1, 0, 0), 0)
	short := newPair("short", noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0), 1024)
	sealer := certified("sealer", keys["broker"].Key, noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0), x509.KeyUsageKeyEncipherment)
	change := func(change func(*brokerMetadata)) func(*testing.T) []byte {
		return func(t *testing.T) []byte {
			metadata := usual(origin)
			change(&metadata)
			return metadata.make(t)
		}
	}
	forged := func(old, replacement string) func(*testing.T) []byte {
		return func(t *testing.T) []byte {
			document := string(usual(origin).make(t))
			if !strings.Contains(document, old) {
				t.Fatalf("the metadata hasn't %q", old)
			}
			return []byte(strings.Replace(document, old, replacement, 1))
		}
	}
	for sentence, row := range map[string]struct {
		document func(*testing.T) []byte
		fault    string // "": it is believed
	}{
		"the usual":                 {change(func(*brokerMetadata) {}), ""},
		"valid until later":         {change(func(m *brokerMetadata) { m.Until = "2025-06-11T12:00:01Z" }), ""},
		"one key that has run out":  {change(func(m *brokerMetadata) { m.Keys[0] = certificateText(old.Certificate) }), ""},
		"outdated":                  {change(func(m *brokerMetadata) { m.Until = "2025-06-11T12:00:00Z" }), "outdated"},
		"until no time":             {change(func(m *brokerMetadata) { m.Until = "soon" }), "no time"},
		"unsigned":                  {change(func(m *brokerMetadata) { m.Signed = false }), string(Unsigned)},
		"changed":                   {forged(origin+"/soap", "https://evil.test/soap"), string(SignatureInvalid)},
		"with a document type":      {forged("<md:EntityDescriptor", "<!DOCTYPE x><md:EntityDescriptor"), string(XMLRefused)},
		"only old keys":             {change(func(m *brokerMetadata) { m.Keys = []string{certificateText(old.Certificate)} }), "no certificate"},
		"no keys":                   {change(func(m *brokerMetadata) { m.Keys = nil }), "no certificate"},
		"keys for sealing alone":    {change(func(m *brokerMetadata) { m.Use = "encryption" }), "no certificate"},
		"a short key":               {change(func(m *brokerMetadata) { m.Keys = []string{certificateText(short.Certificate)} }), "2048 bits"},
		"a key for sealing":         {change(func(m *brokerMetadata) { m.Keys = []string{certificateText(sealer.Certificate)} }), "isn't for signatures"},
		"a certificate that isn't":  {change(func(m *brokerMetadata) { m.Keys = []string{"AAAA"} }), "can't be read"},
		"no way to get there":       {change(func(m *brokerMetadata) { m.Bindings = []string{"HTTP-Artifact", "HTTP-POST"} }), "sign-in by redirect"},
		"no artifact endpoint":      {change(func(m *brokerMetadata) { m.Endpoints = nil }), "no artifact endpoint"},
		"an endpoint twice":         {change(func(m *brokerMetadata) { m.Endpoints = []int{1, 1} }), "twice"},
		"endpoints without TLS":     {change(func(m *brokerMetadata) { m.Origin = "http://broker.test" }), "without https"},
		"a role that doesn't exist": {func(*testing.T) []byte { return []byte("<x/>") }, string(Unsigned)},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			settings := ourRow()
			settings.Broker, settings.BrokerSigners = row.document(t), pick(keys, "stranger", "metadata")
			_, err := NewServiceProvider(settings, noon)
			if (err == nil) != (row.fault == "") || err != nil && !strings.Contains(err.Error(), row.fault) {
				t.Errorf("%v, want %q", err, row.fault)
			}
		})
	}
}

func TestMetadataOfAnotherOrByAnotherIsRefused(t *testing.T) {
	t.Parallel()
	document := usual("https://broker.test").make(t)
	for sentence, change := range map[string]func(*SAML){
		"another entity":              func(row *SAML) { row.BrokerID = "urn:other" },
		"signed by a stranger":        func(row *SAML) { row.BrokerSigners = pick(testKeys(), "stranger") },
		"signed by its own key":       func(row *SAML) { row.BrokerSigners = pick(testKeys(), "broker") },
		"nobody who may sign":         func(row *SAML) { row.BrokerSigners = nil },
		"no entity id":                func(row *SAML) { row.EntityID = "" },
		"white space":                 func(row *SAML) { row.ServiceID += " " },
		"no service":                  func(row *SAML) { row.ServiceID = "" },
		"no environment":              func(row *SAML) { row.Environment = "" },
		"an address without TLS":      func(row *SAML) { row.AssertionConsumerService = "http://tvm.test/return" },
		"an address with a query":     func(row *SAML) { row.AssertionConsumerService += "?a=b" },
		"no level":                    func(row *SAML) { row.Levels = nil },
		"a level that isn't":          func(row *SAML) { row.Levels = []identity.AssuranceLevel{"EH1"} },
		"no key to sign with":         func(row *SAML) { row.Signing = nil },
		"no key to open seals with":   func(row *SAML) { row.Decryption = nil },
		"somebody else's certificate": func(row *SAML) { row.Signing[0].Certificate = testKeys()["stranger"].Certificate },
		"an index that is no index":   func(row *SAML) { row.ServiceIndex = 70000 },
		"a certificate that ran out": func(row *SAML) {
			row.Signing[0] = certified("old", row.Signing[0].Key, noon.AddDate(-2, 0, 0), noon.AddDate(-1, 0, 0), 0)
		},
		"a short key of our own": func(row *SAML) {
			row.Signing[0] = newPair("short", noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0), 1024)
		},
		"a key pair without its key":   func(row *SAML) { row.Decryption[0].Key = nil },
		"a key pair without a partner": func(row *SAML) { row.Decryption[0].Certificate = nil },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			row := ourRow()
			row.Broker, row.BrokerSigners = document, pick(testKeys(), "metadata")
			change(&row)
			if _, err := NewServiceProvider(row, noon); err == nil {
				t.Error("accepted")
			}
		})
	}
}
