package secret

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"
)

// rfcSecret is the one of RFC 4226 appendix D and RFC 6238 appendix B.
func rfcSecret() TOTPSecret { return must(TOTPSecretOf([]byte("12345678901234567890"))) }

func TestCodesAreThoseOfRFC4226(t *testing.T) {
	t.Parallel()
	for step, want := range []string{
		"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
	} {
		if got := rfcSecret().codeAt(int64(step)); got != want {
			t.Errorf("step %d: %s, want %s", step, got, want)
		}
	}
}

func TestCodesAreThoseOfRFC6238(t *testing.T) {
	t.Parallel()
	// The RFC's have eight digits; six digits are the last six of them, for
	// both are the same number modulo a power of ten.
	for unix, eight := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471",
		1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		step, ok := rfcSecret().Match(eight[2:], time.Unix(unix, 0), 0)
		if !ok || step != unix/30 {
			t.Errorf("at %d: step %d, %v", unix, step, ok)
		}
	}
}

func TestACodeMatchesItsStepsAndNoOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secret := must(NewTOTPSecret(random(rapid.Byte().Draw(t, "seed"))))
		at := rapid.Int64Range(0, 1<<34).Draw(t, "at")
		skew := rapid.IntRange(0, 3).Draw(t, "skew")
		ahead := rapid.Int64Range(-5, 5).Draw(t, "ahead")
		want := at/30 + ahead
		code := secret.codeAt(want)
		step, ok := secret.Match(code, time.Unix(at, 0), skew)
		within := ahead >= -int64(skew) && ahead <= int64(skew)
		if within && (!ok || step < want) {
			t.Fatalf("step %d gives %d, %v", want, step, ok)
		}
		if ok && secret.codeAt(step) != code {
			t.Fatalf("another code's step %d", step)
		}
		if !within && ok && step == want {
			t.Fatal("a step beyond the skew")
		}
	})
}

func TestOfTwoStepsWithOneCodeTheLatestCounts(t *testing.T) {
	t.Parallel()
	secret := must(TOTPSecretOf([]byte("00000000000002373574"))) // the first such of two millions
	if secret.codeAt(1) != secret.codeAt(2) {
		t.Fatal("the steps do not share a code")
	}
	for _, unix := range []int64{30, 60} {
		if step, ok := secret.Match(secret.codeAt(1), time.Unix(unix, 0), 1); !ok || step != 2 {
			t.Errorf("at %d: step %d, %v", unix, step, ok)
		}
	}
}

func TestOnlySixDigitsAndSpacesAreACode(t *testing.T) {
	t.Parallel()
	at := time.Unix(59, 0)
	for code, want := range map[string]bool{
		"287082": true, "287 082": true, " 28 70 82 ": true,
		"": false, "28708": false, "2870820": false, "94287082": false, "287-082": false, "287082\n": false,
		"287\u00a0082": false, "２８７０８２": false, "+28708": false, "28708x": false, "287083": false,
		"٢٨٧٠٨٢": false, "287082" + strings.Repeat(" ", 100): false,
	} {
		if _, ok := rfcSecret().Match(code, at, 1); ok != want {
			t.Errorf("%q: %v", code, ok)
		}
	}
}

func TestTheSkewIsBounded(t *testing.T) {
	t.Parallel()
	at := time.Unix(100*30, 0)
	for _, c := range []struct {
		step int64
		skew int
		want bool
	}{{100, -1, true}, {101, -1, false}, {110, 1 << 40, true}, {111, 1 << 40, false}, {90, 99, true}, {89, 99, false}} {
		if _, ok := rfcSecret().Match(rfcSecret().codeAt(c.step), at, c.skew); ok != c.want {
			t.Errorf("step %d, skew %d: %v", c.step, c.skew, ok)
		}
	}
}

func TestTheZeroTOTPSecretMatchesNothing(t *testing.T) {
	t.Parallel()
	var none TOTPSecret
	code := must(totp.GenerateCode("", time.Unix(59, 0)))
	if _, ok := none.Match(code, time.Unix(59, 0), 1); ok {
		t.Error("it matches")
	}
}

