package secret

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	codeCount = 1_000_000
	// Three random bytes below codeLimit give every code exactly 16 chances;
	// those from there on are thrown away, one draw in 21.
	codeLimit = 1 << 24 / codeCount * codeCount
	codeDraws = 64 // all thrown away: once in 2^280, or the source is broken
)

// ErrCode says that a text is not a code. It never tells which text.
var ErrCode = errors.New("not a code")

// Code is six digits sent by SMS or e-mail. It prints as "[redacted]". A
// million can be tried, so the database keeps a hash under a server key, bound
// to the one thing the code is for.
type Code struct{ hidden[string] }

// NewCode draws a code, every one of the million equally likely, from random,
// which must be safe for secrets (crypto/rand.Reader).
func NewCode(random io.Reader) (Code, error) {
	var draw [3]byte
	for range codeDraws {
		if _, err := io.ReadFull(random, draw[:]); err != nil {
			return Code{}, fmt.Errorf("draw code: read randomness: %w", err)
		}
		n := uint32(draw[0])<<16 | uint32(draw[1])<<8 | uint32(draw[2])
		if n < codeLimit {
			return Code{hide(fmt.Sprintf("%06d", n%codeCount))}, nil
		}
	}
	return Code{}, errors.New("draw code: the source of randomness repeats itself")
}

// ParseCode reads what somebody typed: six ASCII digits, spaces ignored.
// Anything else is ErrCode.
func ParseCode(s string) (Code, error) {
	digits, ok := sixDigits(s)
	if !ok {
		return Code{}, ErrCode
	}
	return Code{hide(digits)}, nil
}

// Hash answers what is stored: a MAC under the newest key. owner is the id of
// what the code is for (the attempt to sign in, the change of a number); the
// same digits for another owner have another hash.
func (c Code) Hash(k *Keyring, owner string) []byte { return k.MAC(codePurpose, c.claim(owner)...) }

// Hashes answers what may be stored for this code: its Hash under every key,
// the newest first, for a look-up while keys rotate.
func (c Code) Hashes(k *Keyring, owner string) [][]byte {
	return k.MACs(codePurpose, c.claim(owner)...)
}

// Matches tells whether hash is of this code and owner, in constant time.
func (c Code) Matches(k *Keyring, owner string, hash []byte) bool {
	return k.VerifyMAC(codePurpose, hash, c.claim(owner)...)
}

// Reveal answers the six digits, for the message. The zero Code reveals nothing.
func (c Code) Reveal() string { return c.reveal() }

const codePurpose = "six-digit code"

func (c Code) claim(owner string) [][]byte { return [][]byte{[]byte(owner), []byte(c.Reveal())} }

// sixDigits drops the spaces and takes nothing but six ASCII digits.
func sixDigits(s string) (string, bool) {
	if len(s) > 32 {
		return "", false
	}
	s = strings.ReplaceAll(s, " ", "")
	return s, len(s) == 6 && strings.Trim(s, "0123456789") == ""
}
