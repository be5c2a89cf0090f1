package secret

import (
	"bytes"
	"errors"
	"math/bits"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestThereAreTenDifferentRecoveryCodes(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{2}$`)
	seen := map[string]bool{}
	for _, code := range must(NewRecoveryCodes(random(1))) {
		if seen[code.Reveal()] || !shape.MatchString(code.Reveal()) {
			t.Errorf("%s", code.Reveal())
		}
		seen[code.Reveal()] = true
	}
	if len(seen) != 10 {
		t.Errorf("%d codes", len(seen))
	}
	if _, err := NewRecoveryCodes(bytes.NewReader(make([]byte, 89))); err == nil {
		t.Error("codes without randomness")
	}
}

func TestARecoveryCodeHolds70RandomBits(t *testing.T) {
	t.Parallel()
	plain := must(NewRecoveryCodes(bytes.NewReader(make([]byte, 90))))[0].Reveal()
	if plain != "0000-0000-0000-00" {
		t.Errorf("no bits: %s", plain)
	}
	different := 0
	for i := range 72 {
		draw := make([]byte, 90)
		draw[i/8] = bits.Reverse8(1 << (i % 8))
		if must(NewRecoveryCodes(bytes.NewReader(draw)))[0].Reveal() != plain {
			different++
		}
	}
	if different != 70 {
		t.Errorf("%d bits make a difference", different)
	}
}

func TestARecoveryCodeIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"0123-4567-89ab-cd":   "0123-4567-89ab-cd",
		"0123456789ABCD":      "0123-4567-89ab-cd",
		" 0123 4567 89ab cd ": "0123-4567-89ab-cd",
		"O123-4567-89AB-CD":   "0123-4567-89ab-cd",
		"oi23-4567-89ab-cd":   "0123-4567-89ab-cd",
		"0L23-4567-89ab-cd":   "0123-4567-89ab-cd",
		"0l23-4567-89ab-cd":   "0123-4567-89ab-cd",
		"":                    "",
		"0123-4567-89ab-c":    "",
		"0123-4567-89ab-cde":  "",
		"0123-4567-89ab-cu":   "",
		"0123-4567-89ab-c!":   "",
		"0123_4567_89ab_cd":   "",
		"0123-4567-89ab-cd" + strings.Repeat("-", 60): "",
	} {
		code, err := ParseRecoveryCode(typed)
		if code.Reveal() != want || (want == "") != errors.Is(err, ErrCode) {
			t.Errorf("%q: %q, %v", typed, code.Reveal(), err)
		}
	}
}

func TestARecoveryCodeMatchesItsHashForItsUserOnly(t *testing.T) {
	t.Parallel()
	k := testKeyring(t, "new", "old")
	rapid.Check(t, func(t *rapid.T) {
		codes := must(NewRecoveryCodes(random(rapid.Byte().Draw(t, "seed"))))
		mine, other := codes[0], codes[rapid.IntRange(1, 9).Draw(t, "other")]
		hash := mine.Hash(k, "user 1")
		typed := must(ParseRecoveryCode(strings.ToUpper(mine.Reveal())))
		if !typed.Matches(k, "user 1", hash) || !bytes.Equal(typed.Hashes(k, "user 1")[0], hash) {
			t.Fatal("its own hash does not match")
		}
		if typed.Matches(k, "user 2", hash) || other.Matches(k, "user 1", hash) {
			t.Fatal("another user or code matches")
		}
	})
}

func TestARecoveryCodeIsFoundAfterKeysRotated(t *testing.T) {
	t.Parallel()
	code := must(NewRecoveryCodes(random(1)))[0]
	hash := code.Hash(testKeyring(t, "old"), "user")
	if hashes := code.Hashes(testKeyring(t, "new", "old"), "user"); !bytes.Equal(hashes[1], hash) {
		t.Error("it is not")
	}
}

func TestACodeAndARecoveryCodeShareNoHash(t *testing.T) {
	t.Parallel()
	k := testKeyring(t, "new")
	if bytes.Equal(Code{hide("123456")}.Hash(k, "1"), RecoveryCode{hide("123456")}.Hash(k, "1")) {
		t.Error("one purpose for two kinds")
	}
}

func FuzzParseRecoveryCode(f *testing.F) {
	f.Add("O123-4567-89AB-CD")
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := ParseRecoveryCode(typed)
		if err != nil {
			if err.Error() != ErrCode.Error() {
				t.Errorf("the error says more: %v", err)
			}
			return
		}
		if again, err := ParseRecoveryCode(code.Reveal()); err != nil || again.reveal() != code.reveal() {
			t.Errorf("%q reveals %q, which reads otherwise: %v", typed, code.Reveal(), err)
		}
	})
}
