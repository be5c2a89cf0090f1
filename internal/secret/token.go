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
type Token struct{ hidden[[bits256]byte] }

// NewToken draws a token from random, which must be safe for secrets
// (crypto/rand.Reader).
func NewToken(random io.Reader) (Token, error) {
	value, err := draw256(random)
	if err != nil {
		return Token{}, fmt.Errorf("draw token: %w", err)
	}
	return Token{hide(value)}, nil
}

// ParseToken reads what Reveal wrote, and only that: 43 characters of
// base64url (RFC 4648 §5) in their canonical form. Anything else is ErrToken.
func ParseToken(s string) (Token, error) {
	raw, err := tokenBase64.DecodeString(s)
	if len(s) != tokenLength || err != nil || len(raw) != bits256 {
		return Token{}, ErrToken
	}
	return Token{hide([bits256]byte(raw))}, nil
}

// Hash answers what is stored and looked up: SHA-256 of the 256 bits. No salt
// and no slow hash is needed, since nobody can guess 256 bits. The zero Token
// has the hash nil, which no stored one equals.
func (t Token) Hash() []byte { return hash256(t.hidden) }

// Reveal answers the text that goes into the cookie or the link: 43
// characters of base64url. The zero Token reveals nothing.
func (t Token) Reveal() string {
	if t.IsZero() {
		return ""
	}
	value := t.reveal()
	return tokenBase64.EncodeToString(value[:])
}

func draw256(random io.Reader) (value [bits256]byte, err error) {
	if _, err := io.ReadFull(random, value[:]); err != nil {
		return value, fmt.Errorf("read randomness: %w", err)
	}
	return value, nil
}

func hash256(h hidden[[bits256]byte]) []byte {
	if h.IsZero() {
		return nil
	}
	value := h.reveal()
	sum := sha256.Sum256(value[:])
	return sum[:]
}
