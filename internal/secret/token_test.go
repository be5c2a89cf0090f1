package secret

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestATokenComesBackFromItsText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "raw")
		token := must(NewToken(bytes.NewReader(raw)))
		again, err := ParseToken(token.Reveal())
		if err != nil || again.Reveal() != token.Reveal() {
			t.Fatalf("got %v", err)
		}
		want := sha256.Sum256(raw)
		if !bytes.Equal(again.Hash(), want[:]) {
			t.Fatal("the hash is not SHA-256 of the bits")
		}
	})
}

func TestATokenIsAllRandom(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{0xfb}, 32)
	if got, want := must(NewToken(bytes.NewReader(raw))).Reveal(), base64.RawURLEncoding.EncodeToString(raw); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := NewToken(bytes.NewReader(raw[:31])); err == nil {
		t.Error("31 random bytes are enough")
	}
	if _, err := NewToken(iotest.ErrReader(errors.New("broken"))); err == nil {
		t.Error("no randomness is enough")
	}
}

func TestOnlyCanonicalTokensParse(t *testing.T) {
	t.Parallel()
	good := must(NewToken(random(1))).Reveal()
	for name, text := range map[string]string{
		"empty":                      "",
		"short":                      good[1:],
		"long":                       good + "A",
		"padded":                     good + "=",
		"space before":               " " + good,
		"line break inside":          good[:20] + "\n" + good[20:],
		"line break for a character": good[:20] + "\n" + good[21:],
		"line break at the end":      strings.Repeat("A", 42) + "\n",
		"other alphabet":             strings.Repeat("+", 43),
		"trailing bits":              strings.Repeat("A", 42) + "B",
		"44 bytes of 32":             good[:42] + "é",
	} {
		token, err := ParseToken(text)
		if !errors.Is(err, ErrToken) || !token.IsZero() || err.Error() != "not a token" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := ParseToken(strings.Repeat("A", 43)); err != nil {
		t.Errorf("zeros are a token like any other: %v", err)
	}
}

func TestTheZeroTokenProvesNothing(t *testing.T) {
	t.Parallel()
	var token Token
	var api APIToken
	if !token.IsZero() || token.Hash() != nil || token.Reveal() != "" {
		t.Error("the zero Token is something")
	}
	if !api.IsZero() || api.Hash() != nil || api.Reveal() != "" {
		t.Error("the zero APIToken is something")
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(must(NewToken(random(1))).Reveal())
	f.Add(strings.Repeat("A", 42) + "B")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := ParseToken(text)
		if err == nil && token.Reveal() != text {
			t.Errorf("%q parses and reveals %q", text, token.Reveal())
		}
		if err != nil && err.Error() != ErrToken.Error() {
			t.Errorf("the error says more: %v", err)
		}
	})
}
