package graph_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// In a story {{create blue from options}} is what the security key named blue answers to the options of an enrolment that
// were heard, and {{get blue from options}} what it answers to those of a proof. A key is made when it is first named; it
// counts from 1.
var keyName = regexp.MustCompile(`^\{\{(create|get) (\w+) from (.+)\}\}$`)

// bunch are the security keys of a story by their names.
type bunch map[string]*rig.Key

func (s *story) key(ceremony, name, options string) string {
	key := s.keys[name]
	if key == nil {
		key = s.Key(s.portal)
		key.Credential.Counter = 1
		if s.keys == nil {
			s.keys = bunch{}
		}
		s.keys[name] = key
	}
	if ceremony == "create" {
		return inDocument(key.Create(options))
	}
	return inDocument(key.Get(options))
}

// inDocument writes a value as GraphQL does: names are bare.
func inDocument(value any) string {
	switch value := value.(type) {
	case map[string]any:
		fields := make([]string, 0, len(value))
		for _, name := range slices.Sorted(maps.Keys(value)) {
			fields = append(fields, name+": "+inDocument(value[name]))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case []any:
		items := make([]string, len(value))
		for i, item := range value {
			items[i] = inDocument(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	text, _ := json.Marshal(value)
	return string(text)
}
