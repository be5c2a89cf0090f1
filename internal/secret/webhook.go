package secret

import (
	"encoding/base64"
	"fmt"
	"io"
)

// webhookPrefix starts the text of every webhook secret (Standard Webhooks 1.0.0).
const webhookPrefix = "whsec_"

// WebhookSecret is the key with which requests to a webhook endpoint are
// signed: 256 random bits, which its owner has too. It prints as "[redacted]".
type WebhookSecret struct{ hidden[[bits256]byte] }

// NewWebhookSecret draws a secret from random, which must be safe for secrets
// (crypto/rand.Reader).
func NewWebhookSecret(random io.Reader) (WebhookSecret, error) {
	value, err := draw256(random)
	if err != nil {
		return WebhookSecret{}, fmt.Errorf("draw webhook secret: %w", err)
	}
	return WebhookSecret{hide(value)}, nil
}

// Reveal answers the text to show to the endpoint's owner once: whsec_ and 44
// characters of base64. The zero WebhookSecret reveals nothing.
func (s WebhookSecret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	value := s.reveal()
	return webhookPrefix + base64.StdEncoding.EncodeToString(value[:])
}

// SealWebhook seals the secret to the endpoint's id.
func (k *Keyring) SealWebhook(s WebhookSecret, endpoint string) []byte {
	value := s.reveal()
	return k.Seal(value[:], webhookData(endpoint))
}

// OpenWebhook answers what SealWebhook sealed, or fails with ErrSealed.
func (k *Keyring) OpenWebhook(sealed []byte, endpoint string) (WebhookSecret, error) {
	value, err := k.Open(sealed, webhookData(endpoint))
	if err != nil || len(value) != bits256 {
		return WebhookSecret{}, fmt.Errorf("open webhook secret: %w", err)
	}
	return WebhookSecret{hide([bits256]byte(value))}, nil
}

func webhookData(endpoint string) []byte { return []byte("webhook secret of " + endpoint) }

// Key answers the 32 bytes that sign.
func (s WebhookSecret) Key() []byte {
	value := s.reveal()
	return value[:]
}
