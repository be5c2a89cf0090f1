package graph_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/chromium"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// onPage starts a server whose portal's own pages lie on this machine, beside the API, as in production: the origin, and
// the address of a page of somebody else's.
func onPage(t *testing.T, db testrig.Database) (r *rig.Rig, own, foreign string) {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	own, foreign = "http://localhost:"+port, "http://evil.localhost:"+port
	r = rig.New(t, db, rig.Portal("default", func(p *identity.Portal) {
		p.Factors.Kinds = []identity.FactorKind{identity.WebAuthn}
		p.SPA.Origin, p.Factors.WebAuthnDomain = own, "localhost"
	}))
	pages := http.NewServeMux()
	pages.Handle("/portals/", r.Server.Public())
	pages.Handle("/", http.FileServer(http.Dir("testdata/webauthn")))
	server := &http.Server{Handler: pages} //nolint:gosec // for one test
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return r, own, foreign
}

// A browser that isn't ours speaks with the API from the portal's own page, cookies, origin and all: what virtualwebauthn
// plays is what Chromium does.
func TestChromiumEnrolsASecurityKeyAndSignsInWithIt(t *testing.T) {
	t.Parallel()
	browser := chromium.Start(t)
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r, own, foreign := onPage(t, db)
		profile := browser.Profile(t)
		email := strings.ToLower(strings.ReplaceAll(t.Name(), "/", ".")) + "@keys.test"
		r.Organisation("default", "Keys", email)
		page := profile.Open(own + "/page.html")
		page.PlugIn()
		says := func(script, want string) {
			t.Helper()
			var got *string
			page.Run(script, &got)
			if got == nil && want == "" {
				return
			}
			if got == nil || *got != want {
				t.Errorf("%s: %v, want %s", script, got, want)
			}
		}
		in := `signIn("` + email + `", "` + rig.Password + `")`

		says(in, "SignInEnrolmentRequired")
		says(`enrol("Sleutel in Chromium").then(JSON.stringify)`, `{"kind":"WEBAUTHN","name":"Sleutel in Chromium","strength":"PHISHING_RESISTANT"}`)
		says(`viewer()`, email)
		keepsItsCookies(t, page)
		says(`enrol("Nog een keer").then(() => "enrolled", refused => refused.name)`, "InvalidStateError") // it holds one already
		says(`reauthenticate("`+rig.Password+`")`, "PHISHING_RESISTANT")
		says(`signOut().then(String)`, "true")
		says(`viewer()`, "")

		says(in, "SignInFactorRequired")
		says(`viewer()`, "")
		says(`verify()`, "PHISHING_RESISTANT "+email)
		says(`viewer()`, email)

		staysOut(t, profile.Open(foreign+"/page.html"), own)
	})
}

// keepsItsCookies: no script sees them, and no other site sends them.
func keepsItsCookies(t *testing.T, page *chromium.Page) {
	t.Helper()
	var seen string
	page.Run(`document.cookie`, &seen)
	if seen != "" {
		t.Errorf("a script of the page sees %q", seen)
	}
	cookies := page.Cookies()
	if len(cookies) == 0 {
		t.Error("there are no cookies")
	}
	for _, cookie := range cookies {
		if !cookie.HTTPOnly || !cookie.Secure || cookie.SameSite != "Strict" || cookie.Path != "/" || !strings.HasPrefix(cookie.Name, "__Host-") {
			t.Errorf("%+v", cookie)
		}
	}
}

// staysOut: a page of another origin gets no answer, with whatever it sends, and asks the key for nothing of this portal.
func staysOut(t *testing.T, page *chromium.Page, own string) {
	t.Helper()
	page.PlugIn()
	for script, want := range map[string]string{
		`ask("{ viewer { user { email } } }", {}, "` + own + `" + endpoint).then(JSON.stringify, refused => refused.name)`:                                      "TypeError",
		`ask("mutation { signOut { signedOut } }", {}, "` + own + `" + endpoint).then(JSON.stringify, refused => refused.name)`:                                 "TypeError",
		`fetch("` + own + `" + endpoint, {method: "POST", mode: "no-cors", credentials: "include", body: "{\"query\": \"{ __typename }\"}"}).then(r => r.type)`: "opaque",
		`navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), rpId: "localhost"}}).then(() => "signed", refused => refused.name)`:              "SecurityError",
	} {
		var got string
		page.Run(script, &got)
		if got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
}
