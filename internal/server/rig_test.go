package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/server"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/resident"
)

// rig is a server of two portals, "north" and "south", on a database of its own. In the graph's place stands a handler
// that answers with the id of the request; who asked can be read in the log, as operators do.
type rig struct {
	*server.Server
	house        resident.House
	db           testrig.Database
	log          *logbook
	north, south identity.Portal
}

func newRig(t testing.TB, change ...func(*server.Options)) rig {
	t.Helper()
	db := testrig.NewSQLite(t, testrig.NewClock())
	r := rig{db: db, house: resident.New(t, db), log: &logbook{}, north: resident.Portal("north"), south: resident.Portal("south")}
	options := server.Options{
		App: r.house.App, Portals: []identity.Portal{r.north, r.south}, Schema: "type Query",
		Log:   slog.New(slog.NewJSONHandler(r.log, nil)),
		Graph: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, server.RequestID(r.Context())) }),
		Clock: db.Clock.Now, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}
	for _, one := range change {
		one(&options)
	}
	r.Server = server.New(options)
	return r
}

// post asks north's graph by POST, as a program from 192.0.2.1 does, with headers in pairs.
func (r rig) post(path string, header ...string) *httptest.ResponseRecorder {
	return r.ask(http.MethodPost, path, header...)
}

func (r rig) ask(method, path string, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(`{"query":"{__typename}"}`))
	request.Host = "north.test"
	request.RemoteAddr = "192.0.2.1:4711"
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		switch header[i] {
		case "Host":
			request.Host = header[i+1]
		case "Remote":
			request.RemoteAddr = header[i+1]
		default:
			request.Header.Add(header[i], header[i+1])
		}
	}
	answer := httptest.NewRecorder()
	r.Public().ServeHTTP(answer, request)
	return answer
}

// logbook keeps what is logged.
type logbook struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

func (l *logbook) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// last is the last line with that message.
func (l *logbook) last(t *testing.T, message string) map[string]any {
	t.Helper()
	var found map[string]any
	for line := range strings.Lines(l.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("a line of the log is no JSON: %s", line)
		}
		if record["msg"] == message {
			found = record
		}
	}
	if found == nil {
		t.Fatalf("nothing in the log says %q:\n%s", message, l)
	}
	return found
}

// codeOf is the code of an answer's error; "" where there is none.
func codeOf(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	var body struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code, RequestID string }
		}
	}
	if json.Unmarshal(answer.Body.Bytes(), &body) != nil || len(body.Errors) == 0 {
		return ""
	}
	said := body.Errors[0]
	if id := answer.Header().Get("X-Request-Id"); said.Extensions.RequestID != id || said.Message == "" {
		t.Errorf("the error says %+v, the header %q", said, id)
	}
	return said.Extensions.Code
}
