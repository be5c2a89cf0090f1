package server_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestAPortalIsFoundByItsHostAndByItsPath(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, row := range []struct{ host, path, portal string }{
		{"north.test", "/graphql", "north"},
		{"south.test", "/graphql", "south"},
		{"NORTH.test", "/graphql", "north"},
		{"north.test:443", "/graphql", "north"},
		{"elsewhere.test", "/portals/south/graphql", "south"},
		{"127.0.0.1:8080", "/portals/north/graphql", "north"},
		{"north.test", "/portals/south/graphql", "south"},
	} {
		if answer := r.post(row.path, "Host", row.host); answer.Code != http.StatusOK {
			t.Errorf("%s%s: status %d", row.host, row.path, answer.Code)
		}
		if line := r.log.last(t, "request"); line["portal"] != row.portal || line["route"] != "graphql" {
			t.Errorf("%s%s led to %v, %v", row.host, row.path, line["portal"], line["route"])
		}
	}
}

func TestNoOtherPortalIsServedAndNothingOfTheAddressIsRepeated(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, row := range []struct{ host, path string }{
		{"marker.test", "/graphql"},
		{"north.test:8443", "/graphql"},
		{"north.test.marker", "/graphql"},
		{"", "/graphql"},
		{"marker.test", "/portals/marker/graphql"},
		{"north.test", "/portals/marker/graphql"},
		{"north.test", "/portals//graphql"},
		{"north.test", "/portals/North/graphql"},
		{"north.test", "/marker"},
		{"north.test", "/graphql/marker"},
		{"north.test", "//graphql"},
		{"north.test", "/portals/south/portals/north/graphql"},
	} {
		answer := r.post(row.path, "Host", row.host)
		if code := codeOf(t, answer); answer.Code != http.StatusNotFound || code != "NOT_FOUND" {
			t.Errorf("%s%s: status %d, code %q", row.host, row.path, answer.Code, code)
		}
		if strings.Contains(answer.Body.String(), "marker") || strings.Contains(r.log.String(), "marker") {
			t.Errorf("%s%s is repeated", row.host, row.path)
		}
	}
}

func TestWhatThereIsUnderAPortal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, prefix := range []string{"", "/portals/north"} {
		for _, row := range []struct {
			path, contentType, says string
			status                  int
		}{
			{"/schema.graphqls", "text/plain", "type Query", 200},
			{"/graphiql", "text/html", "GraphiQL", 200},
			{"/graphiql/page.js", "text/javascript", "endpoint", 200},
			{"/.well-known/security.txt", "text/plain", "Contact: mailto:portal@north.test\nExpires: 2026-06-11T00:00:00Z\n", 200},
			{"/", "", "", 303},
		} {
			answer := r.ask(http.MethodGet, prefix+row.path)
			if answer.Code != row.status || !strings.HasPrefix(answer.Header().Get("Content-Type"), row.contentType) || !strings.Contains(answer.Body.String(), row.says) {
				t.Errorf("%s: %d %s %.60s", prefix+row.path, answer.Code, answer.Header().Get("Content-Type"), answer.Body)
			}
		}
		for _, path := range []string{"/schema.graphqls", "/.well-known/security.txt", "/"} {
			if answer := r.post(prefix + path); answer.Code != http.StatusMethodNotAllowed || answer.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("POST %s: status %d", prefix+path, answer.Code)
			}
		}
	}
	for path, want := range map[string]string{"/": "graphiql", "/portals/north/": "graphiql", "/portals/north": "north/graphiql"} {
		if got := r.ask(http.MethodGet, path).Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

func TestEveryAnswerSpeaksToBrowsers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, path := range []string{"/graphql", "/graphiql", "/schema.graphqls", "/", "/.well-known/security.txt", "/nothing", "/portals/nobody/graphql"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
			header := r.ask(method, path).Header()
			for name, want := range map[string]string{
				"Strict-Transport-Security": "max-age=63072000",
				"X-Content-Type-Options":    "nosniff",
				"Referrer-Policy":           "no-referrer",
			} {
				if got := header.Values(name); len(got) != 1 || got[0] != want {
					t.Errorf("%s %s: %s is %q", method, path, name, got)
				}
			}
			policy := header.Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'none'; ") || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("%s %s: policy %q", method, path, policy)
			}
			if cache := header.Get("Cache-Control"); cache != "no-store" && path != "/graphiql" {
				t.Errorf("%s %s: Cache-Control %q", method, path, cache)
			}
			if len(header.Get("X-Request-Id")) != 32 {
				t.Errorf("%s %s: request id %q", method, path, header.Get("X-Request-Id"))
			}
		}
	}
}
