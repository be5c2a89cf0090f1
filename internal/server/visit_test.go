package server_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/server"
)

func TestAPanicIsAFaultWithAnIDAndNothingElse(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *server.Options) {
		o.Graph = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("marker") })
	})
	answer := r.post("/graphql")
	if code := codeOf(t, answer); answer.Code != http.StatusInternalServerError || code != "INTERNAL" {
		t.Errorf("status %d, code %q", answer.Code, code)
	}
	if strings.Contains(answer.Body.String()+r.log.String(), "marker") {
		t.Errorf("what was panicked with is told: %s\n%s", answer.Body, r.log)
	}
	line := r.log.last(t, "panic")
	if line["requestId"] != answer.Header().Get("X-Request-Id") || !strings.Contains(line["stack"].(string), "visit_test.go") {
		t.Errorf("the log doesn't say where: %v", line)
	}
	if line := r.log.last(t, "request"); line["status"] != 500.0 {
		t.Errorf("the access log says %v", line)
	}
}

func TestAPanicInTheMiddleOfAnAnswerBreaksTheConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *server.Options) {
		o.Graph = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"data":`)
			panic("marker")
		})
	})
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("panicked with %v", err)
		}
	}()
	r.post("/graphql")
	t.Error("half an answer went out as a whole one")
}

func TestTheAnswerTheGraphAndTheLogNameARequestAlike(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	answer := r.post("/graphql", "Remote", "10.0.0.1:1", "X-Request-Id", "from-the-proxy")
	if got := answer.Header().Get("X-Request-Id"); got != "from-the-proxy" || answer.Body.String() != got {
		t.Errorf("the header says %q, the graph %q", got, answer.Body)
	}
	if line := r.log.last(t, "request"); line["requestId"] != "from-the-proxy" {
		t.Errorf("the log says %v", line)
	}
	if first, second := r.post("/graphql").Body.String(), r.post("/graphql").Body.String(); first == second || len(first) != 32 {
		t.Errorf("ids %q and %q", first, second)
	}
}

func TestAMethodOfOnesOwnInventionIsNotLogged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ask("MARKER", "/graphql")
	if line := r.log.last(t, "request"); line["method"] != "other" {
		t.Errorf("the log says %v", line)
	}
}

func TestOneAddressThatIsNotSignedInCannotHaveTheServerToItself(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *server.Options) { o.Anonymous = server.Rate{Burst: 2, PerSecond: 1} })
	_, token := r.house.SignedIn(t, r.north)
	r.post("/graphql")
	r.post("/graphql", "Authorization", "Bearer guess")
	answer := r.post("/graphql", "Authorization", "Bearer guess")
	if code := codeOf(t, answer); answer.Code != http.StatusTooManyRequests || code != "RATE_LIMITED" || answer.Header().Get("Retry-After") != "1" {
		t.Errorf("status %d, code %q, retry after %q", answer.Code, code, answer.Header().Get("Retry-After"))
	}
	if body := answer.Body.String(); !strings.Contains(body, `"retryAfterSeconds":1`) {
		t.Errorf("the error doesn't say how long: %s", body)
	}
	english := r.post("/graphql", "Authorization", "Bearer guess", "Accept-Language", "en").Body.String()
	if dutch := answer.Body.String(); messageOf(t, dutch) == messageOf(t, english) {
		t.Errorf("whoever asks for English gets %s", english)
	}
	for range 5 {
		if answer := r.post("/graphql", "Cookie", "__Host-north-session="+token); answer.Code != http.StatusOK {
			t.Errorf("somebody who is signed in got %d", answer.Code)
		}
	}
	if answer := r.post("/graphql", "Remote", "192.0.2.2:1"); answer.Code != http.StatusOK {
		t.Errorf("another address got %d", answer.Code)
	}
	r.db.Clock.Advance(time.Second)
	if answer := r.post("/graphql"); answer.Code != http.StatusOK {
		t.Errorf("a second later: %d", answer.Code)
	}
}

func messageOf(t *testing.T, body string) string {
	t.Helper()
	var answer struct{ Errors []struct{ Message string } }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Errors) != 1 {
		t.Fatalf("no error in %s", body)
	}
	return answer.Errors[0].Message
}
