package secret

import (
	"fmt"
	"hash/crc32"
	"io"
	"math/big"
	"strings"
)

// A partner's token in text is APITokenPrefix, 256 bits in base62, and a
// checksum of all before it in base62, each padded with zeros. Base62 has no
// character at which a double click stops.
const (
	// APITokenPrefix starts every partner token: what a secret scanner looks for.
	APITokenPrefix = "slb_"
	// APITokenPattern is the regular expression to give to secret scanners.
	APITokenPattern = `slb_[0-9A-Za-z]{49}`

	apiTokenBody     = 43 // 62^43 > 2^256
	apiTokenChecksum = 6  // 62^6 > 2^32
	apiTokenLength   = len(APITokenPrefix) + apiTokenBody + apiTokenChecksum
)

// APIToken is the secret of a partner's program: 256 random bits whose text
// can be recognised where it leaked, and whose typing errors are refused
// before the database is asked. Otherwise it is as Token is.
type APIToken struct{ hidden[[bits256]byte] }

// NewAPIToken draws a partner token from random, which must be safe for
// secrets (crypto/rand.Reader).
func NewAPIToken(random io.Reader) (APIToken, error) {
	value, err := draw256(random)
	if err != nil {
		return APIToken{}, fmt.Errorf("draw API token: %w", err)
	}
	return APIToken{hide(value)}, nil
}

// ParseAPIToken reads what Reveal wrote, and only that. Anything else, a wrong
// checksum included, is ErrToken.
func ParseAPIToken(s string) (APIToken, error) {
	if len(s) != apiTokenLength || !strings.HasPrefix(s, APITokenPrefix) {
		return APIToken{}, ErrToken
	}
	body := s[len(APITokenPrefix) : len(s)-apiTokenChecksum]
	n, ok := new(big.Int).SetString(body, 62)
	if !ok || n.BitLen() > 8*bits256 {
		return APIToken{}, ErrToken
	}
	var value [bits256]byte
	n.FillBytes(value[:])
	t := APIToken{hide(value)}
	if t.Reveal() != s { // the checksum, and a sign that SetString takes
		return APIToken{}, ErrToken
	}
	return t, nil
}

// Hash answers what is stored and looked up: SHA-256 of the 256 bits, nil for
// the zero APIToken.
func (t APIToken) Hash() []byte { return hash256(t.hidden) }

// Reveal answers the text to show to the partner once: 53 characters that
// match APITokenPattern. The zero APIToken reveals nothing.
func (t APIToken) Reveal() string {
	if t.IsZero() {
		return ""
	}
	value := t.reveal()
	text := APITokenPrefix + inBase62(new(big.Int).SetBytes(value[:]), apiTokenBody)
	sum := crc32.ChecksumIEEE([]byte(text))
	return text + inBase62(new(big.Int).SetUint64(uint64(sum)), apiTokenChecksum)
}

func inBase62(n *big.Int, width int) string {
	text := n.Text(62)
	return strings.Repeat("0", width-len(text)) + text
}
