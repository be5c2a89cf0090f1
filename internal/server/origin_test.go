package server_test

import (
	"net/http"
	"testing"
)

func TestBrowsersGetInFromThePortalsOwnPagesAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, token := r.house.SignedIn(t, r.north)
	for _, row := range []struct {
		name   string
		host   string
		header []string
		in     bool
	}{
		{"a program", "north.test", nil, true},
		{"the SPA", "north.test", []string{"Origin", "https://north.spa.test", "Sec-Fetch-Site", "cross-site"}, true},
		{"the SPA, in a browser without Sec-Fetch-Site", "north.test", []string{"Origin", "https://north.spa.test"}, true},
		{"our own page", "north.test", []string{"Origin", "https://north.test", "Sec-Fetch-Site", "same-origin"}, true},
		{"our own page, in a browser without Sec-Fetch-Site", "north.test", []string{"Origin", "https://north.test"}, true},
		{"our own page on this machine", "localhost:8080", []string{"Origin", "http://localhost:8080", "Sec-Fetch-Site", "same-origin"}, true},
		{"our own page at this machine's number", "127.0.0.1:8080", []string{"Origin", "http://127.0.0.1:8080"}, true},
		{"our own page at this machine's longer number", "[::1]:8080", []string{"Origin", "http://[::1]:8080"}, true},
		{"the SPA by http", "north.test", []string{"Origin", "http://north.spa.test"}, false},
		{"the SPA at another port", "north.test", []string{"Origin", "https://north.spa.test:8443"}, false},
		{"the SPA of another portal", "north.test", []string{"Origin", "https://south.spa.test"}, false},
		{"a foreign page", "north.test", []string{"Origin", "https://evil.test", "Sec-Fetch-Site", "cross-site"}, false},
		{"a foreign page, in a browser without Sec-Fetch-Site", "north.test", []string{"Origin", "https://evil.test"}, false},
		{"a foreign page that hides its origin", "north.test", []string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}, false},
		{"a foreign page whose browser says nothing of its origin", "north.test", []string{"Sec-Fetch-Site", "cross-site"}, false},
		{"a page of a neighbour's", "north.test", []string{"Origin", "https://www.north.test", "Sec-Fetch-Site", "same-site"}, false},
		{"our host by http", "north.test", []string{"Origin", "http://north.test"}, false},
		{"our host by http, and it says same-origin", "north.test", []string{"Origin", "http://north.test", "Sec-Fetch-Site", "same-origin"}, false},
		{"two origins", "north.test", []string{"Origin", "https://north.spa.test", "Origin", "https://evil.test"}, false},
		{"a name that begins like ours", "north.test", []string{"Origin", "https://north.spa.test.evil.test"}, false},
	} {
		header := append([]string{"Host", row.host, "Cookie", "__Host-north-session=" + token}, row.header...)
		answer := r.post("/portals/north/graphql", header...)
		if row.in && answer.Code != http.StatusOK {
			t.Errorf("%s: status %d, want to get in", row.name, answer.Code)
		}
		if code := codeOf(t, answer); !row.in && (answer.Code != http.StatusForbidden || code != "FORBIDDEN") {
			t.Errorf("%s: status %d, code %q, want to be kept out", row.name, answer.Code, code)
		}
	}
}

func TestAnswersAreReadByThePortalsSPAAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for origin, allowed := range map[string]string{
		"https://north.spa.test":  "https://north.spa.test",
		"HTTPS://north.spa.test":  "",
		"https://south.spa.test":  "",
		"https://evil.test":       "",
		"null":                    "",
		"https://north.spa.test.": "",
	} {
		preflight := r.ask(http.MethodOptions, "/graphql", "Origin", origin,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type")
		get := r.ask(http.MethodGet, "/graphql?query={__typename}", "Origin", origin)
		schema := r.ask(http.MethodGet, "/schema.graphqls", "Origin", origin)
		for what, answer := range map[string]http.Header{"preflight": preflight.Header(), "GET": get.Header(), "schema": schema.Header()} {
			if got := answer.Get("Access-Control-Allow-Origin"); got != allowed {
				t.Errorf("%s from %s: may be read by %q, want %q", what, origin, got, allowed)
			}
			if got := answer.Get("Access-Control-Allow-Credentials"); (got == "true") != (allowed != "") {
				t.Errorf("%s from %s: with credentials: %q", what, origin, got)
			}
			if vary := answer.Get("Vary"); len(vary) < 6 || vary[:6] != "Origin" {
				t.Errorf("%s from %s: Vary is %q: a cache would mix up who may read", what, origin, vary)
			}
		}
		if preflight.Code != http.StatusNoContent || preflight.Body.Len() > 0 {
			t.Errorf("preflight from %s: status %d, %s", origin, preflight.Code, preflight.Body)
		}
	}
	answer := r.ask(http.MethodOptions, "/graphql", "Origin", "https://north.spa.test", "Access-Control-Request-Method", "DELETE")
	if got := answer.Header().Get("Access-Control-Allow-Methods"); got != "" {
		t.Errorf("DELETE may be sent: %q", got)
	}
}
