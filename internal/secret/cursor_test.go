package secret

import (
	"bytes"
	"errors"
	"testing"
)

func TestACursorOpensInItsOwnListAlone(t *testing.T) {
	t.Parallel()
	k := testKeyring(t, "new", "old")
	place, list := []byte(`["joost","usr_1"]`), []byte("users of org_1 by name")
	cursor := k.SealCursor(place, list)
	if opened, err := k.OpenCursor(cursor, list); err != nil || !bytes.Equal(opened, place) {
		t.Errorf("a cursor opens as %q, %v", opened, err)
	}
	for i := range cursor {
		tampered := bytes.Clone(cursor)
		tampered[i] ^= 1
		if _, err := k.OpenCursor(tampered, list); !errors.Is(err, ErrSealed) {
			t.Errorf("with byte %d changed a cursor opens: %v", i, err)
		}
		if _, err := k.OpenCursor(cursor[:i], list); !errors.Is(err, ErrSealed) {
			t.Errorf("%d bytes of a cursor open: %v", i, err)
		}
	}
	for _, other := range []string{"", "users of org_2 by name", "users of org_1 by name "} {
		if _, err := k.OpenCursor(cursor, []byte(other)); !errors.Is(err, ErrSealed) {
			t.Errorf("a cursor opens in %q: %v", other, err)
		}
	}
	if _, err := k.OpenCursor(k.Seal(place, list), list); !errors.Is(err, ErrSealed) {
		t.Errorf("a sealed value is taken for a cursor: %v", err)
	}
}

func TestACursorTellsNothingAndIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	k := testKeyring(t, "new")
	place, list := []byte(`["joost","usr_1"]`), []byte("users")
	cursor := k.SealCursor(place, list)
	if bytes.Contains(cursor, []byte("joost")) || !bytes.Equal(cursor, k.SealCursor(place, list)) {
		t.Errorf("%q stands for %q", cursor, place)
	}
	for _, other := range [][]byte{k.SealCursor([]byte(`["joosx","usr_1"]`), list), k.SealCursor(place, []byte("sers"))} {
		if bytes.Equal(cursor[:24], other[:24]) {
			t.Error("two places have the same nonce")
		}
	}
}

func TestACursorOutlivesARotationUntilItsKeyLeaves(t *testing.T) {
	t.Parallel()
	place, list := []byte("place"), []byte("list")
	cursor := testKeyring(t, "old").SealCursor(place, list)
	if _, err := testKeyring(t, "new", "old").OpenCursor(cursor, list); err != nil {
		t.Error(err)
	}
	if _, err := testKeyring(t, "new").OpenCursor(cursor, list); !errors.Is(err, ErrSealed) {
		t.Errorf("a cursor opens without its key: %v", err)
	}
}
