package identity

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// broken lists the rules that a refusal of a password names.
func broken(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	refusals, ok := Refusals(err)
	if !ok {
		t.Fatalf("a fault: %v", err)
	}
	var rules []string
	for _, refusal := range refusals {
		if refusal.Code != PasswordTooWeak || !slices.Equal(refusal.Path, []string{"input", "newPassword"}) {
			t.Errorf("%v", refusal)
		}
		rules = append(rules, refusal.Rule)
	}
	return rules
}

func TestTVMsRulesTickOneByOneAsThePasswordIsTyped(t *testing.T) {
	t.Parallel()
	const length, upper, lower, digit, special = RuleMinimumLength, RuleUpper, RuleLower, RuleDigit, RuleSpecial
	for password, want := range map[string][]string{
		"":                  {length, upper, lower, digit, special},
		"w":                 {length, upper, digit, special},
		"W":                 {length, lower, digit, special},
		"Wa":                {length, digit, special},
		"Wachtw0":           {length, special},
		"Wachtw0o":          {special},
		"Wachtw0!":          nil,
		"wachtw0!":          {upper},
		"WACHTW0!":          {lower},
		"Wachtwo!":          {digit},
		"12345678":          {upper, lower, special},
		"!@#$%`&*":          {upper, lower, digit},
		"ÉÉÉÉééé٣€":         nil,            // letters, digits and signs of every script count
		"Wachtw0\u00e9":     {special},      // é is a letter
		"Wachtw0 ":          {special},      // a space counts for length alone
		"Wachtw0\u00a0":     {special},      // so does a no-break space, here as in a browser
		"Wachtw0\u3000":     {special},      // and a wide one
		"Wachtw0\v":         {special},      // and what JavaScript calls white space and RE2 doesn't
		"Wachtw0\x00":       {special},      // a control character is nothing to be seen
		"Wachtw0²":          {special},      // a number that is no digit is no sign either
		"Wachtwo²!":         {digit},        // and no digit
		"Wachtw0😀":          nil,            // an emoji is one character, and special
		"Wach0😀":            {length},       // however many bytes it has
		"Wach\ntw0!":        nil,            // a line break ends nothing
		"ǅǅǅǅ0!aa":          {upper},        // a title-case letter is neither
		"Wachtw0_":          nil,            // what \w would swallow
		"Wachtwoord123! \n": nil,            // nothing is trimmed
		"ʰʰʰʰʰʰ0!":          {upper, lower}, // a modifier letter is neither
		"\u0301W0!aaaa":     nil,            // a mark is a character
		"Wachtw0\u0301":     nil,            // and special, here as in a browser
	} {
		if diff := cmp.Diff(want, broken(t, tvm().Passwords.Check(password, false, "input", "newPassword"))); diff != "" {
			t.Errorf("%q: %s", password, diff)
		}
		for _, rule := range tvm().Passwords.Rules() {
			if rule.Met(password) == slices.Contains(want, rule.ID) {
				t.Errorf("%q: the tick of %s says otherwise", password, rule.ID)
			}
		}
	}
}

func TestAPageGetsTheRulesInOrderAsPatternsThatABrowserReadsAlike(t *testing.T) {
	t.Parallel()
	// No \s, \d, \w, \b or ^ and $ within lines: they mean other sets in JavaScript. [\s\S] is everything in both. Change
	// a pattern only after comparing both on every code point.
	want := []PasswordRule{
		{RuleMinimumLength, 8, `^[\s\S]{8,}$`},
		{RuleUpper, 1, `\p{Lu}`},
		{RuleLower, 1, `\p{Ll}`},
		{RuleDigit, 1, `\p{Nd}`},
		{RuleSpecial, 1, `[^\p{L}\p{N}\p{Z}\p{Cc}]`},
	}
	if diff := cmp.Diff(want, tvm().Passwords.Rules()); diff != "" {
		t.Error(diff)
	}
}

