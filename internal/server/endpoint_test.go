package server_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestWhoAsksIsToldByCookieOrBearerToken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	user, token := r.house.SignedIn(t, r.north)
	partner := r.house.Partner(t, r.north)
	session := "__Host-north-session=" + token
	for _, row := range []struct {
		name, method, path string
		header             []string
		status             int
		code, actor        string
	}{
		{"nobody", "POST", "/graphql", nil, 200, "", ""},
		{"a session", "POST", "/graphql", []string{"Cookie", session}, 200, "", string(user.ID)},
		{"a session among other cookies", "POST", "/graphql", []string{"Cookie", "a=b; " + session}, 200, "", string(user.ID)},
		{"a partner", "POST", "/graphql", []string{"Authorization", "Bearer " + partner}, 200, "", "tok_"},
		{"a partner by GET", "GET", "/graphql", []string{"Authorization", "bearer " + partner}, 200, "", "tok_"},
		{"a partner with a cookie of something else", "POST", "/graphql", []string{"Authorization", "Bearer " + partner, "Cookie", "a=b"}, 200, "", "tok_"},
		{"a session by GET is nobody", "GET", "/graphql", []string{"Cookie", session}, 200, "", ""},
		{"a session of another portal is nobody", "POST", "/portals/south/graphql", []string{"Cookie", session}, 200, "", ""},
		{"another portal's session under this one's name is nobody", "POST", "/portals/south/graphql", []string{"Cookie", "__Host-south-session=" + token}, 200, "", ""},
		{"a cookie that is nonsense is nobody", "POST", "/graphql", []string{"Cookie", "__Host-north-session=marker"}, 200, "", ""},
		{"both", "POST", "/graphql", []string{"Cookie", session, "Authorization", "Bearer " + partner}, 400, "BAD_USER_INPUT", ""},
		{"a sign-in and a token", "POST", "/graphql", []string{"Cookie", "__Host-north-sign-in=x", "Authorization", "Bearer " + partner}, 400, "BAD_USER_INPUT", ""},
		{"two tokens", "POST", "/graphql", []string{"Authorization", "Bearer " + partner, "Authorization", "Bearer " + partner}, 400, "BAD_USER_INPUT", ""},
		{"another portal's partner", "POST", "/portals/south/graphql", []string{"Authorization", "Bearer " + partner}, 401, "UNAUTHENTICATED", ""},
		{"a token that is nonsense", "POST", "/graphql", []string{"Authorization", "Bearer marker"}, 401, "UNAUTHENTICATED", ""},
		{"a session as bearer token", "POST", "/graphql", []string{"Authorization", "Bearer " + token}, 401, "UNAUTHENTICATED", ""},
		{"a password", "POST", "/graphql", []string{"Authorization", "Basic bWFya2VyOm1hcmtlcg=="}, 401, "UNAUTHENTICATED", ""},
		{"a token under another name", "POST", "/graphql", []string{"Authorization", "Basic " + partner}, 401, "UNAUTHENTICATED", ""},
		{"nothing after Bearer", "POST", "/graphql", []string{"Authorization", "Bearer"}, 401, "UNAUTHENTICATED", ""},
	} {
		answer := r.ask(row.method, row.path, row.header...)
		if code := codeOf(t, answer); answer.Code != row.status || code != row.code {
			t.Errorf("%s: status %d, code %q", row.name, answer.Code, code)
		}
		actor, _ := r.log.last(t, "request")["actor"].(string)
		if actor != row.actor && (row.actor != "tok_" || !strings.HasPrefix(actor, "tok_")) {
			t.Errorf("%s: the actor is %q, want %q", row.name, actor, row.actor)
		}
	}
	for _, secret := range []string{token, partner, "marker", "192.0.2.1", "jo@transport.test"} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

func TestAFaultLetsNobodyInAndTellsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, token := r.house.SignedIn(t, r.north)
	if err := r.db.Close(); err != nil {
		t.Fatal(err)
	}
	answer := r.post("/graphql", "Cookie", "__Host-north-session="+token)
	if code := codeOf(t, answer); answer.Code != http.StatusInternalServerError || code != "INTERNAL" {
		t.Errorf("status %d, code %q", answer.Code, code)
	}
	if strings.Contains(answer.Body.String(), "database") {
		t.Errorf("the answer tells what is wrong: %s", answer.Body)
	}
	if line := r.log.last(t, "fault"); line["requestId"] != answer.Header().Get("X-Request-Id") || !strings.Contains(line["error"].(string), "database is closed") {
		t.Errorf("the log doesn't: %v", line)
	}
}
