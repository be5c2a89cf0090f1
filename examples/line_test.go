package examples_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// line stands between a program and a server, and is unkind: the answer to the first organisation made gets lost on its way
// back. Where a request comes too soon, the server's clock moves on by as long as the program is told to wait, and then to the
// last second of that minute, so that it never waits for more than one.
type line struct {
	rig          *rig.Rig
	url          string
	lost, waited atomic.Int32
}

func between(t *testing.T, r *rig.Rig) *line {
	t.Helper()
	target, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{rig: r}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = l.back
	server := httptest.NewServer(l.there(proxy))
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

// there passes a request on, and hangs up after the server has answered the one that is to lose its answer.
func (l *line) there(server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the program is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte("createOrganisation")) || !l.lost.CompareAndSwap(0, 1) {
			server.ServeHTTP(w, r)
			return
		}
		server.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
}

// back sees each answer of the server.
func (l *line) back(answer *http.Response) error {
	if answer.StatusCode == http.StatusTooManyRequests {
		l.waited.Add(1)
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if err != nil {
			return err
		}
		l.rig.Clock.Advance(time.Duration(seconds+59) * time.Second)
	}
	return nil
}
