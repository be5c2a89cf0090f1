// Package webauthn speaks with security keys and passkeys (W3C Web Authentication Level 3): it writes the options that a
// page hands to navigator.credentials, and checks what the key answered. Both go in the browser's own JSON forms
// (PublicKeyCredentialCreationOptionsJSON and its kin), so that a page needs no code for them.
//
// Checked of every answer: the challenge, the ceremony, the origin to the letter, the domain, that it isn't asked from a
// frame of another origin, that somebody touched the key, the signature, the user handle, and the flags of backed-up keys.
// A key that asks for a PIN or a finger is preferred and not required: a password has gone before. Attestation is not asked
// for; what comes of it all the same must be right.
//
// What needs a memory is the caller's: drawing a challenge, using it up once, knowing whose a credential is, and keeping
// the counter. The package holds no secret, asks no clock and throws no dice: a challenge is an argument. The protocol
// itself is github.com/go-webauthn/webauthn's.
package webauthn
