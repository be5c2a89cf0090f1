package rig

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

// Browser asks one portal, and keeps its cookies as a browser would. Safe for concurrent use.
type Browser struct {
	rig    *Rig
	Portal string
	// Bearer is an API token: with one this is a partner's program and no browser.
	Bearer string
	// Header is sent with every request.
	Header http.Header
	// App is the authenticator that was last paired in this browser.
	App Authenticator

	mutex   sync.Mutex
	cookies map[string]string
}

// Browser opens a browser on a portal, with no cookies.
func (r *Rig) Browser(portal string) *Browser {
	return &Browser{rig: r, Portal: portal, Header: http.Header{}, cookies: map[string]string{}}
}

// Partner is a program with an API token.
func (r *Rig) Partner(portal, token string) *Browser {
	partner := r.Browser(portal)
	partner.Bearer = token
	return partner
}

// Do asks the portal, and fails the test where what comes back is no GraphQL answer.
func (b *Browser) Do(document string, variables ...map[string]any) Answer {
	b.rig.T.Helper()
	body := map[string]any{"query": document}
	if len(variables) > 0 {
		body["variables"] = variables[0]
	}
	text, err := json.Marshal(body)
	b.rig.must(err)
	answer, err := b.Post(text)
	if err != nil {
		b.rig.T.Fatalf("%s: %v", document, err)
	}
	return answer
}

// Post sends a body as it is.
func (b *Browser) Post(body []byte) (Answer, error) {
	request, err := http.NewRequest(http.MethodPost, b.rig.URL+"/portals/"+b.Portal+"/graphql", bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	for name, values := range b.Header {
		request.Header[name] = values
	}
	if b.Bearer != "" {
		request.Header.Set("Authorization", "Bearer "+b.Bearer)
	}
	b.mutex.Lock()
	for name, value := range b.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	b.mutex.Unlock()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, err
	}
	b.keep(response.Cookies())
	return parse(response, text)
}

// Get fetches a path of the portal, with headers of this request's own in pairs; the body is read to its end.
func (b *Browser) Get(path string, header ...string) (*http.Response, string) {
	b.rig.T.Helper()
	request, err := http.NewRequest(http.MethodGet, b.rig.URL+"/portals/"+b.Portal+path, nil)
	b.rig.must(err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	if b.Bearer != "" {
		request.Header.Set("Authorization", "Bearer "+b.Bearer)
	}
	for name, value := range b.Cookies() {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := http.DefaultClient.Do(request)
	b.rig.must(err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	b.rig.must(err)
	return response, string(text)
}

func (b *Browser) keep(cookies []*http.Cookie) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, cookie := range cookies {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		} else {
			b.cookies[cookie.Name] = cookie.Value
		}
	}
}

// Cookies are those that the browser has, by name.
func (b *Browser) Cookies() map[string]string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	copied := map[string]string{}
	for name, value := range b.cookies {
		copied[name] = value
	}
	return copied
}

// SetCookie plants one.
func (b *Browser) SetCookie(name, value string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.cookies[name] = value
}

// Copy is another browser with the same cookies.
func (b *Browser) Copy() *Browser {
	other := b.rig.Browser(b.Portal)
	other.Bearer, other.cookies = b.Bearer, b.Cookies()
	return other
}
