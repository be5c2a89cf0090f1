// Package scalar reads and writes the schema's own scalars.
package scalar

import (
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// longestID bounds what is taken for an id at all.
const longestID = 64

// MarshalID writes an id; "" is null.
func MarshalID(id identity.ID) graphql.Marshaler {
	if id == "" {
		return graphql.Null
	}
	return graphql.MarshalString(string(id))
}

// UnmarshalID reads an id. One that is malformed leads to nothing and is told so where it is used.
func UnmarshalID(value any) (identity.ID, error) {
	text, ok := value.(string)
	if !ok || len(text) > longestID {
		return "", errors.New("an ID is a short string")
	}
	return identity.ID(text), nil
}

// MarshalEmailAddress writes an address; "" is null.
func MarshalEmailAddress(address identity.EmailAddress) graphql.Marshaler {
	if address == "" {
		return graphql.Null
	}
	return graphql.MarshalString(string(address))
}

// longestAddress bounds what is taken for an address at all.
const longestAddress = 320

// UnmarshalEmailAddress reads an address. Whether it is one is decided where it is used, so that the caller hears it as
// something to mend in that field.
func UnmarshalEmailAddress(value any) (identity.EmailAddress, error) {
	text, ok := value.(string)
	if !ok || len(text) > longestAddress {
		return "", errors.New("an EmailAddress is a short string")
	}
	return identity.EmailAddress(text), nil
}

// MarshalPhoneNumber writes a number; "" is null.
func MarshalPhoneNumber(number identity.PhoneNumber) graphql.Marshaler {
	if number == "" {
		return graphql.Null
	}
	return graphql.MarshalString(string(number))
}

// longestNumber bounds what is taken for a number at all.
const longestNumber = 64

// UnmarshalPhoneNumber reads what somebody typed for a number. Whether it is one is decided where it is used, so that the
// caller hears it as something to mend in that field.
func UnmarshalPhoneNumber(value any) (identity.PhoneNumber, error) {
	text, ok := value.(string)
	if !ok || len(text) > longestNumber {
		return "", errors.New("a PhoneNumber is a short string")
	}
	return identity.PhoneNumber(text), nil
}

// MarshalDateTime writes an instant as RFC 3339 in UTC, with microseconds where it has any.
func MarshalDateTime(at time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = w.Write(strconv.AppendQuote(nil, at.UTC().Format(time.RFC3339Nano)))
	})
}

// UnmarshalDateTime reads an instant: RFC 3339, in any zone.
func UnmarshalDateTime(value any) (time.Time, error) {
	text, ok := value.(string)
	if !ok {
		return time.Time{}, errors.New("a DateTime is a string")
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, errors.New("a DateTime looks like 2025-11-01T00:00:00Z")
	}
	return at.UTC(), nil
}

// MarshalKVKNumber writes a number of the trade register.
func MarshalKVKNumber(number identity.KVKNumber) graphql.Marshaler {
	return graphql.MarshalString(string(number))
}

// UnmarshalKVKNumber reads a number of the trade register; whether it is one is decided where it is used.
func UnmarshalKVKNumber(value any) (identity.KVKNumber, error) {
	text, ok := value.(string)
	if !ok || len(text) > longestID {
		return "", errors.New("a KvkNumber is a short string")
	}
	return identity.KVKNumber(text), nil
}

// MarshalEstablishmentNumber writes an establishment's number.
func MarshalEstablishmentNumber(number identity.EstablishmentNumber) graphql.Marshaler {
	return graphql.MarshalString(string(number))
}

// UnmarshalEstablishmentNumber reads an establishment's number; whether it is one is decided where it is used.
func UnmarshalEstablishmentNumber(value any) (identity.EstablishmentNumber, error) {
	text, ok := value.(string)
	if !ok || len(text) > longestID {
		return "", errors.New("an EstablishmentNumber is a short string")
	}
	return identity.EstablishmentNumber(text), nil
}
