package config

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// place is somewhere in a portal file: a value, or where one would be.
type place struct {
	*document
	path string     // the keys that lead here: "twoFactor.startedBy"; "" for the file itself
	node *yaml.Node // nil where nothing is written
}

func (at place) wrong(format string, args ...any) { at.fault(at.path, format, args...) }

// key is one key of a portal file, and what is done with what stands behind it.
type key struct {
	name string
	take func(place)
	keys []key // of a section
}

// required is a key that a file can't do without.
func required[T any](name string, into *T, read reader[T]) key {
	return key{name: name, take: func(at place) {
		switch {
		case at.node != nil:
			if value, ok := read.from(at); ok {
				*into = value
			}
		case !at.isFaulty(at.path):
			at.wrong("is missing; allowed: %s", read.allowed)
		}
	}}
}

// optional is a key that has a default. The default stands in for a faulty value too, so that one fault causes no other.
func optional[T any](name string, into *T, read reader[T], otherwise T) key {
	return derived(name, into, read, func() T { return otherwise })
}

// derived is a key whose default follows from keys above it.
func derived[T any](name string, into *T, read reader[T], otherwise func() T) key {
	return key{name: name, take: func(at place) {
		if at.node != nil {
			if value, ok := read.from(at); ok {
				*into = value
				return
			}
		}
		*into = otherwise()
	}}
}

// section is a key with keys of its own. One with nothing in it is as good as none.
func section(name string, keys ...key) key {
	return key{name: name, keys: keys, take: func(at place) {
		if at.node != nil && at.node.Kind != yaml.MappingNode {
			if at.node.ShortTag() != "!!null" {
				at.wrong("is %s; allowed: a section with %s", describe(at.node), list(names(keys)))
			}
			at.node = nil
		}
		at.take(keys)
	}}
}

// take reads a section: each key in the order in which it is declared, whatever the order in the file, so that a key can
// count on those above it.
func (at place) take(keys []key) {
	written := at.written(names(keys))
	for _, key := range keys {
		key.take(place{at.document, join(at.path, key.name), written[key.name]})
	}
}

// written finds what stands behind each key, and refuses keys that are unknown or there twice.
func (at place) written(known []string) map[string]*yaml.Node {
	written := map[string]*yaml.Node{}
	if at.node == nil {
		return written
	}
	for i := 0; i+1 < len(at.node.Content); i += 2 {
		name, value := at.node.Content[i], at.node.Content[i+1]
		path := join(at.path, name.Value)
		switch {
		case !slices.Contains(known, name.Value):
			at.unknownKey(name, known)
		case written[name.Value] != nil:
			at.faulty[path] = true
			at.faults.add(Fault{File: at.name, Line: name.Line, Setting: path, Text: "is there twice; allowed: once"})
		default:
			written[name.Value] = value
			at.lines[path] = name.Line
		}
	}
	return written
}

// unknownKey tells of a key that doesn't exist. The one that was meant counts as faulty, so that it isn't missed besides.
func (at place) unknownKey(name *yaml.Node, known []string) {
	typed := name.Value
	if name.Kind != yaml.ScalarNode || typed == "" {
		typed = "a key that is " + describe(name)
	}
	if near, found := nearest(typed, known); found {
		at.faulty[join(at.path, near)] = true
	}
	at.faults.add(Fault{File: at.name, Line: name.Line, Setting: join(at.path, printable(typed)), Text: unknown(typed, known)})
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func names(keys []key) []string {
	all := make([]string, 0, len(keys))
	for _, key := range keys {
		all = append(all, key.name)
	}
	return all
}
