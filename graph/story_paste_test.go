package graph_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// said is an answer as stories tell it: the data; or errors, each with its code and path and whatever its extensions say
// besides, and the data where there is some all the same.
func said(answer rig.Answer, messages bool) any {
	if len(answer.Errors) == 0 {
		return any(answer.Data)
	}
	told := map[string]any{"errors": errorsOf(answer, messages)}
	if answer.Data != nil {
		told["data"] = answer.Data
	}
	return told
}

func errorsOf(answer rig.Answer, messages bool) []any {
	all := make([]any, len(answer.Errors))
	for i, err := range answer.Errors {
		one := maps.Clone(err.Extensions)
		delete(one, "requestId") // another each time
		if err.Path != nil {
			one["path"] = err.Path
		}
		if messages {
			one["message"] = err.Message
		}
		all[i] = one
	}
	slices.SortStableFunc(all, func(a, b any) int { return strings.Compare(show(a), show(b)) }) // fields fail in any order
	return all
}

// paste writes an answer the way stories do, with the names of what has one.
func (s *story) paste(answer rig.Answer) string {
	var raw struct{ Data json.RawMessage }
	if err := json.Unmarshal([]byte(answer.Text), &raw); err != nil {
		return answer.Text
	}
	text := raw.Data
	if len(answer.Errors) > 0 {
		errors, _ := json.Marshal(errorsOf(answer, false))
		text = []byte(`{"errors": ` + string(errors))
		if answer.Data != nil {
			text = append(append(text, `, "data": `...), raw.Data...)
		}
		text = append(text, '}')
	}
	pasted := layOut(text, "")
	names := slices.SortedFunc(maps.Keys(s.memory.named), func(a, b string) int { return len(b) - len(a) })
	for _, name := range names {
		if value := s.memory.named[name].text; len(value) >= 8 {
			pasted = strings.ReplaceAll(pasted, `"`+value+`"`, `"{{`+name+`}}"`)
		}
	}
	return pasted
}

const width = 118

// layOut writes a JSON value on one line where it fits on one, and else each part of it on its own.
func layOut(raw json.RawMessage, indent string) string {
	flat := flatten(raw)
	parts, open, closed := parts(raw)
	if len(indent)+len(flat) <= width || parts == nil {
		return flat
	}
	deeper := indent + "  "
	lines := make([]string, len(parts))
	for i, part := range parts {
		lines[i] = deeper + part.key + layOut(part.value, deeper)
	}
	return open + "\n" + strings.Join(lines, ",\n") + "\n" + indent + closed
}

func flatten(raw json.RawMessage) string {
	parts, open, closed := parts(raw)
	if parts == nil {
		return string(bytes.TrimSpace(raw))
	}
	all := make([]string, len(parts))
	for i, part := range parts {
		all[i] = part.key + flatten(part.value)
	}
	return open + strings.Join(all, ", ") + closed
}

// part is a field of an object, its key as it is written, or an item of an array, which has none.
type part struct {
	key   string
	value json.RawMessage
}

// parts takes an object or an array apart, in its own order; nil for what has no parts.
func parts(raw json.RawMessage) (all []part, open, closed string) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	token, err := decoder.Token()
	delimiter, ok := token.(json.Delim)
	if err != nil || !ok {
		return nil, "", ""
	}
	for decoder.More() {
		one := part{}
		if delimiter == '{' {
			key, err := decoder.Token()
			if err != nil {
				return nil, "", ""
			}
			one.key = show(key) + ": "
		}
		if err := decoder.Decode(&one.value); err != nil {
			return nil, "", ""
		}
		all = append(all, one)
	}
	if delimiter == '{' {
		return all, "{", "}"
	}
	return all, "[", "]"
}
