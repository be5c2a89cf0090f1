package config

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that others must not see: a key, a password. It prints as dots. The text stands behind a pointer, so
// that not even fmt's way around methods (an unexported field of somebody else's struct) shows it.
type Secret struct{ whole *string }

// UnmarshalText keeps the text as it is.
func (s *Secret) UnmarshalText(text []byte) error {
	whole := string(text)
	s.whole = &whole
	return nil
}

// IsSet tells whether there is one.
func (s Secret) IsSet() bool { return s.whole != nil }

// Reveal is the text; "" where it isn't set.
func (s Secret) Reveal() string {
	if s.whole == nil {
		return ""
	}
	return *s.whole
}

// String is dots, or nothing where there is nothing.
func (s Secret) String() string {
	if s.whole == nil {
		return ""
	}
	return "•••"
}

// Format prints String for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue logs String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String; so is JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
