package federation

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/beevik/etree"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// What the vectors are about. testdata/answer.xml says the same.
const (
	ourEntity    = "urn:etoegang:DV:00000003687501100000:entities:9100"
	brokerEntity = "urn:etoegang:HM:00000003244440010000:entities:9001"
	ourConsumer  = "https://tvm.test/federation/eherkenning/return"
	ourService   = "urn:etoegang:DV:00000003687501100000:services:9052"
	ourUUID      = "2c1a3b62-9d6d-4ff4-a3a4-1f9d1d3a2f10"
	acting       = "0f1e2d3c4b5a69780f1e2d3c4b5a69780f1e2d3c4b5a69780f1e2d3c4b5a6978@0123456789abcdef0123456789abcdef"
	kvkQualifier = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
	levelPrefix  = "urn:etoegang:core:assurance-class:"
)

// expected is what the vectors answer.
var expected = expectation{
	resolveID: "_" + strings.Repeat("0", 40), requestID: "_request", at: noon.Add(-time.Minute), now: noon,
}

func ourRow() SAML {
	keys := testKeys()
	return SAML{
		Provider: "eherkenning", Environment: "test", EntityID: ourEntity, ProviderName: "Mijn TVM", ServiceName: "Mijn TVM",
		AssertionConsumerService: ourConsumer, ServiceIndex: 9052, ServiceID: ourService, ServiceUUID: ourUUID,
		Levels:     []identity.AssuranceLevel{identity.EH3, identity.EH4},
		Signing:    []KeyPair{keys["ours"], keys["ours-old"]},
		Decryption: []KeyPair{keys["sealing"], keys["sealing-old"]},
		BrokerID:   brokerEntity,
	}
}

// receiver is a service provider that knows the broker by two keys, one of them about to replace the other.
func receiver() *ServiceProvider {
	keys := testKeys()
	row := ourRow()
	return &ServiceProvider{row: row, client: row.client(), broker: broker{
		entityID: brokerEntity, keys: pick(keys, "broker-next", "broker"),
	}}
}

// A vector is a message that xmlsec1, which nobody here wrote, encrypts and signs. What a case changes in the text of
// testdata/answer.xml is signed with it; what it forges afterwards isn't.
type vector struct {
	edits  []string            // old and new, in turn
	keys   map[string]string   // the key that signs an element, where it isn't the broker's
	forge  func(string) string // the finished text
	twist  func(*etree.Element)
	spoilt func(string) string // a sealed value, before it is signed
}

// order is that of signing: what is inside comes first.
var order = []string{"_advice", "_assertion", "_response", "_outer"}

var elements = map[string]string{"_outer": "ArtifactResponse", "_response": "Response", "_assertion": "Assertion", "_advice": "Assertion"}

func (v vector) make(t testing.TB) []byte {
	t.Helper()
	source, err := os.ReadFile("testdata/answer.xml")
	if err != nil {
		t.Fatal(err)
	}
	whole := string(source)
	for i := 0; i+1 < len(v.edits); i += 2 {
		if strings.Count(whole, v.edits[i]) == 0 {
			t.Fatalf("the vector hasn't %q", v.edits[i])
		}
		whole = strings.ReplaceAll(whole, v.edits[i], v.edits[i+1])
	}
	var filled bytes.Buffer
	functions := template.FuncMap{
		"signature": signatureTemplate,
		"weak":      weakSignature,
		"sealed":    func(qualifier, name string) string { return sealing{}.seal(t, nameID(qualifier, name)) },
		"sealedFor": func(recipient string) string {
			return sealing{recipient: recipient}.seal(t, nameID(kvkQualifier, "68750110"))
		},
		"sealedBy": func(content, transport string) string {
			return sealing{content: content, transport: transport}.seal(t, nameID(kvkQualifier, "68750110"))
		},
		"sealedUnder": func(key string) string { return sealing{key: key}.seal(t, nameID(kvkQualifier, "68750110")) },
		"spoilt": func(sealed string) string {
			start := strings.LastIndex(sealed[:strings.Index(sealed, "</xenc:EncryptedData>")], "<xenc:CipherValue>") + len("<xenc:CipherValue>")
			end := start + strings.Index(sealed[start:], "</")
			return sealed[:start] + v.spoilt(strings.Join(strings.Fields(sealed[start:end]), "")) + sealed[end:]
		},
		"sealedXML": func(xml string) string { return sealing{}.seal(t, xml) },
	}
	if err := template.Must(template.New("").Funcs(functions).Parse(whole)).Execute(&filled, nil); err != nil {
		t.Fatal(err)
	}
	return v.finish(t, filled.String())
}

