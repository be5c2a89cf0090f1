package secret

import (
	"encoding/base32"
	"fmt"
	"io"
	"strings"
)

const (
	recoveryCodes  = 10
	recoveryLength = 14 // characters of five bits: 70 bits
	recoveryGroup  = 4
	recoveryBytes  = 9 // 72 bits, of which 70 are used
)

// crockford is base32 without I, L, O and U (https://www.crockford.com/base32.html).
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

var (
	crockfordBase32 = base32.NewEncoding(crockford).WithPadding(base32.NoPadding)
	// What people add, and what they read wrongly.
	crockfordTyped = strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1")
)

// RecoveryCode is a code on paper for the day the phone is lost: 70 random
// bits, used once. It prints as "[redacted]".
type RecoveryCode struct {
	hidden[string] // 14 characters of crockford, without dashes
}

// NewRecoveryCodes draws the ten codes of one user from random, which must be
// safe for secrets (crypto/rand.Reader).
func NewRecoveryCodes(random io.Reader) ([]RecoveryCode, error) {
	codes := make([]RecoveryCode, recoveryCodes)
	for i := range codes {
		var draw [recoveryBytes]byte
		if _, err := io.ReadFull(random, draw[:]); err != nil {
			return nil, fmt.Errorf("draw recovery codes: read randomness: %w", err)
		}
		codes[i] = RecoveryCode{hide(crockfordBase32.EncodeToString(draw[:])[:recoveryLength])}
	}
	return codes, nil
}

// ParseRecoveryCode reads what somebody typed from paper: case, dashes and
// spaces do not matter, O is read as 0, I and L as 1. Anything else is ErrCode.
func ParseRecoveryCode(s string) (RecoveryCode, error) {
	if len(s) > 64 {
		return RecoveryCode{}, ErrCode
	}
	value := crockfordTyped.Replace(strings.ToLower(s))
	if len(value) != recoveryLength || strings.Trim(value, crockford) != "" {
		return RecoveryCode{}, ErrCode
	}
	return RecoveryCode{hide(value)}, nil
}

// Hash answers what is stored: a MAC under the newest key, bound to the user
// whose code it is. Seventy bits are beyond guessing at the door; the key keeps
// them so for somebody who holds a copy of the table.
func (c RecoveryCode) Hash(k *Keyring, user string) []byte {
	return k.MAC(recoveryPurpose, c.claim(user)...)
}

// Hashes answers what may be stored for this code: its Hash under every key,
// the newest first, for a look-up after keys rotated. A key can leave the
// keyring when no unused recovery code was made under it.
func (c RecoveryCode) Hashes(k *Keyring, user string) [][]byte {
	return k.MACs(recoveryPurpose, c.claim(user)...)
}

// Matches tells whether hash is of this code and user, in constant time.
func (c RecoveryCode) Matches(k *Keyring, user string, hash []byte) bool {
	return k.VerifyMAC(recoveryPurpose, hash, c.claim(user)...)
}

// Reveal answers the code as it is shown, once: xxxx-xxxx-xxxx-xx. The zero
// RecoveryCode reveals nothing.
func (c RecoveryCode) Reveal() string {
	var groups []string
	for rest := c.reveal(); rest != ""; {
		size := min(recoveryGroup, len(rest))
		groups, rest = append(groups, rest[:size]), rest[size:]
	}
	return strings.Join(groups, "-")
}

const recoveryPurpose = "recovery code"

func (c RecoveryCode) claim(user string) [][]byte {
	return [][]byte{[]byte(user), []byte(c.reveal())}
}
