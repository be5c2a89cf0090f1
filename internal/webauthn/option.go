package webauthn

import (
	"encoding/json"
	"fmt"
	"time"

	library "github.com/go-webauthn/webauthn/webauthn"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Holder is whose key it is.
type Holder struct {
	// Handle stands in the key for the user, 1 to 64 bytes; it says nothing about the person.
	Handle []byte
	// Name and DisplayName tell accounts apart where the browser or the key shows them.
	Name, DisplayName string
}

// verification of the person by the key itself is welcome, and not demanded of keys that can't.
const verification = protocol.VerificationPreferred

// parameters are the signatures that are taken, the best first: Ed25519, ECDSA on P-256, RSA (WebAuthn Level 3, section 5.4).
var parameters = library.CredentialParametersRecommendedL3()

// CreationOptions are what navigator.credentials.create needs to enrol a key: a PublicKeyCredentialCreationOptionsJSON. A
// key that holds one of the credentials already won't make another. The challenge is 256 random bits in base64url.
func CreationOptions(party identity.RelyingParty, holder Holder, held []identity.PublicKeyCredential, challenge string, within time.Duration) (json.RawMessage, error) {
	raw, err := protocolChallenge(challenge)
	if err != nil {
		return nil, err
	}
	return write(protocol.PublicKeyCredentialCreationOptions{
		RelyingParty: protocol.RelyingPartyEntity{ID: party.ID, CredentialEntity: protocol.CredentialEntity{Name: party.Name}},
		User: protocol.UserEntity{
			ID: protocol.URLEncodedBase64(holder.Handle), DisplayName: holder.DisplayName,
			CredentialEntity: protocol.CredentialEntity{Name: holder.Name},
		},
		Challenge: raw, Parameters: parameters, Timeout: int(within.Milliseconds()),
		CredentialExcludeList: descriptors(held),
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			// The password says who it is: the key needn't remember an account.
			ResidentKey: protocol.ResidentKeyRequirementDiscouraged, RequireResidentKey: protocol.ResidentKeyNotRequired(),
			UserVerification: verification,
		},
		Attestation: protocol.PreferNoAttestation,
	})
}

// RequestOptions are what navigator.credentials.get needs to prove one of the keys: a PublicKeyCredentialRequestOptionsJSON.
func RequestOptions(party identity.RelyingParty, held []identity.PublicKeyCredential, challenge string, within time.Duration) (json.RawMessage, error) {
	raw, err := protocolChallenge(challenge)
	if err != nil {
		return nil, err
	}
	return write(protocol.PublicKeyCredentialRequestOptions{
		Challenge: raw, Timeout: int(within.Milliseconds()), RelyingPartyID: party.ID,
		AllowedCredentials: descriptors(held), UserVerification: verification,
	})
}

func protocolChallenge(text string) (protocol.URLEncodedBase64, error) {
	var challenge protocol.URLEncodedBase64
	if err := challenge.UnmarshalJSON([]byte(`"` + text + `"`)); err != nil || len(challenge) != challengeBytes {
		return nil, fmt.Errorf("write options: a challenge is %d bytes in base64url", challengeBytes)
	}
	return challenge, nil
}

const challengeBytes = 32

func write(options any) (json.RawMessage, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return nil, fmt.Errorf("write options: %w", err)
	}
	return text, nil
}

func descriptors(held []identity.PublicKeyCredential) []protocol.CredentialDescriptor {
	all := make([]protocol.CredentialDescriptor, len(held))
	for i, credential := range held {
		all[i] = protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: credential.ID}
		for _, transport := range credential.Transports {
			all[i].Transport = append(all[i].Transport, protocol.AuthenticatorTransport(transport))
		}
	}
	return all
}
