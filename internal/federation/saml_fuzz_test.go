package federation

import (
	"net/url"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// A message that isn't byte for byte what the broker signed may be anything: it is never believed, and breaks nothing.
func FuzzMessage(f *testing.F) {
	good := string(vector{}.make(f))
	for _, seed := range []string{
		good, "", "<a/>", strings.Replace(good, "000037178598", "000037178601", 1),
		`<s:Envelope xmlns:s="` + nsSOAP + `"><s:Body><s:Fault/></s:Body></s:Envelope>`,
		strings.Replace(good, "<soapenv:Body>", "<!DOCTYPE x><soapenv:Body>", 1),
	} {
		f.Add([]byte(seed))
	}
	p, original := receiver(), whole()
	f.Fuzz(func(t *testing.T, message []byte) {
		got, err := p.accept(message, expected)
		if err != nil && ReasonOf(err) == "" {
			t.Errorf("a fault: %v", err)
		}
		// What is outside the signed parts may change: the envelope, white space, KeyInfo. What is said may not.
		if err == nil && (got.KVKNumber != original.KVKNumber || got.Subject != original.Subject || got.Level != original.Level ||
			len(got.Establishments) != 1 || got.Establishments[0] != original.Establishments[0] || got.Intermediary != nil) {
			t.Errorf("believed %+v", got)
		}
	})
}

// Whatever a browser brings that isn't what its request and its broker gave it, nobody is asked, and nobody identified.
func FuzzReturn(f *testing.F) {
	good := brought{made(brokerEntity, 9), left.State}.values().Encode()
	for _, seed := range []string{good, "", "SAMLart=&RelayState=", good + "&" + good, "RelayState=" + left.State, "SAMLart=%00&RelayState[]=x", strings.ToLower(good)} {
		f.Add(seed)
	}
	p := receiver()
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		got, err := p.Finish(t.Context(), left, values, noon)
		if ReasonOf(err) == "" || got.ID != "" {
			t.Errorf("%v %+v", err, got)
		}
	})
}

// Even a broker that signs nonsense gets nothing into an assertion that isn't of the form it must have.
func FuzzAssertion(f *testing.F) {
	good := string(vector{}.make(f))
	start, end := strings.Index(good, `<saml:Assertion ID="_assertion"`), strings.LastIndex(good, "</saml:Assertion>")
	bare := `<x xmlns:saml="` + nsAssertion + `" xmlns:ds="` + nsSignature + `">` + good[start:end] + "</saml:Assertion></x>"
	for _, seed := range []string{bare, "<x/>", strings.ReplaceAll(bare, "loa3", "loa2"), strings.ReplaceAll(bare, "AttributeValue", "Attribute")} {
		f.Add([]byte(seed))
	}
	p := receiver()
	f.Fuzz(func(t *testing.T, message []byte) {
		root, err := parse(message)
		if err != nil {
			return
		}
		for _, element := range append([]*etree.Element{root}, root.ChildElements()...) {
			got, err := p.read(element, expected)
			if err != nil {
				if ReasonOf(err) == "" || got.ID != "" {
					t.Errorf("%v %+v", err, got)
				}
				continue
			}
			wellFormed(t, got)
		}
	})
}

func wellFormed(t *testing.T, got identity.Assertion) {
	t.Helper()
	if _, err := identity.ParseKVKNumber(string(got.KVKNumber)); err != nil {
		t.Errorf("KVK number %q", got.KVKNumber)
	}
	for _, number := range got.Establishments {
		if _, err := identity.ParseEstablishmentNumber(string(number)); err != nil {
			t.Errorf("establishment %q", number)
		}
	}
	if got.Intermediary != nil {
		if _, err := identity.ParseKVKNumber(string(*got.Intermediary)); err != nil {
			t.Errorf("intermediary %q", *got.Intermediary)
		}
	}
	if !got.Level.AtLeast(identity.EH3) || !pseudonymous(got.Subject) || got.ID == "" || got.ServiceID != ourService || !got.ExpiresAt.After(noon) {
		t.Errorf("%+v", got)
	}
}

func FuzzSealedName(f *testing.F) {
	f.Add([]byte(sealing{}.seal(f, nameID(kvkQualifier, "68750110"))))
	f.Add([]byte(sealing{content: gcmPrefix + "256-gcm"}.seal(f, nameID(kvkQualifier, "68750110"))))
	f.Add([]byte("<EncryptedID/>"))
	p := receiver()
	f.Fuzz(func(t *testing.T, sealed []byte) {
		root, err := parse([]byte(`<saml:AttributeValue xmlns:saml="` + nsAssertion + `">` + string(sealed) + `</saml:AttributeValue>`))
		if err != nil {
			return
		}
		if name, err := p.readName([]*etree.Element{root}, KVKNumberMissing, qualifierKVK); err != nil && (ReasonOf(err) == "" || name != "") {
			t.Errorf("%q %v", name, err)
		}
	})
}

func FuzzArtifact(f *testing.F) {
	f.Add(made(brokerEntity, 0))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := readArtifact(text)
		if err == nil && (a.text != text || a.endpoint < 0 || a.endpoint > 65535 || len(a.source) != 20) {
			t.Errorf("%q is %+v", text, a)
		}
	})
}
