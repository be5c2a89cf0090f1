package examples_test

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// line stands between a program and a server, and is unkind: the answers to the first organisation made and to the first rows of
// an import get lost on their way back. Where the quota is spent, the server's clock stands still until the program has waited for as
// long as it was told; then it moves on, to the last second of the next minute, so that the program never waits for more than one.
type line struct {
	rig *rig.Rig
	url string
	// secret is that of the endpoint whose webhooks programs take.
	secret string
	// organisation and rows are whether their answer got lost already.
	organisation, rows atomic.Bool
	// lost counts answers that got lost, spent those that said that nothing is left, early those to requests that came too soon.
	lost, spent, early atomic.Int32

	mutex sync.Mutex
	// wait is for how long the program was told to wait, from since on; 0: it wasn't.
	wait  time.Duration
	since time.Time
}

func between(t *testing.T, r *rig.Rig) *line {
	t.Helper()
	target, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{rig: r}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse, proxy.ErrorLog = l.back, log.New(io.Discard, "", 0) // a program that is killed hangs up
	server := httptest.NewServer(l.there(proxy))
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

// there passes a request on, and hangs up after the server has answered one that is to lose its answer.
func (l *line) there(server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the program is gone
		}
		l.moveOn()
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !l.isToLose(body) {
			server.ServeHTTP(w, r)
			return
		}
		server.ServeHTTP(httptest.NewRecorder(), r)
		l.lost.Add(1)
		panic(http.ErrAbortHandler)
	})
}

func (l *line) isToLose(body []byte) bool {
	return bytes.Contains(body, []byte("createOrganisation(")) && l.organisation.CompareAndSwap(false, true) ||
		bytes.Contains(body, []byte("importUsers(")) && l.rows.CompareAndSwap(false, true)
}

var nothingLeft = regexp.MustCompile(`;r=0;t=(\d+)`)

// back sees each answer of the server.
func (l *line) back(answer *http.Response) error {
	if answer.StatusCode == http.StatusTooManyRequests {
		l.early.Add(1)
	}
	found := nothingLeft.FindStringSubmatch(answer.Header.Get("RateLimit"))
	if found == nil {
		return nil
	}
	l.spent.Add(1)
	seconds, err := strconv.Atoi(found[1])
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.wait, l.since = time.Duration(seconds)*time.Second, time.Now()
	return err
}

// moveOn moves the server's clock on, once the program has waited.
func (l *line) moveOn() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.wait > 0 && time.Since(l.since) >= l.wait {
		l.rig.Clock.Advance(l.wait + 59*time.Second)
		l.wait = 0
	}
}
