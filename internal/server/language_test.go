package server

import (
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestPeopleAreSpokenToInTheLanguageThatTheyLikeBestOfThoseSpoken(t *testing.T) {
	t.Parallel()
	both := []identity.Language{identity.Dutch, identity.English}
	for header, want := range map[string]identity.Language{
		"":                                    "",
		"en":                                  "en",
		"EN-gb":                               "en",
		"nl-BE,nl;q=0.9,en;q=0.8":             "nl",
		"de, en;q=0.5, nl;q=0.7":              "nl",
		"de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7": "en",
		"en;q=0, nl;q=0.1":                    "nl",
		"en;q=nonsense, nl;q=0.1":             "nl",
		"en;q=2, nl;q=0.1":                    "nl",
		"en;q=NaN, nl;q=0.1":                  "nl",
		"nl,en":                               "nl",
		"fr, *":                               "",
		";;,,;q=1":                            "",
		"english":                             "",
		",,,,,,,,,,,,,,,,,,,,,,,,en":          "",
	} {
		if got := preferred(header, both); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}
