package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sleutelbos/sleutelbos/internal/server"
)

// running is a server at work on two loopback ports.
type running struct {
	rig
	public, internal string
	stop             context.CancelFunc
	ended            chan error
}

func start(t *testing.T, change ...func(*server.Options)) running {
	t.Helper()
	r := running{rig: newRig(t, change...), ended: make(chan error, 1)}
	var listeners [2]net.Listener
	for i := range listeners {
		var err error
		if listeners[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	r.public, r.internal = "http://"+listeners[0].Addr().String(), "http://"+listeners[1].Addr().String()
	var ctx context.Context
	ctx, r.stop = context.WithCancel(context.Background())
	go func() { r.ended <- r.Run(ctx, listeners[0], listeners[1], r.Public()) }()
	t.Cleanup(r.stop)
	return r
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answer.StatusCode, string(body)
}

func TestStoppingFinishesWhatIsInFlightAndLetsNothingElseIn(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	r := start(t, func(o *server.Options) {
		o.Graph = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(arrived)
			<-release
			_, _ = io.WriteString(w, "finished")
		})
	})
	inFlight := make(chan string)
	go func() {
		_, body := get(t, r.public+"/portals/north/graphql")
		inFlight <- body
	}()
	<-arrived
	r.stop()
	refused := false
	for !refused { // the listener closes soon after
		connection, err := net.Dial("tcp", strings.TrimPrefix(r.public, "http://"))
		if refused = err != nil; !refused {
			connection.Close()
		}
	}
	close(release)
	if body := <-inFlight; body != "finished" {
		t.Errorf("what was in flight got %q", body)
	}
	if err := <-r.ended; err != nil {
		t.Errorf("stopping said %v", err)
	}
}

func TestReadinessFailsBeforeAnythingElseDoes(t *testing.T) {
	t.Parallel()
	stopping, release := make(chan struct{}), make(chan struct{})
	r := start(t, func(o *server.Options) {
		o.Linger = func() { close(stopping); <-release }
	})
	if status, body := get(t, r.internal+"/readyz"); status != http.StatusOK || body != "ready\n" {
		t.Errorf("before: %d %s", status, body)
	}
	r.stop()
	<-stopping
	if status, _ := get(t, r.internal+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("readiness of a server that stops: %d", status)
	}
	if status, _ := get(t, r.internal+"/healthz"); status != http.StatusOK {
		t.Errorf("it lives still: %d", status)
	}
	answer, err := http.Get(r.public + "/portals/north/graphql")
	if err != nil || answer.StatusCode != http.StatusOK || !answer.Close {
		t.Errorf("it doesn't serve still, on connections that end: %v, %v", answer, err)
	}
	close(release)
	if err := <-r.ended; err != nil {
		t.Errorf("stopping said %v", err)
	}
}

func TestAServerThatCannotWorkIsNotReadyAndSaysWhyInTheLogAlone(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *server.Options) {
		o.Ready = func(context.Context) error { return errors.New("the database is away") }
	})
	if status, body := get(t, r.internal+"/readyz"); status != http.StatusServiceUnavailable || strings.Contains(body, "database") {
		t.Errorf("%d %s", status, body)
	}
	if line := r.log.last(t, "not ready"); line["error"] != "the database is away" {
		t.Errorf("the log says %v", line)
	}
	if status, _ := get(t, r.internal+"/healthz"); status != http.StatusOK {
		t.Errorf("it lives: %d", status)
	}
}

func TestAFaultIsCountedUnderWhateverStatusItIsAnswered(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *server.Options) {
		o.Graph = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			server.Faulted(r.Context())
			w.WriteHeader(http.StatusOK)
		})
	})
	r.post("/graphql")
	_, body := get(t, r.internal+"/metrics")
	for _, want := range []string{
		`sleutelbos_requests_total{outcome="fault",portal="north",route="graphql"} 1`,
		`sleutelbos_requests_total{outcome="answered",portal="north",route="graphql"} 0`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}

func TestMetricsCountByPortalAndOutcomeAndNeverByWhatARequestSays(t *testing.T) {
	t.Parallel()
	mails := prometheus.NewCounter(prometheus.CounterOpts{Name: "sleutelbos_mails_total", Help: "Mails."})
	r := start(t, func(o *server.Options) { o.Collectors = []prometheus.Collector{mails} })
	r.post("/graphql")
	r.post("/graphql", "Authorization", "Bearer marker")
	r.post("/portals/marker/graphql")
	r.post("/marker")
	r.ask("MARKER", "/graphql", "Host", "marker.test")
	_, body := get(t, r.internal+"/metrics")
	for _, want := range []string{
		`sleutelbos_requests_total{outcome="answered",portal="north",route="graphql"} 1`,
		`sleutelbos_requests_total{outcome="refused",portal="north",route="graphql"} 1`,
		`sleutelbos_requests_total{outcome="refused",portal="",route="none"} 2`,
		`sleutelbos_request_duration_seconds_count{portal="north",route="graphql"} 2`,
		"sleutelbos_requests_in_flight 0", "sleutelbos_mails_total 0", "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(strings.ToLower(body), "marker") {
		t.Error("what a request said is a label")
	}
	if status, _ := get(t, r.public+"/metrics"); status != http.StatusNotFound {
		t.Errorf("the world can read the metrics: %d", status)
	}
}
