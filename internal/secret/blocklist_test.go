package secret

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPasswordsEverybodyTriesAreBlocked(t *testing.T) {
	t.Parallel()
	portal := []string{"tvm", "TVM Verzekeringen N.V.", "jan.de.vries", "Zoë Achterberg", "klant4821"}
	for _, c := range []struct {
		password string
		context  []string
		blocked  bool
		why      string
	}{
		{"password", nil, true, "the most common of all"},
		{"PASSWORD", nil, true, "case makes no difference"},
		{"pássword", nil, true, "nor do accents"},
		{"ｐａｓｓｗｏｒｄ", nil, true, "nor does width"},
		{"Password1!", nil, true, "usual decoration"},
		{"P@ssw0rd123", nil, true, "signs for letters"},
		{"Pa$$w0rd", nil, true, "signs for letters, a digit near the end"},
		{"Welkom01!", nil, true, "common in Dutch"},
		{"W3lk0m01!", nil, true, "common in Dutch, in disguise"},
		{"We1kom2026", nil, true, "1 for an l"},
		{"W1nter2026", nil, true, "1 for an i"},
		{"01Alpacin0", nil, true, "a digit for the last letter"},
		{"1nfinity!!", nil, true, "a digit for the first letter"},
		{"Zomer2026!", nil, true, "a season and a year"},
		{"WelkomZomer1", nil, true, "two words to be expected"},
		{"MijnWachtwoord01", nil, true, "long, and still what everybody tries"},
		{"Jennifer1985", nil, true, "a first name and a year"},
		{"1qaz2wsx", nil, true, "columns of the keyboard"},
		{"qwertyuiopasdfgh", nil, true, "rows of the keyboard"},
		{"azertqsdfg", nil, true, "rows of a Belgian keyboard"},
		{"123456789012345", nil, true, "fifteen digits in a row"},
		{"abcdefghijklmno", nil, true, "the alphabet"},
		{"98765432", nil, true, "a row backwards"},
		{"aaaaaaaaaaaaaaa", nil, true, "one key"},
		{"ab!ab!ab!ab!ab!", nil, true, "a short repetition"},
		{"dragondragondragon", nil, true, "a repeated word"},

		{"TvmWelkom1!", portal, true, "context word and common word"},
		{"Tvm2026!", portal, true, "context word and a year"},
		{"welkom@TVM1", portal, true, "context word inside the decoration"},
		{"Verzekeringen2026", portal, true, "part of a context word"},
		{"JanDeVries1!", portal, true, "local part without its dots"},
		{"Jan.de.Vries1", portal, true, "local part as it is"},
		{"Vries-1985", portal, true, "one part of the local part"},
		{"Zoe.Achterberg1", portal, true, "name without its accent"},
		{"Klant4821!", portal, true, "context word with digits in it"},
		{"Klant2026!", portal, true, "letters of a context word with digits in it"},
		{"r2d2c3!!", []string{"droid r2d2c3"}, true, "part of a context word, more digits than letters"},
		{"TvmAbc123", portal, true, "context word and a common password that ends in digits"},

		{"Sleutel7!Bos", nil, false, "not on the list, not in a row"},
		{"Sleutel7!Bos", portal, false, "nothing of the context"},
		{"Achterberg", nil, false, "an uncommon name that is not the context's"},
		{"xK9#mQ2$vL", portal, false, "random"},
		{"Tvm!82#9xQw4", portal, false, "a context word, but random beside it"},
		{"jannekefietsthard", portal, false, "a phrase that happens to hold a context word"},
		{"correct horse battery staple", nil, false, "a phrase"},
		{"welkom8301947265", nil, false, "ten digits are more than decoration"},
		{"83746251", nil, false, "digits in no order"},
		{"", portal, false, "nothing; the length rule's"},
	} {
		if got := ExpectedPassword(c.password, c.context...); got != c.blocked {
			t.Errorf("ExpectedPassword(%q, %q) = %v: %s", c.password, c.context, got, c.why)
		}
	}
}

func TestACommonPasswordIsOneToTheLetter(t *testing.T) {
	t.Parallel()
	for password, common := range map[string]bool{
		"welkom": true, "WELKOM": true, "password1": true, "Wélkom": true,
		"Welkom!2025": false, "Sleutel7!Bos": false, "": false,
	} {
		if got := CommonPassword(password); got != common {
			t.Errorf("CommonPassword(%q) = %v", password, got)
		}
	}
}

func TestRandomPasswordsAreNotBlocked(t *testing.T) {
	t.Parallel()
	random := rand.NewChaCha8([32]byte{1})
	for range 2000 {
		var draw [9]byte
		_, _ = random.Read(draw[:])
		password := base64.StdEncoding.EncodeToString(draw[:])
		if ExpectedPassword(password, "sleutelbos", "Interpolis", "jan.de.vries") {
			t.Errorf("%q is blocked", password)
		}
	}
}

func TestEveryListedPasswordIsFoundAndNothingElse(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for line := range strings.Lines(commonPasswords[1:]) {
		word := strings.TrimSuffix(line, "\n")
		listed[word] = true
		if !isCommon(word) {
			t.Errorf("%q is not found", word)
		}
	}
	for word := range listed {
		for _, other := range []string{word + "\x00", word[:len(word)-1], "\n" + word, word + "\n"} {
			if isCommon(other) != listed[other] {
				t.Errorf("isCommon(%q) = %v", other, isCommon(other))
			}
		}
	}
}

func TestDecorationOfACommonPasswordIsSeenThrough(t *testing.T) {
	t.Parallel()
	words := strings.Fields(commonPasswords)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom(words).Draw(t, "word")
		before := rapid.StringMatching(`[0-9!?#.]{0,3}`).Draw(t, "before")
		after := rapid.StringMatching(`[0-9!?#.]{0,5}`).Draw(t, "after")
		if strings.ContainsFunc(word[:1]+word[len(word)-1:], isDecoration) {
			t.Skip("the word's own ends would count as decoration")
		}
		if password := before + strings.ToUpper(word) + after; !ExpectedPassword(password) {
			t.Fatalf("%q is not blocked", password)
		}
	})
}

func TestAPasswordPastTheLimitIsNotLookedAt(t *testing.T) {
	t.Parallel()
	if !ExpectedPassword(strings.Repeat("a", maxChecked)) {
		t.Error("256 bytes are not looked at")
	}
	if ExpectedPassword(strings.Repeat("a", maxChecked+1)) {
		t.Error("257 bytes are looked at")
	}
}

func FuzzExpectedPassword(f *testing.F) {
	f.Add("Welkom01!", "tvm")
	f.Add("\xff\xfe\x00", "\xff")
	f.Add("ⅷⅷⅷ㎏", "ﬁ")
	f.Fuzz(func(t *testing.T, password, context string) {
		blocked := ExpectedPassword(password, context)
		if upper := strings.ToUpper(password); strings.ToLower(upper) == strings.ToLower(password) &&
			isASCII(password) && ExpectedPassword(upper, context) != blocked {
			t.Error("case makes a difference")
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}

func BenchmarkCommonPasswordAtItsLongest(b *testing.B) {
	password := strings.Repeat("x7#Kq0!bD", 28)
	for b.Loop() {
		ExpectedPassword(password, "sleutelbos", "Interpolis", "jan.de.vries")
	}
}
