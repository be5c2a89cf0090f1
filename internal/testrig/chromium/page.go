package chromium

import (
	"encoding/json"
	"testing"
)

// Page is a tab.
type Page struct {
	t       testing.TB
	browser *Browser
	session string
}

// Profile is a person's own: cookies of their own, which tabs share. Ports have no cookies of their own, so tests that run at
// once need one each.
type Profile struct {
	t       testing.TB
	browser *Browser
	context string
}

// Profile makes one for a test.
func (b *Browser) Profile(t testing.TB) *Profile {
	t.Helper()
	var made struct{ BrowserContextID string }
	(&Page{t: t, browser: b}).read("Target.createBrowserContext", nil, &made)
	return &Profile{t, b, made.BrowserContextID}
}

// Open opens an address in a tab of its own, and waits until it is loaded.
func (p *Profile) Open(url string) *Page {
	p.t.Helper()
	page := &Page{t: p.t, browser: p.browser}
	var target struct{ TargetID string }
	page.read("Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": p.context}, &target)
	var attached struct{ SessionID string }
	page.read("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	page.session = attached.SessionID
	page.call("Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true}) // keys answer only where somebody looks
	page.call("Page.navigate", map[string]any{"url": url})
	page.Run(`new Promise(done => document.readyState === "complete" && location.href !== "about:blank" ? done() : addEventListener("load", () => done()))`, nil)
	return page
}

// call calls a method of the protocol, of this tab.
func (p *Page) call(method string, params map[string]any) json.RawMessage {
	p.t.Helper()
	text, err := p.browser.ask(p.session, method, params)
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// read is call, with what it answers.
func (p *Page) read(method string, params map[string]any, answer any) {
	p.t.Helper()
	if err := json.Unmarshal(p.call(method, params), answer); err != nil {
		p.t.Fatalf("%s: %v", method, err)
	}
}

// PlugIn gives the tab a security key, Chromium's own virtual authenticator: it asks for a PIN, which is typed rightly, and is
// touched whenever it blinks.
func (p *Page) PlugIn() {
	p.t.Helper()
	p.call("WebAuthn.enable", map[string]any{})
	p.call("WebAuthn.addVirtualAuthenticator", map[string]any{"options": map[string]any{
		"protocol": "ctap2", "transport": "usb", "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
	}})
}

// Run runs a script in the page as if its user had clicked, waits for what it promises, and reads what comes of it. What the
// script throws ends the test.
func (p *Page) Run(script string, result any) {
	p.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	p.read("Runtime.evaluate", map[string]any{
		"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true,
	}, &answer)
	if thrown := answer.ExceptionDetails; thrown != nil {
		p.t.Fatalf("%s: %s %s", script, thrown.Text, thrown.Exception.Description)
	}
	if result == nil || answer.Result.Value == nil {
		return
	}
	if err := json.Unmarshal(answer.Result.Value, result); err != nil {
		p.t.Fatalf("%s: %v", script, err)
	}
}

// Cookie is one that the browser keeps.
type Cookie struct {
	Name, Domain, Path, SameSite string
	HTTPOnly                     bool `json:"httpOnly"`
	Secure                       bool
}

// Cookies are those that the browser would send with a request of the page.
func (p *Page) Cookies() []Cookie {
	p.t.Helper()
	var answer struct{ Cookies []Cookie }
	p.read("Network.getCookies", nil, &answer)
	return answer.Cookies
}
