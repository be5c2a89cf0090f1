package secret

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

// setting is the text of a keyring whose keys are made from their ids.
func setting(ids ...string) string {
	entries := make([]string, len(ids))
	for i, id := range ids {
		entries[i] = id + ":" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(id+"#", 32)[:32]))
	}
	return strings.Join(entries, ",")
}

func testKeyring(t interface{ Fatal(...any) }, ids ...string) *Keyring {
	k, err := ParseKeyring(setting(ids...))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAKeyringIsReadNewestFirst(t *testing.T) {
	t.Parallel()
	k := must(ParseKeyring("\n " + strings.ReplaceAll(setting("2026-07", "a.b_C", "old"), ",", " ,\n") + "\n"))
	if len(k.reveal()) != 3 || k.reveal()[0].id != "2026-07" || k.reveal()[2].id != "old" {
		t.Errorf("got %d keys", len(k.reveal()))
	}
}

func TestAllFaultsOfAKeyringAreToldAtOnceWithoutTheKeys(t *testing.T) {
	t.Parallel()
	const key = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U="
	text := strings.Join([]string{
		"good:" + key,
		"",
		key,
		key + ":id",
		"short:" + key[:8],
		"bad:" + key[:20] + "!" + key[21:],
		"raw:" + strings.TrimSuffix(key, "="),
		"good:" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 32)),
		"twin:" + key,
		strings.Repeat("x", 33) + ":" + key,
		"two words:" + key,
		"bits:" + strings.Replace(key, "U=", "V=", 1),
	}, ",")
	k, err := ParseKeyring(text)
	if k != nil || err == nil {
		t.Fatalf("got %v, %v", k, err)
	}
	const want = `secret key 2: it is empty; expected id:base64
secret key 3: expected id:base64, with an id of 1 to 32 letters, digits, dots, dashes or underscores
secret key 4: expected id:base64, with an id of 1 to 32 letters, digits, dots, dashes or underscores
secret key 5: it has 6 bytes, expected 32
secret key 6: what follows the id is not base64 with padding
secret key 7: what follows the id is not base64 with padding
secret key 8: its id is that of another
secret key 9: it is the same key as another
secret key 10: expected id:base64, with an id of 1 to 32 letters, digits, dots, dashes or underscores
secret key 11: expected id:base64, with an id of 1 to 32 letters, digits, dots, dashes or underscores
secret key 12: what follows the id is not base64 with padding`
	if err.Error() != want {
		t.Errorf("got\n%v", err)
	}
}

func TestAnEmptyKeyringIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", ",", setting("a") + ","} {
		if _, err := ParseKeyring(text); err == nil {
			t.Errorf("%q is a keyring", text)
		}
	}
}

func FuzzParseKeyring(f *testing.F) {
	f.Add(setting("new", "old"))
	f.Add("id:,:base64,,")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseKeyring(text)
		if (err == nil) != (k != nil) {
			t.Fatalf("%v with %v", k, err)
		}
		if err != nil {
			return
		}
		if got, err := k.Open(k.Seal([]byte("x"), nil), nil); err != nil || string(got) != "x" {
			t.Errorf("a keyring that does not open what it sealed: %v", err)
		}
	})
}
