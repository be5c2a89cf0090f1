package webauthn_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/webauthn"
)

var (
	party     = identity.RelyingParty{ID: "portal.example", Name: "Portal", Origin: "https://portal.example"}
	holder    = webauthn.Holder{Handle: []byte("usr_1"), Name: "mies", DisplayName: "Mies"}
	challenge = base64.RawURLEncoding.EncodeToString(slices.Repeat([]byte{7}, 32))
)

// key is a security key of the holder's, in the browser of the party's page.
type key struct {
	page       virtualwebauthn.RelyingParty
	device     virtualwebauthn.Authenticator
	credential virtualwebauthn.Credential
}

func newKey() key {
	k := key{
		page:   virtualwebauthn.RelyingParty{ID: party.ID, Name: party.Name, Origin: party.Origin},
		device: virtualwebauthn.NewAuthenticator(), credential: virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2),
	}
	k.device.Options.UserHandle = holder.Handle
	return k
}

// created is what the browser answers when the key is enrolled.
func (k key) created(f testing.TB) string {
	f.Helper()
	options, err := webauthn.CreationOptions(party, holder, nil, challenge, time.Minute)
	if err != nil {
		f.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		f.Fatal(err)
	}
	return virtualwebauthn.CreateAttestationResponse(k.page, k.device, k.credential, *asked)
}

// got is what the browser answers when the key is proved.
func (k key) got(f testing.TB, held identity.PublicKeyCredential) string {
	f.Helper()
	options, err := webauthn.RequestOptions(party, []identity.PublicKeyCredential{held}, challenge, time.Minute)
	if err != nil {
		f.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		f.Fatal(err)
	}
	return virtualwebauthn.CreateAssertionResponse(k.page, k.device, k.credential, *asked)
}

func (k key) enrol(f testing.TB) identity.PublicKeyCredential {
	f.Helper()
	creation, err := webauthn.ReadCreation(json.RawMessage(k.created(f)))
	if err != nil {
		f.Fatal(err)
	}
	held, err := creation.Verify(party, holder)
	if err != nil {
		f.Fatal(err)
	}
	return held
}

// seed adds an answer, cut, bent and nested in ways that a browser's never is.
func seed(f *testing.F, answer string) {
	f.Helper()
	f.Add(answer)
	f.Add(answer[:len(answer)/2])
	f.Add("[" + answer + "]")
	f.Add(answer + answer)
	for _, change := range [][2]string{
		{`"type":"public-key"`, `"type":"password"`},
		{`"response":{`, `"response":{"transports":[null,"usb",7],`},
		{`"rawId":"`, `"rawId":"AA`},
		{`"attestationObject":"`, `"attestationObject":"oA`},
		{`"authenticatorData":"`, `"authenticatorData":"AAAA`},
		{`"signature":"`, `"signature":"__`},
		{`"clientDataJSON":"`, `"clientDataJSON":null,"clientDataJson":"`},
		{`"id":"`, `"clientExtensionResults":{"appid":true},"id":"`},
	} {
		f.Add(strings.Replace(answer, change[0], change[1], 1))
	}
	for _, text := range []string{"", "null", "{}", "[]", `{"response":null}`, `{"response":{}}`, `{"id":"","rawId":"","type":"public-key","response":{}}`} {
		f.Add(text)
	}
}

// FuzzCreation enrols whatever comes up: it is refused, and says no more than that, or it is the credential of somebody whom the
// party's page asked.
func FuzzCreation(f *testing.F) {
	seed(f, newKey().created(f))
	f.Fuzz(func(t *testing.T, text string) {
		creation, err := webauthn.ReadCreation(json.RawMessage(text))
		if err != nil {
			wantRefused(t, err)
			return
		}
		made, err := creation.Verify(party, holder)
		if err != nil {
			wantRefused(t, err)
			return
		}
		if len(made.ID) == 0 || len(made.ID) > 1023 || len(made.PublicKey) == 0 || creation.Challenge() == "" {
			t.Errorf("%s enrols %+v for «%s»", text, made, creation.Challenge())
		}
		elsewhere := party
		elsewhere.Origin = "https://evil.example"
		if _, err := creation.Verify(elsewhere, holder); !errors.Is(err, webauthn.ErrRefused) {
			t.Errorf("%s enrols for a page elsewhere too: %v", text, err)
		}
	})
}

// FuzzAssertion proves a key with whatever comes up: it is refused, and says no more than that, or the key signed it, and then for
// nobody else's credential.
func FuzzAssertion(f *testing.F) {
	k, other := newKey(), newKey()
	held, foreign := k.enrol(f), other.enrol(f)
	seed(f, k.got(f, held))
	f.Fuzz(func(t *testing.T, text string) {
		assertion, err := webauthn.ReadAssertion(json.RawMessage(text))
		if err != nil {
			wantRefused(t, err)
			return
		}
		if _, _, err := assertion.Verify(party, holder, foreign); !errors.Is(err, webauthn.ErrRefused) {
			t.Errorf("%s proves a key that is another: %v", text, err)
		}
		after, copied, err := assertion.Verify(party, holder, held)
		if err != nil {
			wantRefused(t, err)
			return
		}
		if !slices.Equal(assertion.CredentialID(), held.ID) || !slices.Equal(after.PublicKey, held.PublicKey) || assertion.Challenge() != challenge || copied {
			t.Errorf("%s proves %+v for «%s», copied: %t", text, after, assertion.Challenge(), copied)
		}
	})
}

func wantRefused(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, webauthn.ErrRefused) || err.Error() != webauthn.ErrRefused.Error() {
		t.Errorf("it says more than that it won't do: %v", err)
	}
}
