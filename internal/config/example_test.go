package config_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/config"
)

// documented is a paragraph of .env.example.
type documented struct{ name, meaning, preset, example string }

var paragraph = regexp.MustCompile(`(?m)^((?:# .*\n)+)# Default: (.+)\n# Example: (.+)\n#(SLEUTELBOS_\w+)=$`)

func readExample(t *testing.T) (all []documented) {
	t.Helper()
	text, err := os.ReadFile("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range paragraph.FindAllStringSubmatch(string(text), -1) {
		all = append(all, documented{match[4], match[1], match[2], match[3]})
	}
	if named := strings.Count(string(text), "\n#SLEUTELBOS_"); named != len(all) {
		t.Errorf("%d settings, %d with meaning, default and example", named, len(all))
	}
	return all
}

func TestTheExampleDocumentsEverySettingAndNoOther(t *testing.T) {
	t.Parallel()
	var names []string
	for _, setting := range readExample(t) {
		names = append(names, setting.name)
	}
	if diff := cmp.Diff(config.Settings(), names); diff != "" {
		t.Errorf("-in the code +in .env.example\n%s", diff)
	}
}

func TestTheExampleStatesTheDefaultsOfSettings(t *testing.T) {
	t.Parallel()
	presets := map[string]string{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[config.Config]()) {
		presets[field.Tag.Get("env")] = field.Tag.Get("envDefault")
	}
	for _, setting := range readExample(t) {
		preset, stated := presets[setting.name], setting.preset
		if preset != "" && stated != preset {
			t.Errorf("%s: the default is %s, .env.example says %s", setting.name, preset, stated)
		}
		if preset == "" && !strings.HasPrefix(stated, "none") && !strings.HasPrefix(stated, "the value of") {
			t.Errorf("%s has no default, .env.example says %s", setting.name, stated)
		}
	}
}

func TestTheExamplesExamplesAreAccepted(t *testing.T) {
	t.Parallel()
	var environ []string
	for _, setting := range readExample(t) {
		// A key that can be copied would be copied, and there is no file.
		if !strings.HasPrefix(setting.name, config.SecretKeys) && !strings.HasSuffix(setting.name, "_FILE") {
			environ = append(environ, setting.name+"="+setting.example)
		}
	}
	if _, err := config.Load(environ); err != nil {
		t.Error(err)
	}
}
