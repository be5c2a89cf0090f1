package secret

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func TestASealedValueOpensWhereItBelongsOnly(t *testing.T) {
	t.Parallel()
	k := testKeyring(t, "new", "old")
	rapid.Check(t, func(t *rapid.T) {
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		here := rapid.SliceOf(rapid.Byte()).Draw(t, "here")
		there := rapid.SliceOf(rapid.Byte()).Draw(t, "there")
		sealed := k.Seal(plaintext, here)
		if got, err := k.Open(sealed, here); err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("here: %x, %v", got, err)
		}
		if got, err := k.Open(sealed, there); !bytes.Equal(here, there) && (!errors.Is(err, ErrSealed) || got != nil) {
			t.Fatalf("there: %x, %v", got, err)
		}
	})
}

func TestEveryBitOfASealedValueCounts(t *testing.T) {
	t.Parallel()
	k := testKeyring(t, "new", "old")
	sealed := k.Seal([]byte("the seed"), []byte("row 1"))
	for i := range 8 * len(sealed) {
		damaged := bytes.Clone(sealed)
		damaged[i/8] ^= 1 << (i % 8)
		if got, err := k.Open(damaged, []byte("row 1")); !errors.Is(err, ErrSealed) || got != nil {
			t.Errorf("bit %d: %q, %v", i, got, err)
		}
	}
	for size := range sealed {
		if _, err := k.Open(sealed[:size], []byte("row 1")); !errors.Is(err, ErrSealed) {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
	}
}

func TestEqualValuesAreSealedDifferently(t *testing.T) {
	t.Parallel()
	k := testKeyring(t, "new")
	if bytes.Equal(k.Seal([]byte("+31612345678"), nil), k.Seal([]byte("+31612345678"), nil)) {
		t.Error("two sealed values tell that they are of one number")
	}
}

func TestKeysRotateWithoutLosingAValue(t *testing.T) {
	t.Parallel()
	before, during, after := testKeyring(t, "old"), testKeyring(t, "new", "old"), testKeyring(t, "new")
	sealed := before.Seal([]byte("seed"), []byte("row"))
	if key, is := SealedUnder(sealed); key != "old" || !is || !bytes.HasPrefix(sealed, SealPrefix("old")) {
		t.Errorf("it names %q as its key", key)
	}
	if _, err := after.Open(sealed, []byte("row")); !errors.Is(err, ErrSealed) || !strings.Contains(err.Error(), "key old is not in the keyring") {
		t.Errorf("with its key gone: %v", err)
	}
	opened, err := during.Open(sealed, []byte("row"))
	if err != nil {
		t.Fatal(err)
	}
	again := during.Seal(opened, []byte("row"))
	if key, is := SealedUnder(again); key != during.IDs()[0] || !is {
		t.Errorf("resealed, it names %q as its key", key)
	}
	if got, err := after.Open(again, []byte("row")); err != nil || string(got) != "seed" {
		t.Errorf("resealed: %q, %v", got, err)
	}
	for _, other := range []string{"", "not sealed", "\x01\x01/"} {
		if key, is := SealedUnder([]byte(other)); is {
			t.Errorf("%q, which nobody sealed, names %q as its key", other, key)
		}
	}
}

func TestAMACIsHMACUnderAKeyOfItsPurpose(t *testing.T) {
	t.Parallel()
	master := []byte(strings.Repeat("new#", 8))
	subkey := must(hkdf.Key(sha256.New, master, []byte("sleutelbos keyring"), "mac code", 32))
	h := hmac.New(sha256.New, subkey)
	h.Write([]byte("\x00\x00\x00\x00\x00\x00\x00\x02ab\x00\x00\x00\x00\x00\x00\x00\x01c"))
	k := testKeyring(t, "new", "old")
	if got := k.MAC("code", []byte("ab"), []byte("c")); !bytes.Equal(got, h.Sum(nil)) {
		t.Errorf("got %x, want %x", got, h.Sum(nil))
	}
}

func TestAMACVerifiesForItsPurposeAndPartsOnly(t *testing.T) {
	t.Parallel()
	k := testKeyring(t, "new", "old")
	mac := k.MAC("code", []byte("ab"), []byte("c"))
	for name, c := range map[string]struct {
		purpose string
		mac     []byte
		data    [][]byte
		want    bool
	}{
		"itself":           {"code", mac, [][]byte{[]byte("ab"), []byte("c")}, true},
		"other purpose":    {"cod", mac, [][]byte{[]byte("eab"), []byte("c")}, false},
		"parts moved":      {"code", mac, [][]byte{[]byte("a"), []byte("bc")}, false},
		"parts joined":     {"code", mac, [][]byte{[]byte("abc")}, false},
		"an empty part":    {"code", mac, [][]byte{[]byte("ab"), []byte("c"), nil}, false},
		"cut":              {"code", mac[:31], [][]byte{[]byte("ab"), []byte("c")}, false},
		"none":             {"code", nil, [][]byte{[]byte("ab"), []byte("c")}, false},
		"of the older key": {"code", testKeyring(t, "old").MAC("code", []byte("ab"), []byte("c")), [][]byte{[]byte("ab"), []byte("c")}, true},
		"of another key":   {"code", testKeyring(t, "other").MAC("code", []byte("ab"), []byte("c")), [][]byte{[]byte("ab"), []byte("c")}, false},
	} {
		if got := k.VerifyMAC(c.purpose, c.mac, c.data...); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if macs := k.MACs("code", []byte("ab"), []byte("c")); len(macs) != 2 || !bytes.Equal(macs[0], mac) {
		t.Error("the newest key's MAC is not the first")
	}
}

func TestAKeyringServesManyAtOnce(t *testing.T) {
	t.Parallel()
	k := testKeyring(t, "new", "old")
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			if _, err := k.Open(k.Seal([]byte("x"), []byte("row")), []byte("row")); err != nil {
				t.Error(err)
			}
			if !k.VerifyMAC("p", k.MAC("p", []byte("x")), []byte("x")) {
				t.Error("a MAC does not verify")
			}
		})
	}
	all.Wait()
}

func FuzzOpen(f *testing.F) {
	k := testKeyring(f, "new", "old")
	f.Add(k.Seal([]byte("seed"), nil))
	f.Add([]byte{sealVersion, 3, 'n', 'e', 'w'})
	f.Add([]byte{sealVersion, 255})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		// Associated data that was never sealed with: nothing may open.
		if got, err := k.Open(sealed, []byte("fuzz")); !errors.Is(err, ErrSealed) || got != nil {
			t.Errorf("%x opens: %x, %v", sealed, got, err)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	k := testKeyring(b, "new", "old")
	sealed := k.Seal(make([]byte, 20), []byte("row"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(sealed, []byte("row")); err != nil {
			b.Fatal(err)
		}
	}
}
