package secret

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// sealVersion starts every sealed value:
//
//	version (1 byte) · length of key id (1 byte) · key id · nonce (12) · ciphertext · tag (16)
const sealVersion = 1

// ErrSealed says that a value does not open: it was damaged, it is of other
// associated data, or its key is not in the keyring.
var ErrSealed = errors.New("the sealed value does not open")

// Seal encrypts and authenticates plaintext with AES-256-GCM under the newest
// key and a random nonce. associatedData is not hidden and not stored: it says
// where the value belongs (table, column, row id), and Open needs the same, so
// that a sealed value moved to another row opens nowhere. A key is good for
// four billion values (NIST SP 800-38D §8.3).
func (k *Keyring) Seal(plaintext, associatedData []byte) []byte {
	newest := k.newest()
	return newest.aead.Seal(SealPrefix(newest.id), nil, plaintext, associatedData)
}

// Open answers the plaintext of a sealed value. It fails with ErrSealed where
// anything but exactly what Seal wrote under the same associated data is given.
func (k *Keyring) Open(sealed, associatedData []byte) ([]byte, error) {
	id, body, ok := splitSealed(sealed)
	if !ok {
		return nil, ErrSealed
	}
	for _, key := range k.reveal() {
		if key.id != id {
			continue
		}
		plaintext, err := key.aead.Open(nil, nil, body, associatedData)
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", id, ErrSealed)
		}
		return plaintext, nil
	}
	if !keyID.MatchString(id) {
		return nil, ErrSealed
	}
	return nil, fmt.Errorf("key %s is not in the keyring: %w", id, ErrSealed)
}

// SealedUnder answers the id of the key that a value was sealed under, whether
// or not it is in a keyring; false for what isn't sealed at all.
func SealedUnder(sealed []byte) (id string, ok bool) {
	id, _, ok = splitSealed(sealed)
	return id, ok && keyID.MatchString(id)
}

// SealPrefix is what every value begins with that was sealed under that key, and
// no other: by it a database tells them apart.
func SealPrefix(id string) []byte {
	return append([]byte{sealVersion, byte(len(id))}, id...)
}

func (k *Keyring) newest() key { return k.reveal()[0] }

func splitSealed(sealed []byte) (id string, body []byte, ok bool) {
	if len(sealed) < 2 || sealed[0] != sealVersion {
		return "", nil, false
	}
	size, rest := int(sealed[1]), sealed[2:]
	if size > len(rest) {
		return "", nil, false
	}
	return string(rest[:size]), rest[size:], true
}

// MAC answers a keyed hash of data: 32 bytes of HMAC-SHA256 under a key that
// HKDF (RFC 5869) derives from the newest key for this purpose alone. The
// parts of data are told apart: ("ab", "c") is not ("a", "bc").
func (k *Keyring) MAC(purpose string, data ...[]byte) []byte {
	return k.newest().mac(purpose, data)
}

// MACs answers the MAC under every key, the newest first: what a stored MAC of
// data may be while keys rotate.
func (k *Keyring) MACs(purpose string, data ...[]byte) [][]byte {
	macs := make([][]byte, len(k.reveal()))
	for i, key := range k.reveal() {
		macs[i] = key.mac(purpose, data)
	}
	return macs
}

// VerifyMAC tells in constant time whether mac is the MAC of data for this
// purpose under any of the keys.
func (k *Keyring) VerifyMAC(purpose string, mac []byte, data ...[]byte) bool {
	match := false
	for _, candidate := range k.MACs(purpose, data...) {
		match = hmac.Equal(candidate, mac) || match
	}
	return match
}

func (k key) mac(purpose string, data [][]byte) []byte {
	subkey, err := hkdf.Expand(sha256.New, k.prk, "mac "+purpose, sha256.Size)
	if err != nil {
		// Expand fails for sizes past 255 hashes only; ours is one.
		panic("derive MAC key: " + err.Error())
	}
	h := hmac.New(sha256.New, subkey)
	for _, part := range data {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	return h.Sum(nil)
}
