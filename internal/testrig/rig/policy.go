package rig

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Policies are changes of portal files by slug, in the words of portal files; each replaces the keys that it has.
type Policies map[string]yaml.Node

// WithPolicies starts the server with portal files that were changed so.
func WithPolicies(t testing.TB, changes Policies) Option {
	return func(s *settings) { s.portals = portals(t, changes) }
}

// portals reads the project's own portal files.
func portals(t testing.TB, changes Policies) []identity.Portal {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	folder := filepath.Join(filepath.Dir(here), "..", "..", "..", "portals")
	files := fstest.MapFS{}
	names, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	left := maps.Clone(changes)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		slug := filepath.Base(name[:len(name)-len(".yaml")])
		if change, ok := changes[slug]; ok {
			text = changed(t, text, change)
			delete(left, slug)
		}
		files[filepath.Base(name)] = &fstest.MapFile{Data: text}
	}
	if len(left) > 0 {
		t.Fatalf("no portal files for the policies %v", left)
	}
	all, err := config.LoadPortals(files)
	if err != nil {
		t.Fatalf("read portal files: %v", err)
	}
	return all
}

func changed(t testing.TB, text []byte, change yaml.Node) []byte {
	t.Helper()
	var file yaml.Node
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	merge(file.Content[0], &change)
	merged, err := yaml.Marshal(&file)
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

// merge puts the keys of one mapping into another.
func merge(into, from *yaml.Node) {
	for i := 0; i+1 < len(from.Content); i += 2 {
		key, value := from.Content[i], from.Content[i+1]
		if at := indexOf(into, key.Value); at < 0 {
			into.Content = append(into.Content, key, value)
		} else if value.Kind == yaml.MappingNode && into.Content[at].Kind == yaml.MappingNode {
			merge(into.Content[at], value)
		} else {
			into.Content[at] = value
		}
	}
}

func indexOf(mapping *yaml.Node, key string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i + 1
		}
	}
	return -1
}