func (v vector) finish(t testing.TB, message string) []byte {
	t.Helper()
	for _, id := range order {
		key := v.keys[id]
		switch {
		case !strings.Contains(message, `URI="#`+id+`"`):
		case id == "_advice":
			message = signAdvice(t, message)
		case key == "":
			message = signWith(t, message, id, "broker")
		default:
			message = signWith(t, message, id, key)
		}
	}
	return []byte(v.forged(t, message))
}

func (v vector) forged(t testing.TB, message string) string {
	t.Helper()
	if v.forge != nil {
		changed := v.forge(message)
		if changed == message {
			t.Fatal("the forgery changes nothing")
		}
		message = changed
	}
	if v.twist == nil {
		return message
	}
	document := etree.NewDocument()
	if err := document.ReadFromString(message); err != nil {
		t.Fatal(err)
	}
	v.twist(document.Root())
	twisted, err := document.WriteToString()
	if err != nil || twisted == message {
		t.Fatal("the forgery changes nothing", err)
	}
	return twisted
}

func nameID(qualifier, name string) string {
	return fmt.Sprintf(`<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" `+
		`Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="%s">%s</saml:NameID>`, qualifier, name)
}

func signatureTemplate(id string) string {
	return weakSignature(id, exclusive, rsaSHA256, sha256URI, exclusive)
}

// weakSignature is the form of a signature with algorithms of the case's.
func weakSignature(id, canonical, method, digest, transform string) string {
	return `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="` + canonical +
		`"/><ds:SignatureMethod Algorithm="` + method + `"/><ds:Reference URI="#` + id + `"><ds:Transforms><ds:Transform Algorithm="` +
		enveloped + `"/><ds:Transform Algorithm="` + transform + `"/></ds:Transforms><ds:DigestMethod Algorithm="` + digest +
		`"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:KeyName/></ds:KeyInfo></ds:Signature>`
}

// signAdvice signs the assertion in the Advice, which most vectors have in common, once.
func signAdvice(t testing.TB, message string) string {
	t.Helper()
	start := strings.Index(message, `<saml:Assertion xmlns:saml="`+nsAssertion+`" ID="_advice"`)
	end := start + strings.Index(message[start:], "</saml:Assertion>") + len("</saml:Assertion>")
	advice := message[start:end]
	signed, known := sealedNames.Load(advice)
	if !known {
		signed = strings.TrimSpace(signWith(t, advice, "_advice", "advice"))
		sealedNames.Store(advice, signed)
	}
	return message[:start] + signed.(string) + message[end:]
}

func signWith(t testing.TB, message, id, key string) string {
	t.Helper()
	_, private := savedKey(key)
	node := fmt.Sprintf(`(//*[local-name()="%s"][@ID="%s"]/*[local-name()="Signature"])[1]`, elements[id], id)
	arguments := []string{
		"--sign", "--privkey-pem:" + key, private, "--node-xpath", node,
		"--id-attr:ID", nsProtocol + ":ArtifactResponse", "--id-attr:ID", nsProtocol + ":Response", "--id-attr:ID", nsAssertion + ":Assertion",
	}
	return xmlsec(t, message, arguments...)
}

// spoil flips a bit of what is sealed, before it is signed.
func spoil(content string) vector {
	return sealedThen(content, func(value string) string { return value[:len(value)-8] + "AAAA" + value[len(value)-4:] })
}

// cut puts other bytes in the place of what is sealed, before it is signed.
func cut(content, value string) vector {
	return sealedThen(content, func(string) string { return value })
}

// sealedThen changes the content of the represented business's name once it is sealed.
func sealedThen(content string, change func(string) string) vector {
	v := edit(`{{sealed "`+kvkQualifier+`" "68750110"}}`, `{{sealedBy "`+content+`" "" | spoilt}}`)
	v.spoilt = change
	return v
}
