package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// collected is a collector of traces on the loopback.
type collected struct {
	mutex sync.Mutex
	spans []*traces.Span
	raw   strings.Builder
}

func newCollector(t *testing.T) (*collected, string) {
	t.Helper()
	c := &collected{}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
			t.Errorf("%s: %v, or no spans", r.URL.Path, err)
		}
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.raw.Write(body)
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(web.Close)
	return c, web.URL
}

// below lists the names of the spans under one, each behind those that it is under.
func (c *collected) below(parent []byte, path string) (all []string) {
	for _, span := range c.spans {
		if string(span.ParentSpanId) == string(parent) {
			here := path + " > " + span.Name
			all = append(append(all, here), c.below(span.SpanId, here)...)
		}
	}
	return all
}

const (
	marker      = "Marker-Of-A-Secret"
	traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
)

// ask sends an operation with a marker wherever a value can stand.
func askWithMarker(t *testing.T, public string) {
	t.Helper()
	body := `{"operationName": "Enter", "query": "mutation Enter($p: String!) { beginSignIn(input: {email: \"marker-of-a-secret@x.test\", password: $p}) { userErrors { code } } }", ` +
		`"variables": {"p": "` + marker + `"}}`
	request, _ := http.NewRequest(http.MethodPost, public+"/portals/north/graphql", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", marker)
	request.Header.Set("Traceparent", traceParent)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); !strings.Contains(string(text), "INVALID_CREDENTIALS") {
		t.Fatalf("%s", text)
	}
}

// serveOnce runs a server, lets something be asked of it, stops it, and answers what it said and its metrics.
func serveOnce(t *testing.T, db testrig.Database, ask func(public string), settings ...string) (said, metrics string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "north.yaml"), []byte(aPortal), 0o600); err != nil {
		t.Fatal(err)
	}
	command, log := exec.Command("sleutelbos", "serve"), &notes{more: make(chan struct{})}
	command.Stderr = log
	command.Env = append(append(os.Environ(), "SLEUTELBOS_LISTEN=127.0.0.1:0", "SLEUTELBOS_INTERNAL_LISTEN=127.0.0.1:0", "SLEUTELBOS_DRAIN=0s",
		"SLEUTELBOS_DATABASE_URL="+db.URL, "SLEUTELBOS_SMTP_URL=smtp://127.0.0.1:1?tls=none", "SLEUTELBOS_PORTALS="+folder,
		"SLEUTELBOS_SECRET_KEYS="+fleetKey), settings...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	said, ok := log.await([]string{`"msg":"serving"`})
	if !ok {
		t.Fatal(said)
	}
	ask(publicAddress.FindStringSubmatch(said)[1])
	answer, err := http.Get(internalAddress.FindStringSubmatch(said)[1] + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	_ = command.Process.Signal(syscall.SIGTERM)
	if err := command.Wait(); err != nil {
		t.Errorf("%v: %s", err, log)
	}
	return log.String(), string(text)
}

func TestATraceShowsARequestItsOperationAndItsStatementsAndNoValue(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		c, address := newCollector(t)
		said, metrics := serveOnce(t, db, func(public string) { askWithMarker(t, public) },
			"SLEUTELBOS_OTLP_ENDPOINT="+address, "SLEUTELBOS_TRUSTED_PROXIES=127.0.0.1/32")
		parent := []byte{0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31}
		tree := c.below(parent, "proxy")
		for _, want := range []string{
			"proxy > POST graphql", "proxy > POST graphql > mutation beginSignIn", "proxy > POST graphql > mutation beginSignIn > Mutation.beginSignIn",
			"proxy > POST graphql > mutation beginSignIn > Mutation.beginSignIn > SELECT",
			"proxy > POST graphql > mutation beginSignIn > Mutation.beginSignIn > INSERT password_failures",
		} {
			if !slices.Contains(tree, want) {
				t.Errorf("%q is missing in\n%s", want, strings.Join(tree, "\n"))
			}
		}
		for _, text := range []string{c.raw.String(), said, metrics} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(marker)) {
				t.Errorf("a secret is in %s", text)
			}
		}
		if !strings.Contains(said, `"traceId":"0af7651916cd43dd8448eb211c80319c"`) {
			t.Errorf("the log doesn't name the trace: %s", said)
		}
		if want := `sleutelbos_refusals_total{code="INVALID_CREDENTIALS",field="beginSignIn",portal="north"} 1`; !strings.Contains(metrics, want) {
			t.Errorf("the metrics don't say %s", want)
		}
		if want := `sleutelbos_operation_duration_seconds_count{kind="mutation",outcome="answered"} 1`; !strings.Contains(metrics, want) {
			t.Errorf("the metrics don't say %s", want)
		}
	})
}

func TestATraceThatAStrangerNamesIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	c, address := newCollector(t)
	said, _ := serveOnce(t, testrig.NewSQLite(t, nil), func(public string) { askWithMarker(t, public) }, "OTEL_EXPORTER_OTLP_ENDPOINT="+address)
	if strings.Contains(said, "0af7651916cd43dd8448eb211c80319c") || len(c.spans) == 0 {
		t.Errorf("of %d spans, some are under a stranger's: %s", len(c.spans), said)
	}
	for _, span := range c.spans {
		if strings.HasPrefix(fmt.Sprintf("%x", span.TraceId), "0af7651916cd43dd") {
			t.Errorf("%s is in a stranger's trace", span.Name)
		}
	}
}

func TestWithoutACollectorNothingIsTraced(t *testing.T) {
	t.Parallel()
	said, _ := serveOnce(t, testrig.NewSQLite(t, nil), func(public string) { askWithMarker(t, public) })
	if strings.Contains(said, "traceId") || strings.Contains(said, "traces are lost") {
		t.Error(said)
	}
}

func TestATraceGoesOnInTheMailAndTheWebhookThatComeOfIt(t *testing.T) {
	t.Parallel()
	c, address := newCollector(t)
	f := newFleet(t, testrig.NewPostgres(t, nil))
	f.environ = append(f.environ, "SLEUTELBOS_OTLP_ENDPOINT="+address)
	server, partner := f.start(), f.partner(f.rig())
	receiver := hook(t, partner)
	if made := partner.Do(createOrganisation, organisationNamed("Marked")); made.Code() != "" {
		t.Fatal(made.Text)
	}
	f.mailbox.Expect(t, "marked@fleet.test")
	receiver.await(t, len(f.log()))
	f.end(server, syscall.SIGTERM) // which sends the last spans

	asked := map[string]bool{}
	for _, span := range c.spans {
		if span.Name == "Mutation.createOrganisation" {
			asked[string(span.TraceId)] = true
		}
	}
	for _, name := range []string{"delivery", "webhook"} {
		if !slices.ContainsFunc(c.spans, func(span *traces.Span) bool {
			return span.Name == name && len(span.ParentSpanId) == 0 && len(span.Links) == 1 && asked[string(span.Links[0].TraceId)] &&
				len(c.below(span.SpanId, "")) > 0
		}) {
			t.Errorf("no %s of these %d spans names the request that it comes of", name, len(c.spans))
		}
	}
	if strings.Contains(strings.ToLower(c.raw.String()), "marked") {
		t.Error("the name of a customer is in the trace")
	}
}