func TestAPortalAsksForNoMoreThanItSays(t *testing.T) {
	t.Parallel()
	for want, policy := range map[string]PasswordPolicy{
		"minimumLength":           {MinimumLength: 15},
		"minimumLength upperCase": {MinimumLength: 15, RequireUpper: true},
		"minimumLength lowerCase": {MinimumLength: 15, RequireLower: true},
		"minimumLength digit":     {MinimumLength: 15, RequireDigit: true},
		"minimumLength special":   {MinimumLength: 15, RequireSpecial: true},
	} {
		if got := strings.Join(broken(t, policy.Check("", false, "input", "newPassword")), " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	long := PasswordPolicy{MinimumLength: 15}
	if err := long.Check("correct horse b", false); err != nil {
		t.Errorf("fifteen letters and spaces: %v", err)
	}
	if err := long.Check("correct horse ", false); err == nil {
		t.Error("fourteen will do for fifteen")
	}
}

func TestAPasswordOnTheBlocklistIsRefusedWithAllElseThatIsWrong(t *testing.T) {
	t.Parallel()
	policy := tvm().Passwords
	if diff := cmp.Diff([]string{RuleNotCommon}, broken(t, policy.Check("Wachtw0!", true, "input", "newPassword"))); diff != "" {
		t.Error(diff)
	}
	want := []string{RuleUpper, RuleDigit, RuleSpecial, RuleNotCommon}
	if diff := cmp.Diff(want, broken(t, policy.Check("wachtwoord", true, "input", "newPassword"))); diff != "" {
		t.Error(diff)
	}
}

func TestAPasswordHasAtMost256BytesOfValidText(t *testing.T) {
	t.Parallel()
	policy := PasswordPolicy{MinimumLength: 8}
	for password, want := range map[string][]string{
		strings.Repeat("a", 256):                nil,
		strings.Repeat("a", 257):                {RuleMaximumLength},
		strings.Repeat("é", 128):                nil,
		strings.Repeat("é", 128) + "a":          {RuleMaximumLength},
		strings.Repeat("a", 1<<20):              {RuleMaximumLength},
		"wachtwoord\xff":                        {RuleMaximumLength},
		"\xed\xa0\x80 half of a surrogate pair": {RuleMaximumLength},
	} {
		if diff := cmp.Diff(want, broken(t, policy.Check(password, false, "input", "newPassword"))); diff != "" {
			t.Errorf("%d bytes: %s", len(password), diff)
		}
	}
}

func TestNoRefusalCarriesThePasswordBack(t *testing.T) {
	t.Parallel()
	const marker = "zeer-geheim"
	if err := tvm().Passwords.Check(marker, true, "input", "newPassword"); err == nil || strings.Contains(err.Error(), marker) {
		t.Errorf("%v", err)
	}
}

func TestAPolicyAsksForEightTo64Characters(t *testing.T) {
	t.Parallel()
	for length, want := range map[int]bool{-1: false, 0: false, 7: false, 8: true, 15: true, 64: true, 65: false} {
		if (PasswordPolicy{MinimumLength: length}.Validate() == nil) != want {
			t.Errorf("%d: valid is %t", length, !want)
		}
	}
}

func TestEveryPolicyCanBeMet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		policy := anyPolicy(rapid.IntRange(8, 64).Draw(t, "length"), rapid.Byte().Draw(t, "rules"))
		if err := policy.Check("Aa1!"+strings.Repeat("x", policy.MinimumLength-4), false); err != nil {
			t.Errorf("%+v: %v", policy, err)
		}
	})
}

func anyPolicy(length int, rules byte) PasswordPolicy {
	return PasswordPolicy{
		MinimumLength: length, RequireUpper: rules&1 != 0, RequireLower: rules&2 != 0, RequireDigit: rules&4 != 0, RequireSpecial: rules&8 != 0,
	}
}

func FuzzPassword(f *testing.F) {
	for _, seed := range []string{"", "Wachtw0!", "Wachtw0\u00a0", "😀", "\xff", "a\x00b", "\u2028\ufeff", strings.Repeat("é", 129)} {
		f.Add(seed, 8, byte(15), false)
	}
	f.Fuzz(func(t *testing.T, password string, length int, rules byte, blocked bool) {
		policy := anyPolicy(length, rules)
		if policy.Validate() != nil {
			return
		}
		ids := broken(t, policy.Check(password, blocked, "input", "newPassword"))
		if len(password) > MaximumPasswordBytes || !utf8.ValidString(password) {
			if !slices.Equal(ids, []string{RuleMaximumLength}) {
				t.Errorf("%q: %v", password, ids)
			}
			return
		}
		if short := utf8.RuneCountInString(password) < length; short != slices.Contains(ids, RuleMinimumLength) {
			t.Errorf("%q has %d characters, %d were asked for: %v", password, utf8.RuneCountInString(password), length, ids)
		}
		if blocked != slices.Contains(ids, RuleNotCommon) {
			t.Errorf("%q on the blocklist (%t): %v", password, blocked, ids)
		}
		// Typing on never unticks a rule.
		for _, rule := range policy.Rules() {
			if rule.Met(password) && !rule.Met(password+"x") {
				t.Errorf("%q: %s is unticked", password, rule.ID)
			}
		}
	})
}
