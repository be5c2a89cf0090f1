package identity_test

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestAnIdempotencyKeyIsVisibleASCII(t *testing.T) {
	t.Parallel()
	for key, fits := range map[string]bool{
		"8e03978e-40d5-43e8-bc93-6894a57f9324": true, "!": true, "~": true, strings.Repeat("k", 255): true,
		"": false, strings.Repeat("k", 256): false, "polis 4711": false, "polis\t": false, "polis\x7f": false, "polis–4711": false, "\x00": false,
	} {
		if err := identity.CheckIdempotencyKey(key); (err == nil) != fits {
			t.Errorf("%q: %v", key, err)
		}
	}
}
