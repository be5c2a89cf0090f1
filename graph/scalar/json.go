package scalar

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/99designs/gqlgen/graphql"
)

// What is taken for a JSON at all: far more than a browser makes of a credential.
const (
	longestJSON = 16 << 10
	deepestJSON = 6
)

var errJSON = fmt.Errorf("a JSON is an object of at most %d bytes that nests at most %d deep", longestJSON, deepestJSON)

// MarshalJSON writes JSON as it is; nothing is null.
func MarshalJSON(text json.RawMessage) graphql.Marshaler {
	if len(text) == 0 {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(text) })
}

// UnmarshalJSON reads an object. It is measured before anything is done with it: whoever decodes it further has a small
// one before them.
func UnmarshalJSON(value any) (json.RawMessage, error) {
	if _, object := value.(map[string]any); !object || measure(value, deepestJSON) > longestJSON {
		return nil, errJSON
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, errors.New("a JSON is made of objects, lists, strings, numbers, true, false and null")
	}
	return text, nil
}

// measure is about how long a value is as text; more than the longest where it nests deeper than it may.
func measure(value any, deepest int) int {
	if deepest < 0 {
		return longestJSON + 1
	}
	size := 1
	switch value := value.(type) {
	case string:
		size += len(value)
	case json.Number:
		size += len(value)
	case []any:
		for _, item := range value {
			size += measure(item, deepest-1)
		}
	case map[string]any:
		for name, item := range value {
			size += len(name) + measure(item, deepest-1)
		}
	}
	return size
}
