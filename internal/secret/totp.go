package secret

import (
	"bytes"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

const (
	totpSize   = 20 // bytes: 160 bits, as RFC 4226 §4 R6 recommends
	totpPeriod = 30 // seconds
	maxSkew    = 10 // steps, five minutes
	// Secrets from other systems have other sizes, from Google Authenticator's 80 bits on. RFC 4226 §4 R6 asks for 128, and
	// what is in people's phones isn't drawn anew by asking.
	minTOTPSize, maxTOTPSize = 10, 64
)

// ErrTOTPSecret says that bytes are not the secret of an authenticator app.
var ErrTOTPSecret = errors.New("not a TOTP secret")

var totpBase32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// TOTPSecret is what an authenticator app and the server share: 160 bits, or
// what another system drew. It makes the codes that all apps support: SHA-1, six digits, a step of 30
// seconds (RFC 6238). It prints as "[redacted]".
type TOTPSecret struct{ hidden[[]byte] }

// NewTOTPSecret draws a secret from random, which must be safe for secrets
// (crypto/rand.Reader).
func NewTOTPSecret(random io.Reader) (TOTPSecret, error) {
	value := make([]byte, totpSize)
	if _, err := io.ReadFull(random, value); err != nil {
		return TOTPSecret{}, fmt.Errorf("draw TOTP secret: read randomness: %w", err)
	}
	return TOTPSecret{hide(value)}, nil
}

// TOTPSecretOf takes back what Bytes gave, once unsealed: 10 to 64 bytes, else
// ErrTOTPSecret.
func TOTPSecretOf(raw []byte) (TOTPSecret, error) {
	if len(raw) < minTOTPSize || len(raw) > maxTOTPSize {
		return TOTPSecret{}, ErrTOTPSecret
	}
	return TOTPSecret{hide(bytes.Clone(raw))}, nil
}

// ParseTOTPSecret reads a secret as another system shows it: base32 of 10 to
// 64 bytes, in either case, with or without spaces, dashes and padding; else
// ErrTOTPSecret.
func ParseTOTPSecret(text string) (TOTPSecret, error) {
	text = strings.TrimRight(strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(text)), "=")
	if strings.ContainsAny(text, "\r\n") {
		return TOTPSecret{}, ErrTOTPSecret
	}
	raw, err := totpBase32.DecodeString(text)
	if err != nil {
		return TOTPSecret{}, ErrTOTPSecret // which doesn't tell where it stops being base32
	}
	return TOTPSecretOf(raw)
}

// TOTPStep is the time step of an instant.
func TOTPStep(at time.Time) int64 { return floorDiv(at.Unix(), totpPeriod) }

// Bytes answers the bytes of the secret, to be sealed before they are stored;
// none for the zero TOTPSecret.
func (s TOTPSecret) Bytes() []byte { return bytes.Clone(s.reveal()) }

// Base32 answers the secret as the user types it where no camera is at hand:
// 32 characters for 160 bits.
func (s TOTPSecret) Base32() string { return totpBase32.EncodeToString(s.Bytes()) }

// URI answers the otpauth:// address that an authenticator app reads from the
// QR code (the Key URI format). issuer and account are shown in the app and
// must not be empty; a colon in them, which the format forbids, becomes a dash.
func (s TOTPSecret) URI(issuer, account string) string {
	// otp's own totp.Generate leaves "&" and "=" of the issuer as they are,
	// which cuts "Jansen & Zn" short.
	issuer, account = escapeLabel(issuer), escapeLabel(account)
	return fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=%s&digits=%d&period=%d",
		issuer, account, s.Base32(), issuer, otp.AlgorithmSHA1, otp.DigitsSix, totpPeriod)
}

// escapeLabel escapes all that is reserved, and spaces as %20, for apps show
// "+" as it is.
func escapeLabel(s string) string {
	escaped := url.QueryEscape(strings.ReplaceAll(s, ":", "-"))
	return strings.ReplaceAll(escaped, "+", "%20")
}

// Match tells whether code is right at the given instant, give or take skew
// steps of 30 seconds (negative counts as 0, more than 10 as 10), and of which
// step it is: a step is unix seconds / 30. To be secure a step must be
// accepted once only, and none before it again (RFC 6238 §5.2); whoever stores
// the step sees to that. Where two steps share the code, the latest counts.
//
// A code is six ASCII digits; spaces are ignored, for apps show "123 456".
func (s TOTPSecret) Match(code string, at time.Time, skew int) (step int64, ok bool) {
	code, ok = sixDigits(code)
	if !ok || s.IsZero() {
		return 0, false
	}
	skew = min(max(skew, 0), maxSkew)
	now := TOTPStep(at)
	found, matched := 0, 0 // offset from the first step; 1 once there is one
	for i := range 2*skew + 1 {
		equal := subtle.ConstantTimeCompare([]byte(s.codeAt(now-int64(skew)+int64(i))), []byte(code))
		found = subtle.ConstantTimeSelect(equal, i, found)
		matched |= equal
	}
	if matched == 0 {
		return 0, false
	}
	return now - int64(skew) + int64(found), true
}

// codeAt is HOTP (RFC 4226) with the step as its counter. The only error of
// otp is about base32, and ours is by construction.
func (s TOTPSecret) codeAt(step int64) string {
	code, err := hotp.GenerateCodeCustom(s.Base32(), uint64(step), hotp.ValidateOpts{
		Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		panic("encode TOTP secret: " + err.Error())
	}
	return code
}

func floorDiv(n, d int64) int64 {
	q := n / d
	if n%d < 0 {
		q--
	}
	return q
}
