package examples_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// gate lets webhooks through to a program, each of them twice. It has one of which a byte was changed go first.
type gate struct {
	*httptest.Server
	program atomic.Value
	// refused counts forged ones that were refused, and answers those that were taken, by their status.
	refused, taken atomic.Int32
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if g.pass(r, bytes.Replace(body, []byte(`"sequence":`), []byte(`"sequence":1`), 1)) == http.StatusUnauthorized {
		g.refused.Add(1)
	}
	g.pass(r, body)
	status := g.pass(r, body)
	if status == http.StatusNoContent {
		g.taken.Add(1)
	}
	w.WriteHeader(status)
}

func (g *gate) pass(r *http.Request, body []byte) (status int) {
	address, _ := g.program.Load().(string)
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return http.StatusBadGateway
	}
	request.Header = r.Header.Clone()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return http.StatusBadGateway
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// takesWebhooks has a program take events, each of which comes twice, and once more to the next run of the program.
func takesWebhooks(t *testing.T, line *line, command []string) {
	token := line.rig.Token("interpolis", identity.OrganisationsWrite, identity.UsersWrite, identity.WebhooksWrite)
	gate := newGate(t)
	var secrets []string
	for range 2 {
		out, complaint, err := line.run(t, command, token, "subscribe", gate.URL+"/hook")
		if err != nil || !strings.HasPrefix(out, "whsec_") {
			t.Fatalf("%v\n%s\n%s", err, complaint, out)
		}
		secrets = append(secrets, strings.TrimSpace(out))
	}
	if secrets[0] != secrets[1] {
		t.Error("it subscribed twice")
	}
	line.secret = secrets[0]
	journal := filepath.Join(t.TempDir(), "events.jsonl")
	listens := func(work func()) string {
		said := heard(make(chan string, 100))
		program := line.start(t, command, token, said, said, "listen", "--address", "127.0.0.1:0", "--journal", journal)
		first := said.until(t, "\n")
		gate.program.Store(regexp.MustCompile(`http://\S+/`).FindString(first))
		work()
		line.rig.Settle()
		if err := program.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := program.Wait(); err != nil {
			t.Errorf("it ended with %v", err)
		}
		close(said)
		rest := ""
		for more := range said {
			rest += more
		}
		return rest
	}
	id := ""
	events := listens(func() { id = line.rig.Organisation("interpolis", "De Wit", "wies@dewit.example") })
	if !strings.HasPrefix(events, "heard organisation.created, number 1 of "+id+"\n") || strings.Count(events, "heard") != int(gate.taken.Load()) {
		t.Errorf("it heard %s", events)
	}
	if gate.refused.Load() != gate.taken.Load() || gate.taken.Load() == 0 {
		t.Errorf("%d forged ones were refused, %d real ones taken", gate.refused.Load(), gate.taken.Load())
	}
	before := gate.taken.Load()
	again := listens(func() {
		partner := line.rig.Partner("interpolis", token)
		endpoint := partner.Do(`{ webhookEndpoints { nodes { id } } }`).String("webhookEndpoints.nodes.0.id")
		answer := partner.Do(`mutation ($id: ID!, $since: DateTime!) { redeliverWebhook(input: {id: $id, since: $since}) { userErrors { code } } }`, map[string]any{"id": endpoint, "since": line.rig.Clock.Now().Add(-time.Hour)})
		if answer.Code() != "" {
			t.Error(answer.Text)
		}
	})
	if strings.Contains(again, "organisation.created") || gate.taken.Load() < 2*before {
		t.Errorf("%d came again, and were handled so: %s", gate.taken.Load()-before, again)
	}
}
