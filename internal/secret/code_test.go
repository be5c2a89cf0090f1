package secret

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEveryCodeIsEquallyLikely(t *testing.T) {
	t.Parallel()
	counts := make([]int, codeCount)
	for n := range 1 << 24 {
		if n < codeLimit {
			counts[n%codeCount]++
		}
	}
	for code, count := range counts {
		if count != 16 {
			t.Fatalf("%06d has %d chances", code, count)
		}
	}
	// The function draws as the arithmetic above: at the ends, and past the limit again.
	for draw, want := range map[string]string{
		"\x00\x00\x00":             "000000",
		"\x0f\x42\x3f":             "999999",
		"\x0f\x42\x40":             "000000",
		"\xf4\x23\xff":             "999999",
		"\xf4\x24\x00\x00\x00\x07": "000007",
		"\xff\xff\xff\x00\x00\x2a": "000042",
	} {
		if got := must(NewCode(strings.NewReader(draw))).Reveal(); got != want {
			t.Errorf("%x: %s, want %s", draw, got, want)
		}
	}
}

func TestACodeNeedsRandomness(t *testing.T) {
	t.Parallel()
	if _, err := NewCode(bytes.NewReader([]byte{1, 2})); err == nil {
		t.Error("two bytes are enough")
	}
	if _, err := NewCode(bytes.NewReader(bytes.Repeat([]byte{0xff}, 1000))); err == nil {
		t.Error("a source that repeats itself is enough")
	}
}

func TestACodeMatchesItsHashForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	k := testKeyring(t, "new", "old")
	digits := rapid.StringMatching(`[0-9]{6}`)
	owner := rapid.StringMatching(`[a-z0-9]{1,8}`)
	rapid.Check(t, func(t *rapid.T) {
		right, typed := digits.Draw(t, "right"), digits.Draw(t, "typed")
		mine := owner.Draw(t, "mine")
		hash := must(ParseCode(right)).Hash(k, mine)
		if !must(ParseCode(right)).Matches(k, mine, hash) {
			t.Fatal("its own hash does not match")
		}
		if must(ParseCode(right)).Matches(k, mine+"x", hash) {
			t.Fatal("it matches for another owner")
		}
		if must(ParseCode(typed)).Matches(k, mine, hash) && right != typed {
			t.Fatal("another code matches")
		}
	})
}

func TestACodeOutlivesTheKeyItWasHashedUnder(t *testing.T) {
	t.Parallel()
	code := must(ParseCode("123456"))
	hash := code.Hash(testKeyring(t, "old"), "sign-in 1")
	rotated := testKeyring(t, "new", "old")
	if !code.Matches(rotated, "sign-in 1", hash) {
		t.Error("it does not match")
	}
	if hashes := code.Hashes(rotated, "sign-in 1"); len(hashes) != 2 || !bytes.Equal(hashes[1], hash) ||
		!bytes.Equal(hashes[0], code.Hash(rotated, "sign-in 1")) {
		t.Error("the look-up does not find it")
	}
	if code.Matches(testKeyring(t, "new"), "sign-in 1", hash) {
		t.Error("it matches without its key")
	}
}

func TestOnlySixDigitsParseAsACode(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"123456": "123456", "123 456": "123456", " 000000 ": "000000",
		"": "", "12345": "", "1234567": "", "12345a": "", "１２３４５６": "", "123\t456": "", "-12345": "", "123-456": "",
	} {
		code, err := ParseCode(typed)
		if code.Reveal() != want || (want == "") != errors.Is(err, ErrCode) {
			t.Errorf("%q: %q, %v", typed, code.Reveal(), err)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("123 456")
	f.Fuzz(func(t *testing.T, typed string) {
		code, err := ParseCode(typed)
		if err == nil && (len(code.Reveal()) != 6 || code.Reveal() != strings.ReplaceAll(typed, " ", "")) {
			t.Errorf("%q parses as %s", typed, code.Reveal())
		}
		if err != nil && err.Error() != ErrCode.Error() {
			t.Errorf("the error says more: %v", err)
		}
	})
}

func ExampleCode_String() {
	code, _ := ParseCode("123456")
	fmt.Println("the code is", code)
	fmt.Println("the message says", code.Reveal())
	// Output:
	// the code is [redacted]
	// the message says 123456
}
