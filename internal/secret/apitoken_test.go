package secret

import (
	"bytes"
	"errors"
	"hash/crc32"
	"math/big"
	"os"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAnAPITokenComesBackFromItsText(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(`^` + APITokenPattern + `$`)
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "raw")
		token := must(NewAPIToken(bytes.NewReader(raw)))
		if !pattern.MatchString(token.Reveal()) {
			t.Fatalf("%s does not match the pattern for scanners", token.Reveal())
		}
		again, err := ParseAPIToken(token.Reveal())
		if err != nil || again.reveal() != [32]byte(raw) {
			t.Fatalf("got %v", err)
		}
		if !bytes.Equal(again.Hash(), must(NewToken(bytes.NewReader(raw))).Hash()) {
			t.Fatal("the hash is not SHA-256 of the bits")
		}
	})
}

func TestAnyOneTypingErrorInAnAPITokenIsSeen(t *testing.T) {
	t.Parallel()
	good := must(NewAPIToken(random(7))).Reveal()
	for i := range good {
		for _, other := range "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-+ " {
			typed := good[:i] + string(other) + good[i+1:]
			if _, err := ParseAPIToken(typed); typed != good && !errors.Is(err, ErrToken) {
				t.Fatalf("%s parses for %s", typed, good)
			}
		}
	}
	swapped := []byte(good)
	swapped[10], swapped[11] = swapped[11], swapped[10]
	if _, err := ParseAPIToken(string(swapped)); err == nil {
		t.Error("two characters the other way round parse")
	}
}

func TestAnAPITokenPast256BitsIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		n  *big.Int
		ok bool
	}{
		"the largest": {new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)), true},
		"one past it": {new(big.Int).Lsh(big.NewInt(1), 256), false},
	} {
		text := APITokenPrefix + inBase62(c.n, apiTokenBody)
		text += inBase62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(text)))), apiTokenChecksum)
		if _, err := ParseAPIToken(text); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASignIsNoDigitOfAnAPIToken(t *testing.T) {
	t.Parallel()
	for _, sign := range []string{"+", "-"} {
		text := APITokenPrefix + sign + strings.Repeat("0", apiTokenBody-1)
		text += inBase62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(text)))), apiTokenChecksum)
		if _, err := ParseAPIToken(text); err == nil {
			t.Errorf("%s parses", text)
		}
	}
}

func FuzzParseAPIToken(f *testing.F) {
	f.Add(must(NewAPIToken(random(1))).Reveal())
	f.Add("slb_" + strings.Repeat("0", 49))
	f.Fuzz(func(t *testing.T, text string) {
		token, err := ParseAPIToken(text)
		if err == nil && token.Reveal() != text {
			t.Errorf("%q parses and reveals %q", text, token.Reveal())
		}
		if err != nil && err.Error() != ErrToken.Error() {
			t.Errorf("the error says more: %v", err)
		}
	})
}

func TestThePartnersManualSaysByWhatAScannerFindsAToken(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../docs/partners.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(manual), "\n"+APITokenPattern+"\n") {
		t.Errorf("the manual doesn't have %s on a line of its own", APITokenPattern)
	}
}
