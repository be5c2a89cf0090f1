package examples_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// receivers are how to build the receiver of docs/webhooks.md in each language, in a folder with its text, and what it is then
// run as. Each rests on the library of Standard Webhooks for that language, which isn't ours.
var receivers = map[string]func(t *testing.T, folder string) []string{
	"go": func(t *testing.T, folder string) []string {
		takeAlong(t, folder, "main.go")
		build(t, ".", "go", "build", "-o", filepath.Join(folder, "receiver"), filepath.Join(folder, "main.go"), filepath.Join(folder, "receiver.go"))
		return []string{filepath.Join(folder, "receiver")}
	},
	"js": func(t *testing.T, folder string) []string {
		needNode(t)
		build(t, ".", "../script/node-modules", "testdata/receiver")
		takeAlong(t, folder, "main.mjs", "package.json")
		modules, err := filepath.Abs("testdata/receiver/node_modules")
		if err == nil {
			err = os.Symlink(modules, filepath.Join(folder, "node_modules"))
		}
		if err != nil {
			t.Fatal(err)
		}
		return []string{"node", filepath.Join(folder, "main.mjs")}
	},
}

func TestTheReceiversInTheManualTakeRealDeliveriesAndNoOthers(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	for language, builder := range receivers {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			sample := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(manual)
			if sample == nil {
				t.Fatal("the manual has none")
			}
			folder, text := t.TempDir(), string(sample[1])
			if language == "go" {
				text = "package main\n\n" + text
			}
			if err := os.WriteFile(filepath.Join(folder, "receiver."+language), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			takesRealDeliveries(t, builder(t, folder))
		})
	}
}

func takeAlong(t *testing.T, folder string, names ...string) {
	t.Helper()
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join("testdata/receiver", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// takesRealDeliveries has an endpoint whose secret was rotated send to a receiver of either secret, and to one of another.
func takesRealDeliveries(t *testing.T, command []string) {
	clock := testrig.NewClock()
	clock.Set(time.Now().Add(-10 * time.Minute)) // receivers hold a delivery to their own clock
	h := newHook(t, rig.New(t, testrig.NewSQLite(t, clock)))
	program := open(t, append(command, h.before, h.now, "whsec_"+strings.Repeat("QUFB", 8)))
	before, now, another := program.next(t), program.next(t), program.next(t)

	h.sendTo(before)
	if h.happens("Stale"); h.last() != "PENDING 401" {
		t.Errorf("what is stale is %s", h.last())
	}
	clock.Set(time.Now()) // and it is tried again
	h.rig.Settle()
	program.expect(t, h, "organisation.created")
	h.sendTo(now)
	h.happens("Rotated")
	program.expect(t, h, "organisation.created")
	h.sendTo(another)
	if h.happens("Forged"); h.last() != "PENDING 401" {
		t.Errorf("for a receiver with another secret it is %s", h.last())
	}
}

// hook is an endpoint with the secret before the one that it has now.
type hook struct {
	rig             *rig.Rig
	partner         *rig.Browser
	id, before, now string
}

func newHook(t *testing.T, r *rig.Rig) *hook {
	t.Helper()
	h := &hook{rig: r, partner: r.Partner("interpolis", r.Token("interpolis", identity.APIScopes...))}
	made := h.partner.Do(`mutation { createWebhookEndpoint(input: {url: "https://partner.example/", actions: [ORGANISATION_CREATED]}) {
		endpoint { id } secret userErrors { code path } } }`)
	h.id, h.before = made.String("createWebhookEndpoint.endpoint.id"), made.String("createWebhookEndpoint.secret")
	rotated := h.partner.Do(`mutation ($id: ID!) { rotateWebhookSecret(input: {id: $id}) { secret userErrors { code } } }`, map[string]any{"id": h.id})
	if h.now = rotated.String("rotateWebhookSecret.secret"); h.before == "" || h.now == "" {
		t.Fatal(made.Text, rotated.Text)
	}
	return h
}

func (h *hook) sendTo(address string) {
	h.rig.T.Helper()
	changed := h.partner.Do(`mutation ($id: ID!, $url: String!) { updateWebhookEndpoint(input: {id: $id, url: $url}) { userErrors { code } } }`,
		map[string]any{"id": h.id, "url": address})
	if code := changed.Code(); code != "" {
		h.rig.T.Fatal(changed.Text)
	}
}

func (h *hook) happens(name string) {
	h.rig.T.Helper()
	made := h.partner.Do(fmt.Sprintf(`mutation { createOrganisation(input: {name: %q, mainUser: {email: "%s@partner.test", displayName: %q}}) {
		organisation { id } userErrors { code path } } }`, name, strings.ToLower(name), name))
	if made.Code() != "" {
		h.rig.T.Fatal(made.Text)
	}
	h.rig.Settle()
}

// last is what became of the latest event.
func (h *hook) last() string {
	h.rig.T.Helper()
	answer := h.partner.Do(`{ webhookEndpoints { nodes { deliveries(first: 1) { nodes { eventId state responseStatus } } } } }`)
	delivery := regexp.MustCompile(`"state":"(\w+)","responseStatus":(\d+)`).FindStringSubmatch(answer.Text)
	if delivery == nil {
		h.rig.T.Fatal(answer.Text)
	}
	return delivery[1] + " " + delivery[2]
}

// opened is a program under way.
type opened struct{ lines *bufio.Scanner }

func open(t *testing.T, command []string) opened {
	t.Helper()
	program := exec.CommandContext(t.Context(), command[0], command[1:]...)
	program.Stderr = os.Stderr
	out, err := program.StdoutPipe()
	if err == nil {
		err = program.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = program.Process.Kill()
		_ = program.Wait()
	})
	return opened{bufio.NewScanner(out)}
}

func (o opened) next(t *testing.T) string {
	t.Helper()
	if !o.lines.Scan() {
		t.Fatalf("it said nothing more: %v", o.lines.Err())
	}
	return o.lines.Text()
}

// expect wants the latest event to have been taken, and saved as one of that type.
func (o opened) expect(t *testing.T, h *hook, kind string) {
	t.Helper()
	if h.last() != "DELIVERED 204" {
		t.Fatalf("the latest event is %s", h.last())
	}
	if got := o.next(t); !strings.HasPrefix(got, "evt_") || !strings.HasSuffix(got, " "+kind) {
		t.Errorf("it saved %q, want one that is %s", got, kind)
	}
}
