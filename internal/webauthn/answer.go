package webauthn

import (
	"encoding/json"
	"errors"
	"slices"

	library "github.com/go-webauthn/webauthn/webauthn"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// ErrRefused says that a key's answer won't do. It doesn't say why: whoever tampers with one learns nothing from it.
var ErrRefused = errors.New("the security key's answer won't do")

// Creation is what navigator.credentials.create came to: a RegistrationResponseJSON.
type Creation struct {
	parsed *protocol.ParsedCredentialCreationData
}

// ReadCreation reads the form, and refuses anything else. Nothing in it is checked yet.
func ReadCreation(text json.RawMessage) (Creation, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(text)
	if err != nil {
		return Creation{}, ErrRefused
	}
	return Creation{parsed}, nil
}

// Challenge is the one that it claims to answer, in base64url: for the caller to use up.
func (c Creation) Challenge() string { return c.parsed.Response.CollectedClientData.Challenge }

// Verify checks that the key was enrolled here and now: by the page of that party, for the challenge. The caller has made
// sure that the challenge was theirs to answer.
func (c Creation) Verify(party identity.RelyingParty, holder Holder) (identity.PublicKeyCredential, error) {
	if c.parsed.Response.CollectedClientData.Origin != party.Origin {
		return identity.PublicKeyCredential{}, ErrRefused
	}
	with, err := relyingParty(party)
	if err != nil {
		return identity.PublicKeyCredential{}, err
	}
	made, err := with.CreateCredential(user{holder: holder}, library.SessionData{
		Challenge: c.Challenge(), RelyingPartyID: party.ID, Origin: party.Origin, UserID: holder.Handle,
		UserVerification: verification, CredParams: parameters,
	}, c.parsed)
	if err != nil {
		return identity.PublicKeyCredential{}, ErrRefused
	}
	return identity.PublicKeyCredential{
		ID: made.ID, PublicKey: made.PublicKey, SignCount: made.Authenticator.SignCount,
		BackupEligible: made.Flags.BackupEligible, BackedUp: made.Flags.BackupState, UserVerified: made.Flags.UserVerified,
		Transports: known(made.Transport),
	}, nil
}

// Assertion is what navigator.credentials.get came to: an AuthenticationResponseJSON.
type Assertion struct {
	parsed *protocol.ParsedCredentialAssertionData
}

// ReadAssertion reads the form, and refuses anything else. Nothing in it is checked yet.
func ReadAssertion(text json.RawMessage) (Assertion, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(text)
	if err != nil {
		return Assertion{}, ErrRefused
	}
	return Assertion{parsed}, nil
}

// Challenge is the one that it claims to answer, in base64url: for the caller to use up.
func (a Assertion) Challenge() string { return a.parsed.Response.CollectedClientData.Challenge }

// CredentialID is the credential that it claims to be of.
func (a Assertion) CredentialID() []byte { return a.parsed.RawID }

// Verify checks that the holder's key signed here and now: for the page of that party, for the challenge. It answers the
// credential as it is after that, and whether its counter stood still or went back: then there may be a copy of the key.
func (a Assertion) Verify(party identity.RelyingParty, holder Holder, held identity.PublicKeyCredential) (after identity.PublicKeyCredential, copied bool, err error) {
	if a.parsed.Response.CollectedClientData.Origin != party.Origin {
		return held, false, ErrRefused
	}
	with, err := relyingParty(party)
	if err != nil {
		return held, false, err
	}
	signed, err := with.ValidateLogin(user{holder, []library.Credential{credential(held)}}, library.SessionData{
		Challenge: a.Challenge(), RelyingPartyID: party.ID, Origin: party.Origin, UserID: holder.Handle,
		AllowedCredentialIDs: [][]byte{held.ID}, UserVerification: verification, AuthorizeUVInitialization: true,
	}, a.parsed)
	if err != nil {
		return held, false, ErrRefused
	}
	held.SignCount, held.BackedUp, held.UserVerified = signed.Authenticator.SignCount, signed.Flags.BackupState, signed.Flags.UserVerified
	return held, signed.Authenticator.CloneWarning, nil
}

// relyingParty is the library's. Extensions aren't asked for, and what a browser tells of some all the same isn't used.
func relyingParty(party identity.RelyingParty) (*library.WebAuthn, error) {
	return library.New(&library.Config{
		RPID: party.ID, RPDisplayName: party.Name, RPOrigins: []string{party.Origin},
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
}

func credential(held identity.PublicKeyCredential) library.Credential {
	return library.Credential{
		ID: held.ID, PublicKey: held.PublicKey,
		Flags:         library.CredentialFlags{BackupEligible: held.BackupEligible, BackupState: held.BackedUp, UserVerified: held.UserVerified},
		Authenticator: library.Authenticator{SignCount: held.SignCount},
	}
}

// transports are those that browsers know (WebAuthn Level 3, section 5.8.4). Others are forgotten: they are the client's
// own words.
var transports = []protocol.AuthenticatorTransport{
	protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal,
}

func known(told []protocol.AuthenticatorTransport) (all []string) {
	for _, transport := range transports {
		if slices.Contains(told, transport) {
			all = append(all, string(transport))
		}
	}
	return all
}

// user shows a holder to the library.
type user struct {
	holder      Holder
	credentials []library.Credential
}

func (u user) WebAuthnID() []byte                        { return u.holder.Handle }
func (u user) WebAuthnName() string                      { return u.holder.Name }
func (u user) WebAuthnDisplayName() string               { return u.holder.DisplayName }
func (u user) WebAuthnCredentials() []library.Credential { return u.credentials }
