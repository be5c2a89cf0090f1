package secret

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trustelem/zxcvbn/frequency"
)

var update = flag.Bool("update", false, "write blocklist/common.txt anew")

// The common passwords and first names are zxcvbn's. The library itself is
// kept out of the program: its maps cost 12 MB at start, used or not.
func TestTheBlocklistIsTheOneOfZxcvbn(t *testing.T) {
	t.Parallel()
	var words []string
	for _, list := range [...]string{"passwords", "female_names", "male_names"} {
		for _, word := range frequency.FrequencyLists[list] {
			if len(word) > minWord {
				words = append(words, fold(word))
			}
		}
	}
	slices.Sort(words)
	want := "\n" + strings.Join(slices.Compact(words), "\n") + "\n"
	if *update {
		if err := os.WriteFile("blocklist/common.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if commonPasswords != want {
		t.Error("blocklist/common.txt is not what the library lists; run this test with -update")
	}
}
