package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const masterSize = 32 // bytes

var keyID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

// Keyring is the server's keys, the newest first: the newest seals and hashes,
// all of them open and verify. It is safe for concurrent use and prints as
// "[redacted]".
type Keyring struct{ hidden[[]key] }

// key is one master key, in the form its uses need. The master key itself is
// not kept.
type key struct {
	id   string
	aead cipher.AEAD // AES-256-GCM; draws its own nonces
	prk  []byte      // HKDF pseudorandom key, from which MAC keys are expanded

	cursors cipher.AEAD // XChaCha20-Poly1305
}

// ParseKeyring reads "id:base64,id:base64", the newest first: an id is 1 to 32
// letters, digits, dots, dashes and underscores; a key is 32 bytes in base64
// with padding, as «openssl rand -base64 32» prints it. White space around
// entries is ignored. All faults are told at once, by the number of the entry,
// and never with anything of it.
func ParseKeyring(s string) (*Keyring, error) {
	var keys []key
	ids, masters := map[string]bool{}, map[string]bool{}
	var faults []error
	for i, entry := range strings.Split(s, ",") {
		id, master, err := parseKey(strings.TrimSpace(entry))
		switch {
		case err != nil:
		case ids[id]:
			err = errors.New("its id is that of another")
		case masters[string(master)]:
			err = errors.New("it is the same key as another")
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("secret key %d: %w", i+1, err))
			continue
		}
		ids[id], masters[string(master)] = true, true
		made, err := newKey(id, master)
		if err != nil {
			return nil, fmt.Errorf("secret key %d: %w", i+1, err)
		}
		keys = append(keys, made)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &Keyring{hide(keys)}, nil
}

// IDs are the names of the keys, the newest first. They are no secret.
func (k *Keyring) IDs() []string {
	var ids []string
	for _, key := range k.reveal() {
		ids = append(ids, key.id)
	}
	return ids
}

func parseKey(entry string) (id string, master []byte, err error) {
	if entry == "" {
		return "", nil, errors.New("it is empty; expected id:base64")
	}
	id, text, found := strings.Cut(entry, ":")
	if !found || !keyID.MatchString(id) {
		return "", nil, errors.New("expected id:base64, with an id of 1 to 32 letters, digits, dots, dashes or underscores")
	}
	master, err = base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		// The decoder's error is left out: it points into the key.
		return "", nil, errors.New("what follows the id is not base64 with padding")
	}
	if len(master) != masterSize {
		return "", nil, fmt.Errorf("it has %d bytes, expected %d", len(master), masterSize)
	}
	return id, master, nil
}

// newKey derives one key for sealing, one for cursors and those for MACs, so that
// no use can tell anything about another (NIST SP 800-108: one key, one purpose).
func newKey(id string, master []byte) (key, error) {
	prk, err := hkdf.Extract(sha256.New, master, []byte("sleutelbos keyring"))
	if err != nil {
		return key{}, fmt.Errorf("extract: %w", err)
	}
	sealing, err := hkdf.Expand(sha256.New, prk, "seal", masterSize)
	if err != nil {
		return key{}, fmt.Errorf("derive sealing key: %w", err)
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return key{}, fmt.Errorf("sealing key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return key{}, fmt.Errorf("sealing key: %w", err)
	}
	cursors, err := newCursorAEAD(prk)
	if err != nil {
		return key{}, err
	}
	return key{id: id, aead: aead, prk: prk, cursors: cursors}, nil
}