func TestATOTPSecretComesBackFromItsBytes(t *testing.T) {
	t.Parallel()
	secret := must(NewTOTPSecret(random(1)))
	if again := must(TOTPSecretOf(secret.Bytes())); again.Base32() != secret.Base32() || len(secret.Base32()) != 32 {
		t.Error("it does not")
	}
	for _, size := range []int{0, 9, 65} {
		if _, err := TOTPSecretOf(make([]byte, size)); err == nil {
			t.Errorf("%d bytes are a secret", size)
		}
	}
	if _, err := NewTOTPSecret(bytes.NewReader(make([]byte, 19))); err == nil {
		t.Error("19 random bytes are enough")
	}
}

func TestAnAuthenticatorAppReadsTheURI(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-zA-Z0-9 &=?#/%+;,@.:'"éß€-]{1,40}`)
		issuer, account := name.Draw(t, "issuer"), name.Draw(t, "account")
		secret := must(NewTOTPSecret(random(1)))
		uri := secret.URI(issuer, account)
		key := must(otp.NewKeyFromURL(uri))
		dashed := strings.NewReplacer(":", "-")
		if key.Issuer() != dashed.Replace(issuer) || key.AccountName() != dashed.Replace(account) {
			t.Fatalf("%s reads as %q, %q", uri, key.Issuer(), key.AccountName())
		}
		if key.Type() != "totp" || key.Secret() != secret.Base32() || key.Digits() != 6 || key.Period() != 30 || key.Algorithm() != otp.AlgorithmSHA1 {
			t.Fatalf("%s reads as %+v", uri, key)
		}
		if parsed := must(url.Parse(uri)); strings.Contains(uri, "+") || len(parsed.Query()) != 5 {
			t.Fatalf("%s has %v", uri, parsed.Query())
		}
		code := must(totp.GenerateCode(key.Secret(), time.Unix(1e9, 0)))
		if _, ok := secret.Match(code, time.Unix(1e9, 0), 0); !ok {
			t.Fatal("the app's code does not match")
		}
	})
}

func TestTheURIIsAsTheFormatWritesIt(t *testing.T) {
	t.Parallel()
	const want = "otpauth://totp/Jansen%20%26%20Zn:jan%40example.nl?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" +
		"&issuer=Jansen%20%26%20Zn&algorithm=SHA1&digits=6&period=30"
	if got := rfcSecret().URI("Jansen & Zn", "jan@example.nl"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheQRCodeIsCrispWithAQuietZone(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"j", "jan.de.vries@example.nl", strings.Repeat("long", 60)} {
		uri := must(rfcSecret().QRCode("TVM Verzekeringen", account))
		raw, found := strings.CutPrefix(uri, "data:image/png;base64,")
		if !found {
			t.Fatalf("got %.40s", uri)
		}
		picture := must(png.Decode(bytes.NewReader(must(base64.StdEncoding.DecodeString(raw)))))
		side := picture.Bounds().Dx()
		black := func(x, y int) bool { r, _, _, _ := picture.At(x, y).RGBA(); return r == 0 }
		margin := 0
		for !black(margin, margin) {
			margin++
		}
		// A code starts with the seven black modules of its corner.
		scale := 0
		for black(margin+scale, margin) {
			scale++
		}
		scale /= 7
		if side < 240 || side != picture.Bounds().Dy() || margin != 4*scale || side%scale != 0 {
			t.Errorf("side %d, margin %d, module %d", side, margin, scale)
		}
		for y := range side {
			for x := range side {
				if black(x, y) != black(x/scale*scale, y/scale*scale) {
					t.Fatalf("the module at %d,%d is blurred", x, y)
				}
				inside := x >= margin && y >= margin && x < side-margin && y < side-margin
				if black(x, y) && !inside {
					t.Fatalf("ink in the quiet zone at %d,%d", x, y)
				}
			}
		}
	}
}

func TestANameTooLongForAQRCodeIsRefusedWithoutTheSecret(t *testing.T) {
	t.Parallel()
	_, err := rfcSecret().QRCode("TVM", strings.Repeat("x", 4000))
	if err == nil || strings.Contains(err.Error(), rfcSecret().Base32()) {
		t.Errorf("got %v", err)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("287082", int64(59), 1)
	f.Add("287 082", int64(-59), -1)
	f.Fuzz(func(t *testing.T, code string, unix int64, skew int) {
		step, ok := rfcSecret().Match(code, time.Unix(unix, 0), skew)
		if ok && rfcSecret().codeAt(step) != strings.ReplaceAll(code, " ", "") {
			t.Errorf("%q matches step %d", code, step)
		}
	})
}
