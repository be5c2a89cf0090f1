package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"io"
)

// AuditKey is 256 random bits under which the audit log seals what it tells of
// one user in one month. Whoever destroys it has that forgotten, wherever the
// sealed values are. It prints as "[redacted]".
type AuditKey struct{ hidden[[bits256]byte] }

// NewAuditKey draws a key from random, which must be safe for secrets.
func NewAuditKey(random io.Reader) (AuditKey, error) {
	value, err := draw256(random)
	if err != nil {
		return AuditKey{}, fmt.Errorf("draw audit key: %w", err)
	}
	return AuditKey{hide(value)}, nil
}

// NewSalt draws 256 random bits, in hexadecimal. They aren't secret by
// themselves: what is hashed with them can't be guessed from its hash without.
func NewSalt(random io.Reader) (string, error) {
	value, err := draw256(random)
	if err != nil {
		return "", fmt.Errorf("draw salt: %w", err)
	}
	return hex.EncodeToString(value[:]), nil
}

// SealAuditKey seals the key of that id, to be kept.
func (k *Keyring) SealAuditKey(key AuditKey, id string) []byte {
	value := key.reveal()
	return k.Seal(value[:], auditKeySeal(id))
}

// OpenAuditKey opens what SealAuditKey sealed for that id; else it fails with
// ErrSealed.
func (k *Keyring) OpenAuditKey(sealed []byte, id string) (AuditKey, error) {
	value, err := k.Open(sealed, auditKeySeal(id))
	if err != nil {
		return AuditKey{}, err
	}
	if len(value) != bits256 {
		return AuditKey{}, ErrSealed
	}
	return AuditKey{hide([bits256]byte(value))}, nil
}

func auditKeySeal(id string) []byte { return []byte("audit key " + id) }

// Seal encrypts and authenticates with AES-256-GCM and a random nonce, which
// comes first. As with a Keyring, associatedData says where the value belongs.
func (k AuditKey) Seal(plaintext, associatedData []byte) []byte {
	return k.aead().Seal(nil, nil, plaintext, associatedData)
}

// Open answers what Seal sealed under the same key and associated data; else it
// fails with ErrSealed.
func (k AuditKey) Open(sealed, associatedData []byte) ([]byte, error) {
	plaintext, err := k.aead().Open(nil, nil, sealed, associatedData)
	if err != nil {
		return nil, ErrSealed
	}
	return plaintext, nil
}

func (k AuditKey) aead() cipher.AEAD {
	value := k.reveal()
	block, err := aes.NewCipher(value[:])
	if err != nil {
		// Keys of 32 bytes are AES-256; ours have no other size.
		panic("audit key: " + err.Error())
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("audit key: " + err.Error()) // AES has the block size of GCM
	}
	return aead
}
