package rig

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"io"
	"sync"

	"github.com/descope/virtualwebauthn"
)

// Key is a security key, in the browser of a portal's own page. What it answers can be bent before it is signed: that is
// how tests tamper. Safe for concurrent use.
type Key struct {
	rig *Rig
	// Party is whom the browser tells the key that it is asked by.
	Party virtualwebauthn.RelyingParty
	// Authenticator says what the key is like, and Credential is the one pair of keys in it.
	Authenticator virtualwebauthn.Authenticator
	Credential    virtualwebauthn.Credential

	mutex sync.Mutex
}

// Key is a new one, which has a counter and asks for a PIN.
func (r *Rig) Key(portal string) *Key {
	r.T.Helper()
	party := r.Portal(portal).RelyingParty()
	k := &Key{
		rig:           r,
		Party:         virtualwebauthn.RelyingParty{ID: party.ID, Name: party.Name, Origin: party.Origin},
		Authenticator: virtualwebauthn.NewAuthenticator(),
		Credential:    virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, r.drawKey()),
	}
	k.Credential.ID = r.bytes(32)
	return k
}

// drawKey draws a pair of keys. The library forgets zeroes in front of a coordinate, so those that have some are drawn again.
func (r *Rig) drawKey() []byte {
	r.T.Helper()
	for {
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), r.bytes(32))
		if err != nil {
			continue // once in 2^32
		}
		public, err := private.PublicKey.Bytes()
		r.must(err)
		if public[1] == 0 || public[33] == 0 {
			continue
		}
		written, err := x509.MarshalPKCS8PrivateKey(private)
		r.must(err)
		return written
	}
}

func (r *Rig) bytes(count int) []byte {
	r.T.Helper()
	drawn := make([]byte, count)
	_, err := io.ReadFull(r.random, drawn)
	r.must(err)
	return drawn
}

// Create answers the options of an enrolment, as navigator.credentials.create would.
func (k *Key) Create(options string) map[string]any {
	k.rig.T.Helper()
	k.mutex.Lock()
	defer k.mutex.Unlock()
	asked, err := virtualwebauthn.ParseAttestationOptions(options)
	k.rig.must(err)
	k.Authenticator.Options.UserHandle = []byte(asked.UserID)
	return k.object(virtualwebauthn.CreateAttestationResponse(k.Party, k.Authenticator, k.Credential, *asked))
}

// Get answers the options of a proof, as navigator.credentials.get would, and counts on.
func (k *Key) Get(options string) map[string]any {
	k.rig.T.Helper()
	k.mutex.Lock()
	defer k.mutex.Unlock()
	asked, err := virtualwebauthn.ParseAssertionOptions(options)
	k.rig.must(err)
	if k.Credential.Counter > 0 {
		k.Credential.Counter++
	}
	return k.object(virtualwebauthn.CreateAssertionResponse(k.Party, k.Authenticator, k.Credential, *asked))
}

func (k *Key) object(text string) map[string]any {
	k.rig.T.Helper()
	var object map[string]any
	k.rig.must(json.Unmarshal([]byte(text), &object))
	return object
}

// BeginKey asks for the options of an enrolment, and answers them with the enrolment's id.
func (b *Browser) BeginKey(name string) (options, id string) {
	b.rig.T.Helper()
	begun := b.Do(`mutation ($name: String!) {
		beginWebAuthnEnrolment(input: {name: $name}) { enrolmentId options userErrors { code path } }
	}`, map[string]any{"name": name})
	options = begun.JSON("beginWebAuthnEnrolment.options")
	if options == "" {
		b.rig.T.Fatalf("begin to enrol a key: %s", begun.Text)
	}
	return options, begun.String("beginWebAuthnEnrolment.enrolmentId")
}

// ConfirmKey gives what a key answered to an enrolment.
func (b *Browser) ConfirmKey(id string, answer map[string]any) Answer {
	b.rig.T.Helper()
	return b.Do(`mutation ($id: ID!, $answer: JSON!) {
		confirmEnrolment(input: {enrolmentId: $id, webAuthn: $answer}) { factor { id kind name } step { __typename } userErrors { code path } }
	}`, map[string]any{"id": id, "answer": answer})
}

// EnrolKey enrols a new key, and answers it with its factor's id.
func (b *Browser) EnrolKey(name string) (*Key, string) {
	b.rig.T.Helper()
	key := b.rig.Key(b.Portal)
	options, id := b.BeginKey(name)
	if confirmed := b.ConfirmKey(id, key.Create(options)); confirmed.Code() != "" {
		b.rig.T.Fatalf("enrol a key: %s", confirmed.Text)
	}
	return key, id
}

// AskKey asks for the options of a proof; "" where they are refused.
func (b *Browser) AskKey() string {
	b.rig.T.Helper()
	return b.Do(`mutation { beginSignInWebAuthn { options userErrors { code } } }`).JSON("beginSignInWebAuthn.options")
}

// VerifyKey is what a browser sends to prove a key: with {"answer": …}, in its sign-in.
const VerifyKey = `mutation ($answer: JSON!) {
	verifySignIn(input: {proof: {webAuthn: $answer}}) {
		step { __typename ... on SignInComplete { session { strength } } } userErrors { code path retryAfterSeconds }
	}
}`

// ProveKey gives what a key answered, in the browser's sign-in.
func (b *Browser) ProveKey(answer map[string]any) Answer {
	b.rig.T.Helper()
	return b.Do(VerifyKey, map[string]any{"answer": answer})
}
