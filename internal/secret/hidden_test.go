package secret

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
)

// random is a reproducible source for tests.
func random(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

func TestSecretsNeverPrint(t *testing.T) {
	t.Parallel()
	token := must(NewToken(random(1)))
	api := must(NewAPIToken(random(2)))
	totp := must(NewTOTPSecret(random(3)))
	code := must(NewCode(random(4)))
	recovery := must(NewRecoveryCodes(random(5)))[0]
	key := must(NewAuditKey(random(6)))
	ring := testKeyring(t, "new", "old")
	for _, c := range []struct {
		value any
		texts []string
	}{
		{token, []string{token.Reveal(), hex.EncodeToString(bytesOf(token.reveal())), fmt.Sprint(bytesOf(token.reveal()))}},
		{api, []string{api.Reveal(), hex.EncodeToString(bytesOf(api.reveal())), fmt.Sprint(bytesOf(api.reveal()))}},
		{totp, []string{totp.Base32(), hex.EncodeToString(totp.Bytes()), fmt.Sprint(totp.Bytes())}},
		{code, []string{code.Reveal()}},
		{recovery, []string{recovery.Reveal(), recovery.reveal()}},
		{key, []string{hex.EncodeToString(bytesOf(key.reveal())), fmt.Sprint(bytesOf(key.reveal()))}},
		{ring, []string{hex.EncodeToString(ring.newest().prk), fmt.Sprint(ring.newest().prk)}},
		{*ring, []string{hex.EncodeToString(ring.newest().prk), fmt.Sprint(ring.newest().prk)}},
	} {
		for _, shown := range everyWayToShow(t, c.value) {
			for _, text := range c.texts {
				if strings.Contains(strings.ToLower(shown), strings.ToLower(text)) {
					t.Errorf("%T shows itself: %s", c.value, shown)
				}
			}
		}
		if direct := fmt.Sprintf("%v|%s|%#v|%x|%d", c.value, c.value, c.value, c.value, c.value); direct != strings.Repeat("[redacted]|", 4)+"[redacted]" {
			t.Errorf("%T prints as %s", c.value, direct)
		}
		if text := must(json.Marshal(c.value)); string(text) != `"[redacted]"` {
			t.Errorf("%T is %s in JSON", c.value, text)
		}
	}
}

// everyWayToShow also tries the value in an unexported field, where fmt finds
// no methods.
func everyWayToShow(t *testing.T, value any) []string {
	t.Helper()
	holder := struct{ inner any }{value}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "value", value, "holder", holder)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "value", value, "holder", holder)
	shown := []string{
		log.String(),
		fmt.Sprintf("%v %+v %#v %s %q %x %X %d", value, value, value, value, value, value, value, value),
		fmt.Sprintf("%v %+v %#v %s %x %d", holder, holder, holder, holder, holder, holder),
		fmt.Sprint(map[string]any{"a": value}, []any{value}),
		fmt.Errorf("failed: %v", value).Error(),
		string(must(json.Marshal(map[string]any{"a": value}))),
	}
	if asXML, err := xml.Marshal(value); err == nil {
		shown = append(shown, string(asXML))
	}
	var typed any // in a field of its own type
	switch v := value.(type) {
	case Token:
		typed = struct{ t Token }{v}
	case APIToken:
		typed = struct{ t APIToken }{v}
	case TOTPSecret:
		typed = struct{ t TOTPSecret }{v}
	case Code:
		typed = struct{ c Code }{v}
	case RecoveryCode:
		typed = struct{ c RecoveryCode }{v}
	case *Keyring:
		typed = struct{ k *Keyring }{v}
	case Keyring:
		typed = struct{ k Keyring }{v}
	}
	shown = append(shown, fmt.Sprintf("%v %+v %#v %x %d %s", typed, typed, typed, typed, typed, typed))
	return shown
}

func bytesOf(a [32]byte) []byte { return a[:] }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
