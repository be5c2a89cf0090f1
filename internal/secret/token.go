package secret

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

const (
	bits256     = 32 // bytes
	tokenLength = 43 // of 32 bytes in base64url without padding
)

// ErrToken says that a text is not a token. It never tells which text.
var ErrToken = errors.New("not a token")

var tokenBase64 = base64.RawURLEncoding.Strict()

// Token is 256 random bits that prove something to whoever shows them: a
// session in a cookie, a link in a mail. It prints as "[redacted]"; the
// database keeps only its Hash. The zero Token is none at all.
type Token struct {
	hidden
	value *[bits256]byte
}

// NewToken draws a token from random, which must be safe for secrets
// (crypto/rand.Reader).
func NewToken(random io.Reader) (Token, error) {
	value, err := draw256(random)
	if err != nil {
		return Token{}, fmt.Errorf("draw token: %w", err)
	}
	return Token{value: value}, nil
}

// ParseToken reads what Reveal wrote, and only that: 43 characters of
// base64url (RFC 4648 §5) in their canonical form. Anything else is ErrToken.
func ParseToken(s string) (Token, error) {
	var t Token
	raw, err := tokenBase64.DecodeString(s)
	if len(s) != tokenLength || err != nil || len(raw) != bits256 {
		return t, ErrToken
	}
	t.value = (*[bits256]byte)(raw)
	return t, nil
}

// Hash answers what is stored and looked up: SHA-256 of the 256 bits. No salt
// and no slow hash is needed, since nobody can guess 256 bits. The zero Token
// has the hash nil, which no stored one equals.
func (t Token) Hash() []byte { return hash256(t.value) }

// IsZero tells whether there is no token.
func (t Token) IsZero() bool { return t.value == nil }

// Reveal answers the text that goes into the cookie or the link: 43
// characters of base64url. The zero Token reveals nothing.
func (t Token) Reveal() string {
	if t.value == nil {
		return ""
	}
	return tokenBase64.EncodeToString(t.value[:])
}

func draw256(random io.Reader) (*[bits256]byte, error) {
	value := new([bits256]byte)
	if _, err := io.ReadFull(random, value[:]); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	return value, nil
}

func hash256(value *[bits256]byte) []byte {
	if value == nil {
		return nil
	}
	sum := sha256.Sum256(value[:])
	return sum[:]
}
