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
)

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
	certificate, _ := savedKey(s.key)
	form := `<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ` +
		`Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="` + s.content + `"/><ds:KeyInfo>` +
		`<xenc:EncryptedKey Recipient="` + s.recipient + `"><xenc:EncryptionMethod Algorithm="` + s.transport + `"/><ds:KeyInfo><ds:KeyName>` +
		s.key + `</ds:KeyName></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>` +
		`<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>`
	session := map[string]string{"aes128": "aes-128", "aes192": "aes-192", "aes256": "aes-256", "triple": "des-192"}
	_, algorithm, _ := strings.Cut(s.content, "#")
	data := place(t, t.TempDir(), "name.xml", []byte(plain)) // as it is, byte for byte
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

// xmlsec runs xmlsec1 over a message.
func xmlsec(t testing.TB, message string, arguments ...string) string {
	t.Helper()
	program := foreign(t, "xmlsec1")
	file := place(t, t.TempDir(), "message.xml", []byte(message))
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
