package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// hidden makes the type that embeds it print as "[redacted]" everywhere.
//
// A type that embeds it also keeps its value behind a pointer: fmt cannot call
// methods on an unexported field of somebody else's struct, and prints an
// address there instead of the value.
type hidden struct{}

// String answers "[redacted]".
func (hidden) String() string { return redacted }

// Format prints "[redacted]" for every verb, %x and %#v included.
func (hidden) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue logs "[redacted]".
func (hidden) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText answers "[redacted]", which is also what JSON, XML and map keys show.
func (hidden) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON answers "[redacted]".
func (hidden) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
