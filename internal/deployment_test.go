package internal_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/schema"
	"go.yaml.in/yaml/v3"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/portals"
)

func TestTheComposeFileFitsTheSpecification(t *testing.T) {
	t.Parallel()
	var whole map[string]any
	if err := yaml.Unmarshal(read(t, "docker-compose.yml"), &whole); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(whole); err != nil {
		t.Error(err)
	}
}

func TestEverySettingOfTheContainersIsInTheExample(t *testing.T) {
	t.Parallel()
	setting := regexp.MustCompile(`\bSLEUTELBOS_[A-Z_]*[A-Z]\b`)
	example := setting.FindAllString(string(read(t, ".env.example")), -1)
	for _, file := range []string{"docker-compose.yml", "Dockerfile"} {
		for _, name := range setting.FindAllString(string(read(t, file)), -1) {
			if !slices.Contains(example, name) {
				t.Errorf("%s names %s, which .env.example doesn't explain", file, name)
			}
		}
	}
}

func TestTheContainersHaveASecretForEveryProvider(t *testing.T) {
	t.Parallel()
	all, err := config.LoadPortals(portals.Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, portal := range all {
		for _, provider := range portal.Providers {
			name := config.ClientSecretSetting(portal.Slug, provider.Name)
			if provider.OIDC != nil && !strings.Contains(string(read(t, "docker-compose.yml")), "    "+name+": ${"+name+":-none yet}\n") {
				t.Errorf("docker-compose.yml doesn't start: it lacks %s, of %s/%s", name, portal.Slug, provider.Name)
			}
		}
	}
}

func TestOnlyTheProxyAndTheMailboxAreReachedAndOnlyFromThisMachine(t *testing.T) {
	t.Parallel()
	for name, service := range composed(t).Services {
		if len(service.Ports) > 0 && name != "proxy" && name != "mailbox" {
			t.Errorf("%s publishes %v", name, service.Ports)
		}
		for _, port := range service.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s publishes %s beyond this machine", name, port)
			}
		}
	}
}

func TestEveryImageIsPinned(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$`)
	for name, service := range composed(t).Services {
		if service.Build == nil && !pinned.MatchString(service.Image) {
			t.Errorf("%s runs %s: name a version, so that it is the same tomorrow", name, service.Image)
		}
	}
}

func TestTheImageIsBuiltWithTheGoOfTheModule(t *testing.T) {
	t.Parallel()
	wanted := first(t, `(?m)^go (\S+)$`, "go.mod")
	if got := first(t, `(?m)^FROM golang:([\d.]+)`, "Dockerfile"); got != wanted {
		t.Errorf("the Dockerfile builds with Go %s, go.mod says %s", got, wanted)
	}
}

func TestWhatTheImageCopiesIsThere(t *testing.T) {
	t.Parallel()
	ignored := strings.Fields(string(read(t, ".dockerignore")))
	copied := regexp.MustCompile(`(?m)^COPY ([^-].*) \S+$`).FindAllStringSubmatch(string(read(t, "Dockerfile")), -1)
	if len(copied) == 0 {
		t.Fatal("the Dockerfile copies nothing")
	}
	for _, line := range copied {
		for _, name := range strings.Fields(line[1]) {
			if _, err := os.Stat(filepath.Join(root, name)); err != nil || slices.Contains(ignored, name) {
				t.Errorf("the Dockerfile copies %s, which isn't there to copy", name)
			}
		}
	}
}

func TestTheImagesBinaryNeedsNothingBesidesItself(t *testing.T) {
	t.Parallel()
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("skipped: it builds the whole service, as Linux runs it")
	}
	build := first(t, `(?m)^RUN (CGO_ENABLED=0 go build .*)$`, "Dockerfile")
	binary := filepath.Join(t.TempDir(), "sleutelbos")
	shell := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(build, "/sleutelbos", binary, 1))
	shell.Dir = root
	if said, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", build, err, said)
	}
	file, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary has a %s part: it needs a loader and libraries, and the image has neither", part.Type)
		}
	}
}

// A composition is what the tests read of the compose file.
type composition struct {
	Services map[string]struct {
		Build any
		Image string
		Ports []string
	}
}

func composed(t *testing.T) (all composition) {
	t.Helper()
	if err := yaml.Unmarshal(read(t, "docker-compose.yml"), &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Services) == 0 {
		t.Fatal("the compose file has no services")
	}
	return all
}

// read returns a file of the repository.
func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// first returns what the pattern's group matches first in a file.
func first(t *testing.T, pattern, name string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindSubmatch(read(t, name))
	if found == nil {
		t.Fatalf("%s has no line like %s", name, pattern)
	}
	return string(found[1])
}
