package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader makes a value of what is written, or tells what is wrong and what is allowed.
type reader[T any] struct {
	// allowed completes "allowed: …".
	allowed string
	from    func(place) (T, bool)
}

// scalar reads a single value of the YAML type that it should have; several types go with "|" between.
func scalar[T any](types, allowed string, parse func(text string) (T, bool)) reader[T] {
	return reader[T]{allowed, func(at place) (value T, ok bool) {
		if at.node.Kind == yaml.ScalarNode && slices.Contains(strings.Split(types, "|"), at.node.ShortTag()) {
			value, ok = parse(at.node.Value)
		}
		if !ok {
			at.wrong("is %s; allowed: %s", describe(at.node), allowed)
		}
		return value, ok
	}}
}

// listOf reads one or more different values.
func listOf[T comparable](element reader[T]) reader[[]T] {
	allowed := "a list of " + element.allowed
	return reader[[]T]{allowed, func(at place) ([]T, bool) {
		if at.node.Kind != yaml.SequenceNode || len(at.node.Content) == 0 {
			what := describe(at.node)
			if at.node.Kind == yaml.SequenceNode {
				what = "empty"
			}
			at.wrong("is %s; allowed: %s", what, allowed)
			return nil, false
		}
		return elements(at, element)
	}}
}

func elements[T comparable](at place, element reader[T]) ([]T, bool) {
	var values []T
	all := true
	for i, node := range at.node.Content {
		item := place{at.document, fmt.Sprintf("%s[%d]", at.path, i), node}
		at.lines[item.path] = node.Line
		value, ok := element.from(item)
		switch {
		case !ok:
			all, at.faulty[at.path] = false, true
		case slices.Contains(values, value):
			item.wrong("is %s, which is there already", describe(node))
			all = false
		}
		values = append(values, value)
	}
	return values, all
}

// pointer reads a value that can be absent.
func pointer[T any](read reader[T]) reader[*T] {
	return reader[*T]{read.allowed, func(at place) (*T, bool) {
		value, ok := read.from(at)
		return &value, ok
	}}
}

// choice is a word in a portal file and what it stands for.
type choice[T any] struct {
	word  string
	means T
}

// oneOf reads a word from a list.
func oneOf[T any](choices []choice[T]) reader[T] {
	words := make([]string, 0, len(choices))
	for _, c := range choices {
		words = append(words, c.word)
	}
	return scalar("!!str", list(words), func(text string) (means T, ok bool) {
		for _, c := range choices {
			if c.word == text {
				return c.means, true
			}
		}
		return means, false
	})
}

func list(words []string) string { return strings.Join(words, ", ") }
