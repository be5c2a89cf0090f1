package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// hidden holds a secret value and prints as "[redacted]" everywhere; secrets
// embed it.
//
// The value is inside a function: fmt calls no methods on an unexported field
// of somebody else's struct, and follows pointers there, but of a function it
// prints the address.
type hidden[T any] struct{ value func() T }

func hide[T any](value T) hidden[T] {
	return hidden[T]{value: func() T { return value }}
}

// reveal answers the value, T's zero value where there is none.
func (h hidden[T]) reveal() (value T) {
	if h.value != nil {
		value = h.value()
	}
	return value
}

// IsZero tells whether there is no secret at all.
func (h hidden[T]) IsZero() bool { return h.value == nil }

// String answers "[redacted]".
func (hidden[T]) String() string { return redacted }

// Format prints "[redacted]" for every verb, %x and %#v included.
func (hidden[T]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue logs "[redacted]".
func (hidden[T]) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText answers "[redacted]", which is also what XML and map keys show.
func (hidden[T]) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON answers "[redacted]".
func (hidden[T]) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
