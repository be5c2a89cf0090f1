package identity

import (
	"strings"
	"time"
)

const (
	// MostKeys is how many security keys one user can have.
	MostKeys = 10
	// ChallengeLifetime is how long a security key has to answer a challenge.
	ChallengeLifetime = 5 * time.Minute
)

// RelyingParty is whom a security key proves its owner to (WebAuthn Level 3, section 4): a key that was enrolled with one
// is of no use to another, nor to a page that only looks like it.
type RelyingParty struct {
	// ID is the domain that keys are bound to: the host of the origin, or a domain above it.
	ID string
	// Name is what the browser shows.
	Name string
	// Origin is the one origin whose pages may ask a key: scheme, host and port.
	Origin string
}

// RelyingParty is the portal, to a security key.
func (p Portal) RelyingParty() RelyingParty {
	return RelyingParty{ID: p.Factors.WebAuthnDomain, Name: p.Name, Origin: p.SPA.Origin}
}

// PublicKeyCredential is what a security key was enrolled with: the public half of a key pair, and what must stay true of
// the other half. Nothing in it is a secret.
type PublicKeyCredential struct {
	// Factor is the factor that it is of.
	Factor ID
	// ID is the key's own name for it: random, at most 1,023 bytes.
	ID []byte
	// PublicKey is a COSE key (RFC 9052).
	PublicKey []byte
	// SignCount is the counter with which the key last signed; 0 where it has none.
	SignCount uint32
	// BackupEligible: the private half can be copied to other devices by its maker (a synced passkey); it never changes.
	BackupEligible bool
	// BackedUp: at the last use it had been.
	BackedUp bool
	// UserVerified: the key has asked for a PIN or a finger at least once.
	UserVerified bool
	// Transports are the ways to the key that its browser told of, for the next browser to try.
	Transports []string
}

// Keys are the user's security keys that work.
func (u User) Keys() []Factor {
	var keys []Factor
	for _, factor := range u.Factors {
		if factor.Kind == WebAuthn && factor.DisabledAt == nil {
			keys = append(keys, factor)
		}
	}
	return keys
}

// NameKey decides whether a security key can have that name: no other of the user's has it, whatever the case. The key is
// "" for one that is still to be enrolled.
func (u User) NameKey(key ID, name string) error {
	for _, factor := range u.Factors {
		if factor.Kind == WebAuthn && factor.ID != key && strings.EqualFold(factor.Name, name) {
			return Refuse(FactorNameTaken, "input", "name")
		}
	}
	return nil
}
