package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// memory is what a story has named.
type memory struct {
	named map[string]*value
	// code is what the app with a secret shows, so long after now.
	code func(secret string, after time.Duration) string
	// key is what a security key answers to options.
	key func(ceremony, name, options string) string
}

type value struct {
	text string
	used bool
}

var gap = regexp.MustCompile(`\{\{([^{}]+)\}\}`)

// name gives a value a name.
func (m *memory) name(name, text string, used bool) {
	if m.named == nil {
		m.named = map[string]*value{}
	}
	m.named[name] = &value{text, used}
}

// unused lists the names that were given and never used.
func (m *memory) unused() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m.named)) {
		if !m.named[name].used {
			names = append(names, name)
		}
	}
	return names
}

var codeName = regexp.MustCompile(`^code (.+?)(?: ([+-]\S+))?$`)

// fill puts values in the place of names.
func (m *memory) fill(text string) (string, error) {
	var unknown error
	filled := gap.ReplaceAllStringFunc(text, func(found string) string {
		if words := keyName.FindStringSubmatch(found); words != nil && m.named[words[3]] != nil {
			m.named[words[3]].used = true
			return m.key(words[1], words[2], m.named[words[3]].text)
		}
		name, code, after := gap.FindStringSubmatch(found)[1], false, time.Duration(0)
		if words := codeName.FindStringSubmatch(name); words != nil {
			name, code = words[1], true
			if words[2] != "" {
				after, unknown = time.ParseDuration(words[2])
			}
		}
		known := m.named[name]
		switch {
		case known == nil:
			unknown = fmt.Errorf("nothing is called {{%s}} yet", name)
			return ""
		case code:
			known.used = true
			return m.code(known.text, after)
		}
		known.used = true
		return known.text
	})
	return filled, unknown
}

// pattern makes a regular expression of a text with names in it. Those that have no value yet are its groups.
func (m *memory) pattern(text, unknown string) (*regexp.Regexp, []string) {
	var expression strings.Builder
	var names []string
	rest := 0
	for _, at := range gap.FindAllStringSubmatchIndex(text, -1) {
		expression.WriteString(regexp.QuoteMeta(text[rest:at[0]]))
		name := text[at[2]:at[3]]
		if known := m.named[name]; known != nil {
			known.used = true
			expression.WriteString(regexp.QuoteMeta(known.text))
		} else {
			names = append(names, name)
			expression.WriteString(unknown)
		}
		rest = at[1]
	}
	expression.WriteString(regexp.QuoteMeta(text[rest:]))
	return regexp.MustCompile(`(?s)` + expression.String()), names
}

func (m *memory) learn(names, values []string) {
	for i, name := range names {
		m.name(name, values[i], false)
	}
}

// finds tells whether a line stands in a text, wherever the lines of the text break; and learns the names in it.
func (m *memory) finds(line, text string) bool {
	expression, names := m.pattern(strings.Join(strings.Fields(line), " "), `([\w-]+)`)
	found := expression.FindStringSubmatch(strings.Join(strings.Fields(text), " "))
	if found == nil {
		return false
	}
	m.learn(names, found[1:])
	return true
}

// is tells whether a text is the one that was told; and learns the names in it.
func (m *memory) is(told, text string) bool {
	expression, names := m.pattern(told, `(.+)`)
	found := expression.FindStringSubmatch(text)
	if found == nil || found[0] != text {
		return false
	}
	m.learn(names, found[1:])
	return true
}

// compare tells, line by line, where an answer is another than the one that was told.
func (m *memory) compare(told string, answer any) []string {
	var want any
	decoder := json.NewDecoder(strings.NewReader(told))
	decoder.UseNumber()
	if err := decoder.Decode(&want); err != nil {
		return []string{fmt.Sprintf("what is told isn't JSON: %v", err)}
	}
	if decoder.More() {
		return []string{"more than one JSON value is told"}
	}
	return m.differences("", want, answer)
}

func (m *memory) differences(path string, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			return m.differentFields(path, want, got)
		}
	case []any:
		if got, ok := got.([]any); ok {
			return m.differentItems(path, want, got)
		}
	case string:
		if want == "*" && got != nil {
			return nil
		}
		if text, ok := text(got); ok && m.is(want, text) {
			return nil
		}
	default:
		if want == got {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s: told %s, heard %s", strings.TrimPrefix(path, "."), show(want), show(got))}
}

// text is a string, a number or an object, which a name can stand for too.
func text(got any) (string, bool) {
	switch got := got.(type) {
	case string:
		return got, true
	case json.Number:
		return got.String(), true
	case map[string]any: // options of a security key
		return show(got), true
	}
	return "", false
}

func (m *memory) differentFields(path string, want, got map[string]any) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		value, there := got[key]
		if !there {
			all = append(all, fmt.Sprintf("%s.%s: told, and not heard", path, key))
			continue
		}
		all = append(all, m.differences(path+"."+key, want[key], value)...)
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, there := want[key]; !there {
			all = append(all, fmt.Sprintf("%s.%s: heard %s, and not told", path, key, show(got[key])))
		}
	}
	return all
}

func (m *memory) differentItems(path string, want, got []any) []string {
	var all []string
	for i := range min(len(want), len(got)) {
		all = append(all, m.differences(fmt.Sprintf("%s.%d", path, i), want[i], got[i])...)
	}
	if len(want) != len(got) {
		all = append(all, fmt.Sprintf("%s: %d told, %d heard", path, len(want), len(got)))
	}
	return all
}

func show(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
