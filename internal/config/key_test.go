package config

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// The example file is the documentation of portal files: each key is in it, in its section, with a comment.
func TestTheExamplePortalExplainsEveryKey(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../portals/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var p identity.Portal
	for _, key := range portalKeys(&p) {
		if len(key.keys) == 0 {
			mustExplain(t, string(text), `(?m)^`+key.name+`: \S.* # \S`)
			continue
		}
		_, section, _ := strings.Cut(string(text), "\n"+key.name+":")
		section, _, _ = strings.Cut(section, "\n\n")
		for _, inner := range key.keys {
			mustExplain(t, section, `(?m)^  (`+inner.name+`: \S+.*|# `+inner.name+`: \S+   +\S)`)
		}
	}
}

func mustExplain(t *testing.T, text, pattern string) {
	t.Helper()
	if !regexp.MustCompile(pattern).MatchString(text) {
		t.Errorf("portals/default.yaml lacks a line like %s", pattern)
	}
}

func TestTheNearestNameIsTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	known := []string{"idle", "absolute", "requiredFrom", "postponableUntil"}
	for typed, want := range map[string]string{
		"idel": "idle", "IDLE": "idle", "absolut": "absolute", "required_from": "requiredFrom", "postponeableUntil": "postponableUntil",
		"": "", "colour": "", "x": "",
	} {
		if got, found := nearest(typed, known); got != want || found != (want != "") {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

func TestDistanceIsLevenshteins(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{{"kitten", "sitting", 3}, {"", "abc", 3}, {"abc", "", 3}, {"same", "same", 0}, {"ab", "ba", 2}, {"flaw", "lawn", 2}} {
		if got := distance(test.a, test.b, 10); got != test.want {
			t.Errorf("%s, %s: got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
