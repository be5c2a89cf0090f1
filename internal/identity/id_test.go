package identity

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var kinds = []Kind{
	KindOrganisation, KindUser, KindFactor, KindInvitation, KindSession, KindSignIn, KindLink, KindAPIToken, KindEvent,
	KindMessage, KindSupportAction, KindBusiness, KindContactChange, KindJourney, KindRegistrant, KindWebhook, KindImport, KindAuditKey,
}

var shape = regexp.MustCompile(`^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$`)

func TestAnIDIsItsKindAndAULID(t *testing.T) {
	t.Parallel()
	// The instant is that of the ULID specification's example: 01ARYZ6S41.
	at := time.UnixMilli(1469918176385)
	for want, random := range map[ID][10]byte{
		"usr_01aryz6s410000000000000000": {},
		"usr_01aryz6s41zzzzzzzzzzzzzzzz": {255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
		"usr_01aryz6s410000000000000001": {9: 1},
		"usr_01aryz6s41g000000000000000": {0: 128},
	} {
		if got := NewID(KindUser, at, random); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := NewID(KindUser, time.UnixMilli(1<<48-1), [10]byte{}); got != "usr_7zzzzzzzzz0000000000000000" {
		t.Errorf("%s at the end of time", got)
	}
}

func TestEveryKindOfIDIsReadBack(t *testing.T) {
	t.Parallel()
	seen := map[Kind]bool{}
	for _, kind := range kinds {
		id := NewID(kind, noon, [10]byte{1, 2, 3})
		if id.Kind() != kind || seen[kind] || !shape.MatchString(string(id)) {
			t.Errorf("%s of kind %q", id, id.Kind())
		}
		seen[kind] = true
	}
}

func TestWhatIsNoIDHasNoKind(t *testing.T) {
	t.Parallel()
	const digits = "01aryz6s410000000000000000"
	for _, id := range []ID{
		"", "_", "usr", "usr_", digits, "_" + digits, "usr_" + digits + "0", ID("usr_" + digits[1:]), "USR_" + digits,
		"abc_" + digits, "usr-" + digits, " usr_" + digits, "usr_" + digits + " ", ID("usr_usr_" + digits[:22]),
		"usr_01ARYZ6S410000000000000000", "usr_01aryz6s41000000000000000i", "usr_01aryz6s41000000000000000l",
		"usr_01aryz6s41000000000000000o", "usr_01aryz6s41000000000000000u", "usr_01aryz6s41000000'000000000",
		"usr_01aryz6s4100000\x00000000000", "usr_01aryz6s41000000000000é000", WholePortal,
	} {
		if got := id.Kind(); got != "" {
			t.Errorf("%q is of kind %q", id, got)
		}
	}
}

func TestIDsSortByTheirMakingAndAreNeverTheSame(t *testing.T) {
	t.Parallel()
	instants := rapid.Int64Range(0, 1<<48-1)
	rapid.Check(t, func(t *rapid.T) {
		early, late := instants.Draw(t, "one"), instants.Draw(t, "other")
		draw := func(label string) [10]byte {
			return [10]byte(rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, label))
		}
		one, other := draw("one's randomness"), draw("other's randomness")
		a, b := NewID(KindUser, time.UnixMilli(early), one), NewID(KindUser, time.UnixMilli(late), other)
		if (early < late && a >= b) || (early > late && a <= b) {
			t.Errorf("%s of %d and %s of %d", a, early, b, late)
		}
		if (a == b) != (early == late && one == other) {
			t.Errorf("%s and %s", a, b)
		}
		if !shape.MatchString(string(a)) || a.Kind() != KindUser {
			t.Errorf("%s", a)
		}
	})
}

func FuzzID(f *testing.F) {
	f.Add("usr_01aryz6s410000000000000000")
	f.Add("usr_01aryz6s41000000000000000u")
	f.Add("org_")
	f.Fuzz(func(t *testing.T, text string) {
		kind := ID(text).Kind()
		well := regexp.MustCompile(`\A(org|usr|fac|inv|ses|sig|lnk|tok|evt|msg|act|biz|chg|jny|reg|whk)_[0-9a-hjkmnp-tv-z]{26}\z`).MatchString(text)
		if (kind != "") != well || kind != "" && !strings.HasPrefix(text, string(kind)+"_") {
			t.Errorf("%q is of kind %q", text, kind)
		}
	})
}
