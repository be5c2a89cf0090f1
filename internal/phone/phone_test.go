package phone_test

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/phone"
)

func TestANumberIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]identity.PhoneLine{
		"+31612345678":        {Number: "+31612345678", Country: "NL", TakesTexts: true},
		" +31 (0)6-1234 5678": {Number: "+31612345678", Country: "NL", TakesTexts: true},
		"+32 470 12 34 56":    {Number: "+32470123456", Country: "BE", TakesTexts: true},
		"+49 1512 3456789":    {Number: "+4915123456789", Country: "DE", TakesTexts: true},
		"+1 201 555 0123":     {Number: "+12015550123", Country: "US", TakesTexts: true}, // America doesn't tell them apart
		"+31 72 541 4151":     {Number: "+31725414151", Country: "NL"},                   // a landline
		"+31 900 1234":        {Number: "+319001234", Country: "NL"},                     // costs extra
		"+32 903 12 345":      {Number: "+3290312345", Country: "BE"},                    // costs extra
		"+49 180 5123456":     {Number: "+491805123456", Country: "DE"},                  // the cost is shared
		"+800 1234 5678":      {Number: "+80012345678"},                                  // of no country
	} {
		if got, err := phone.Read(typed); err != nil || got != want {
			t.Errorf("%q is read as %+v (%v), want %+v", typed, got, err, want)
		}
	}
}

func TestWhatIsNoNumberIsRefused(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"", " ", "+", "0612345678", "31612345678", "+31", "+31612", "+316123456789", "+99912345678", "+31612345678 ext. 5",
		"+31612345678;ext=5", "+31612345678,,5", "tel:+31612345678", "+31612345678\n+31612345679", "+31 6 VANLINES",
		"\u0661\u0662", "+" + strings.Repeat("3", 60), "+31612345678\x00", "＋31612345678",
	} {
		if got, err := phone.Read(typed, "input", "phoneNumber"); err == nil {
			t.Errorf("%q is read as %+v", typed, got)
		} else if text := err.Error(); text != "refused: INVALID_INPUT at input.phoneNumber" {
			t.Errorf("%q: %s", typed, text)
		}
	}
}

func TestCountriesAreThoseThatGiveOutNumbers(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{"NL": true, "BE": true, "DE": true, "XX": false, "nl": false, "": false, "001": false} {
		if phone.IsCountry(code) != want {
			t.Errorf("%q: want %t", code, want)
		}
	}
}

// FuzzRead proves that whatever is read is E.164, and is read as itself.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"+31612345678", "+31 (0)6-1234 5678", "+1 201 555 0123", "+800 1234 5678", "+"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		line, err := phone.Read(typed)
		if err != nil {
			return
		}
		if text := string(line.Number); len(text) < 5 || len(text) > 18 || text[0] != '+' || strings.Trim(text[1:], "0123456789") != "" {
			t.Errorf("%q is read as %q", typed, text)
		}
		if again, err := phone.Read(string(line.Number)); err != nil || again != line {
			t.Errorf("%q is read as %+v, and that as %+v (%v)", typed, line, again, err)
		}
	})
}
