package federation

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
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
	_, private := savedKey(t, key)
	node := fmt.Sprintf(`(//*[local-name()="%s"][@ID="%s"]/*[local-name()="Signature"])[1]`, elements[id], id)
	arguments := []string{
		"--sign", "--privkey-pem:" + key, private, "--node-xpath", node,
		"--id-attr:ID", nsProtocol + ":ArtifactResponse", "--id-attr:ID", nsProtocol + ":Response", "--id-attr:ID", nsAssertion + ":Assertion",
	}
	return xmlsec(t, message, arguments...)
}

// sealing is how a name is encrypted: for us, with AES-256-CBC and RSA-OAEP, unless a case says otherwise.
type sealing struct{ recipient, content, transport, key string }

// sealedNames are the names and the Advice that most vectors have in common: xmlsec1 makes each once.
var sealedNames sync.Map

func (s sealing) seal(t testing.TB, plain string) string {
	t.Helper()
	if s.recipient == "" {
		s.recipient = ourEntity
	}
	if s.content == "" {
		s.content = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
	}
	if s.transport == "" {
		s.transport = rsaOAEP
	}
	if s.key == "" {
		s.key = "sealing"
	}
	slot := fmt.Sprint(s, plain)
	if known, ok := sealedNames.Load(slot); ok {
		return known.(string)
	}
	sealed := s.encrypt(t, plain)
	sealedNames.Store(slot, sealed)
	return sealed
}

func (s sealing) encrypt(t testing.TB, plain string) string {
	t.Helper()
	certificate, _ := savedKey(t, s.key)
	form := `<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ` +
		`Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="` + s.content + `"/><ds:KeyInfo>` +
		`<xenc:EncryptedKey Recipient="` + s.recipient + `"><xenc:EncryptionMethod Algorithm="` + s.transport + `"/><ds:KeyInfo><ds:KeyName>` +
		s.key + `</ds:KeyName></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>` +
		`<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>`
	session := map[string]string{"aes128": "aes-128", "aes192": "aes-192", "aes256": "aes-256", "triple": "des-192"}
	_, algorithm, _ := strings.Cut(s.content, "#")
	data := write1(t, t.TempDir(), "name.xml", []byte(plain)) // as it is, byte for byte
	text := xmlsec(t, form, "--encrypt", "--pubkey-cert-pem:"+s.key, certificate, "--session-key", session[algorithm[:6]], "--binary-data", data)
	text = text[strings.Index(text, "<xenc:EncryptedData"):]
	return `<saml:EncryptedID>` + strings.TrimSpace(beside(t, text)) + `</saml:EncryptedID>`
}

// beside moves the encrypted key out of the data and next to it, where eHerkenning's brokers have it.
func beside(t testing.TB, data string) string {
	t.Helper()
	start, end := strings.Index(data, "<xenc:EncryptedKey"), strings.Index(data, "</xenc:EncryptedKey>")+len("</xenc:EncryptedKey>")
	key := strings.Replace(data[start:end], "<xenc:EncryptedKey", `<xenc:EncryptedKey xmlns:xenc="`+nsEncrypted+`" xmlns:ds="`+nsSignature+`"`, 1)
	pointer := `<ds:RetrievalMethod Type="http://www.w3.org/2001/04/xmlenc#EncryptedKey"/>`
	return strings.TrimSpace(data[:start]+pointer+data[end:]) + key
}

// savedKey writes a key to a file once.
func savedKey(t testing.TB, name string) (certificate, private string) {
	t.Helper()
	savedKeysLock.Lock()
	defer savedKeysLock.Unlock()
	if _, known := savedKeys[name]; !known {
		certificate, private := testKeys()[name].saveTo(t, keyFolder(t, name))
		savedKeys[name] = [2]string{certificate, private}
	}
	return savedKeys[name][0], savedKeys[name][1]
}

var (
	savedKeysLock sync.Mutex
	savedKeys     = map[string][2]string{}
)

// xmlsec runs xmlsec1 over a message.
func xmlsec(t testing.TB, message string, arguments ...string) string {
	t.Helper()
	program := foreign(t, "xmlsec1")
	file := write1(t, t.TempDir(), "message.xml", []byte(message))
	command := exec.CommandContext(t.Context(), program, slices.Concat(arguments, []string{file})...)
	var out, faults bytes.Buffer
	command.Stdout, command.Stderr = &out, &faults
	if err := command.Run(); err != nil {
		t.Fatalf("xmlsec1 %s: %v\n%s\n%s", strings.Join(arguments, " "), err, faults.String(), message)
	}
	text := out.String()
	if _, rest, found := strings.Cut(text, "?>\n"); found && strings.HasPrefix(text, "<?xml") {
		text = rest
	}
	return text
}

// foreign finds a program of the machine's. Without it the test is skipped, but not where everything must be proved.
func foreign(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("%s isn't installed; script/setup does that", name)
	default:
		t.Skipf("%s isn't installed; script/setup does that", name)
	}
	return path
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
