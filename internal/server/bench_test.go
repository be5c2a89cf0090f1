package server_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/server"
)

// What a request costs on its way to the graph and back; the log goes to /dev/null.
func BenchmarkARequestOnItsWay(b *testing.B) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer null.Close()
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) })
	r := newRig(b, func(o *server.Options) {
		o.Log, o.Graph = slog.New(slog.NewJSONHandler(null, nil)), bare
		o.Anonymous = server.Rate{Burst: 1 << 30, PerSecond: 1e9}
	})
	_, token := r.house.SignedIn(b, r.north)
	for name, with := range map[string]struct {
		handler http.Handler
		cookie  string
	}{
		"bare":    {bare, ""},
		"nobody":  {r.Public(), ""},
		"session": {r.Public(), "__Host-north-session=" + token},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			body := strings.NewReader("{}")
			request := httptest.NewRequest(http.MethodPost, "/graphql", body)
			request.Host = "north.test"
			request.Header.Set("Cookie", with.cookie)
			request.Header.Set("Accept-Language", "nl-NL,nl;q=0.9,en;q=0.8")
			request.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36")
			for b.Loop() {
				with.handler.ServeHTTP(&discard{header: http.Header{}}, request)
			}
		})
	}
}

// discard is a writer that costs nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header               { return d.header }
func (d *discard) Write(content []byte) (int, error) { return len(content), nil }
func (d *discard) WriteHeader(int)                   {}
