package secret

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// newCursorAEAD derives the key that hides cursors. They are made by the thousand every second, more than a key of AES-GCM is
// good for, so they have a cipher of their own whose nonces don't run out.
func newCursorAEAD(prk []byte) (cipher.AEAD, error) {
	derived, err := hkdf.Expand(sha256.New, prk, "cursor", chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("derive cursor key: %w", err)
	}
	aead, err := chacha20poly1305.NewX(derived)
	if err != nil {
		return nil, fmt.Errorf("cursor key: %w", err)
	}
	return aead, nil
}

// SealCursor hides a place in a list with XChaCha20-Poly1305 under the newest key: nonce (24 bytes) · ciphertext · tag (16).
// The nonce is a MAC of list and place, so that a place has one cursor for as long as the key stays, and two places never
// share a nonce. The list isn't hidden and not stored: OpenCursor needs the same.
func (k *Keyring) SealCursor(place, list []byte) []byte {
	newest := k.newest()
	nonce := newest.mac("cursor nonce", [][]byte{list, place})[:chacha20poly1305.NonceSizeX:chacha20poly1305.NonceSizeX]
	return newest.cursors.Seal(nonce, nonce, place, list)
}

// OpenCursor answers the place that a cursor of that list stands for. It fails with ErrSealed for a cursor of another list, one
// that was tampered with, and one whose key has left the keyring.
func (k *Keyring) OpenCursor(cursor, list []byte) ([]byte, error) {
	if len(cursor) < chacha20poly1305.NonceSizeX {
		return nil, ErrSealed
	}
	nonce, body := cursor[:chacha20poly1305.NonceSizeX], cursor[chacha20poly1305.NonceSizeX:]
	for _, key := range k.reveal() {
		if place, err := key.cursors.Open(nil, nonce, body, list); err == nil {
			return place, nil
		}
	}
	return nil, ErrSealed
}
