package graph

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// getGraphiQL serves a GET of GraphiQL.
func getGraphiQL(path string, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	GraphiQL().ServeHTTP(recorder, request)
	return recorder
}

func TestGraphiQLAndItsFilesAreServedUnderAnyPrefix(t *testing.T) {
	t.Parallel()
	references := regexp.MustCompile(`(?:src|href)="([^"]+)"`)
	for _, prefix := range []string{"", "/portals/tvm"} {
		page := getGraphiQL(prefix + "/graphiql")
		if page.Code != http.StatusOK || !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
			t.Fatalf("%s: status %d, %s", prefix, page.Code, page.Header().Get("Content-Type"))
		}
		files := references.FindAllStringSubmatch(page.Body.String(), -1)
		if len(files) < 6 {
			t.Errorf("%d files are mentioned", len(files))
		}
		for _, file := range files {
			if file[1] == "data:," {
				continue
			}
			if answer := getGraphiQL(prefix + "/" + file[1]); answer.Code != http.StatusOK || answer.Body.Len() == 0 {
				t.Errorf("%s/%s: status %d", prefix, file[1], answer.Code)
			}
		}
	}
}

func TestGraphiQLRunsNothingInlineAndAsksNobodyElse(t *testing.T) {
	t.Parallel()
	page := getGraphiQL("/graphiql")
	policy := page.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %q: %s", want, policy)
		}
	}
	if body := page.Body.String(); regexp.MustCompile(`<script[^>]*>[^<]|https?://|style=|<style|\son\w+=`).MatchString(body) {
		t.Errorf("the page has something inline or from elsewhere:\n%s", body)
	}
}

func TestGraphiQLIsNotSentTwice(t *testing.T) {
	t.Parallel()
	first := getGraphiQL("/graphiql/graphiql.min.js")
	second := getGraphiQL("/graphiql/graphiql.min.js", "If-None-Match", first.Header().Get("ETag"))
	if second.Code != http.StatusNotModified {
		t.Errorf("status %d, want 304", second.Code)
	}
}

func TestGraphiQLServesNothingElse(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{
		"/graphiql/vendor.sh": 404, "/graphiql/nothing.js": 404, "/graphiql/..%2fgraphiql.go": 400, "/portals/tvm/graphiql/": 308,
	} {
		answer := getGraphiQL(path)
		if answer.Code != want && !(want == 400 && answer.Code == 404) {
			t.Errorf("%s: status %d, want %d", path, answer.Code, want)
		}
		if want == 308 && answer.Header().Get("Location") != "../graphiql" {
			t.Errorf("%s leads to %q", path, answer.Header().Get("Location"))
		}
	}
	recorder := httptest.NewRecorder()
	GraphiQL().ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/graphiql", nil))
	if recorder.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d, want 405", recorder.Code)
	}
}
