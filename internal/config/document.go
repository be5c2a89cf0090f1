package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maximumFileBytes bounds a portal file: 64 kB, twenty times the longest.
const maximumFileBytes = 64 << 10

// document is one portal file while it is read: its faults, and the line of every key.
type document struct {
	name   string
	lines  map[string]int // by path of keys
	faulty map[string]bool
	faults *faults
}

func newDocument(name string, found *faults) *document {
	return &document{name: name, lines: map[string]int{"": 1}, faulty: map[string]bool{}, faults: found}
}

// fault tells a fault at a key's line, or at that of the nearest key around it that is there.
func (d *document) fault(path, format string, args ...any) {
	d.faulty[path] = true
	d.faults.add(Fault{File: d.name, Line: d.line(path), Setting: path, Text: fmt.Sprintf(format, args...)})
}

// isFaulty tells whether a key, or the section that it is in, has a fault already; more about it would be noise.
func (d *document) isFaulty(path string) bool {
	section, _, _ := strings.Cut(path, ".")
	return d.faulty[path] || d.faulty[section]
}

func (d *document) line(path string) int {
	for {
		if line, there := d.lines[path]; there {
			return line
		}
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
}

// open reads the file as far as its outermost keys.
func (d *document) open(folder fs.FS) (place, bool) {
	text, err := read(folder, d.name)
	if err != nil {
		d.fault("", "%s", err.Error())
		return place{}, false
	}
	root, ok := d.parse(text)
	return place{document: d, node: root}, ok
}

func read(folder fs.FS, name string) ([]byte, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("can't be read: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, maximumFileBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("can't be read: %w", err)
	case len(text) > maximumFileBytes:
		return nil, errors.New("the file is too long; allowed: 64 kB")
	}
	return text, nil
}

// parse accepts one YAML document that is a mapping and is written out: no anchors and aliases, which can make a short
// file endless, and no tags, which can make a value something else than it looks.
func (d *document) parse(text []byte) (*yaml.Node, bool) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err != nil {
		d.unparsable(err)
		return nil, false
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		d.lines[""] = max(second.Line, 1)
		d.fault("", "a second YAML document begins; allowed: one portal in a file")
		return nil, false
	}
	if len(first.Content) == 0 {
		d.unparsable(io.EOF)
		return nil, false
	}
	root := first.Content[0]
	if !d.plain(root) {
		return nil, false
	}
	if root.Kind != yaml.MappingNode {
		d.fault("", "the file is %s; allowed: keys and values", describe(root))
		return nil, false
	}
	return root, true
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

func (d *document) unparsable(err error) {
	if errors.Is(err, io.EOF) {
		d.fault("", "the file is empty")
		return
	}
	text := err.Error()
	if match := yamlLine.FindStringSubmatch(text); match != nil {
		d.lines[""], _ = strconv.Atoi(match[1])
		text = text[len(match[0]):]
	}
	d.fault("", "this is no YAML: %s", strings.TrimPrefix(text, "yaml: "))
}

func (d *document) plain(node *yaml.Node) bool {
	what := ""
	switch {
	case node.Kind == yaml.AliasNode:
		what = "an alias (*" + node.Value + ")"
	case node.Anchor != "":
		what = "an anchor (&" + node.Anchor + ")"
	case node.Style&yaml.TaggedStyle != 0:
		what = "a tag (" + node.Tag + ")"
	}
	if what != "" {
		d.faults.add(Fault{File: d.name, Line: node.Line, Text: what + " in a portal file; allowed: values written out"})
	}
	plain := what == ""
	for _, child := range node.Content {
		plain = d.plain(child) && plain
	}
	return plain
}

// describe shows a value as its author would know it.
func describe(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return "a section"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.ShortTag() == "!!null":
		return "empty"
	case node.ShortTag() == "!!str":
		return strconv.Quote(shorten(node.Value))
	}
	return shorten(node.Value)
}

// printable keeps a name on one line.
func printable(name string) string {
	if quoted := strconv.Quote(shorten(name)); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

func shorten(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
