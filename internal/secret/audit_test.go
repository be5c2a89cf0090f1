package secret

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
)

func TestWhatAnAuditKeySealedOpensUnderItAndWhereItBelongsOnly(t *testing.T) {
	t.Parallel()
	key, other := must(NewAuditKey(random(1))), must(NewAuditKey(random(2)))
	sealed := key.Seal([]byte("the facts"), []byte("event 1"))
	if got, err := key.Open(sealed, []byte("event 1")); err != nil || string(got) != "the facts" {
		t.Fatalf("%s, %v", got, err)
	}
	if again := key.Seal([]byte("the facts"), []byte("event 1")); bytes.Equal(again, sealed) {
		t.Error("two events tell that they have the same facts")
	}
	for name, opened := range map[string]func() ([]byte, error){
		"another key":   func() ([]byte, error) { return other.Open(sealed, []byte("event 1")) },
		"no key":        func() ([]byte, error) { return AuditKey{}.Open(sealed, []byte("event 1")) },
		"another event": func() ([]byte, error) { return key.Open(sealed, []byte("event 2")) },
		"a damaged value": func() ([]byte, error) {
			return key.Open(append(sealed[:len(sealed)-1:len(sealed)-1], 0), []byte("event 1"))
		},
		"nothing": func() ([]byte, error) { return key.Open(nil, []byte("event 1")) },
	} {
		if got, err := opened(); !errors.Is(err, ErrSealed) || got != nil {
			t.Errorf("%s opens %q (%v)", name, got, err)
		}
	}
}

func TestAnAuditKeyIsKeptSealedToItsID(t *testing.T) {
	t.Parallel()
	ring, key := testKeyring(t, "new"), must(NewAuditKey(random(1)))
	kept := ring.SealAuditKey(key, "key_1")
	opened, err := ring.OpenAuditKey(kept, "key_1")
	if err != nil || opened.reveal() != key.reveal() || bytes.Contains(kept, bytesOf(key.reveal())) {
		t.Errorf("%v, %v", opened, err)
	}
	if _, err := ring.OpenAuditKey(kept, "key_2"); !errors.Is(err, ErrSealed) {
		t.Errorf("it opens in another row: %v", err)
	}
	if _, err := ring.OpenAuditKey(ring.Seal([]byte("short"), []byte("audit key key_1")), "key_1"); !errors.Is(err, ErrSealed) {
		t.Errorf("something shorter is taken for a key: %v", err)
	}
}

func TestASaltIs256BitsThatAreDrawnAnew(t *testing.T) {
	t.Parallel()
	source := random(1)
	one, two := must(NewSalt(source)), must(NewSalt(source))
	if raw, err := hex.DecodeString(one); err != nil || len(raw) != 32 || one == two {
		t.Errorf("%s and %s: %v", one, two, err)
	}
}
