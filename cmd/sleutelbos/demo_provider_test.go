package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/portals"
)

// Whatever its row says, a provider of the demo lets somebody in who fills in its page, and tells the portal when they stop.
func TestTheDemosProvidersAreDoorsToo(t *testing.T) {
	t.Parallel()
	all, err := config.LoadPortals(portals.Files)
	if err != nil {
		t.Fatal(err)
	}
	origin := startDemo(t)
	for _, portal := range all {
		for _, provider := range portal.Providers {
			door := demoDoor{t, origin, portal.Slug, provider.Name}
			if page := fetch(t, origin+"/dev/"+portal.Slug+"/sign-in"); !strings.Contains(page, `data-provider="`+provider.Name+`"`) {
				t.Errorf("%s: the page for signing in doesn't lead to %s", portal.Slug, provider.Name)
			}
			if said := door.through(nil); !strings.Contains(said, `"__typename":"SignInComplete"`) || !strings.Contains(said, `"provider":"`+provider.Name+`"`) {
				t.Errorf("%s by %s: %s", portal.Slug, provider.Name, said)
			}
			if said := door.through(url.Values{"stop": {"yes"}}); !strings.Contains(said, `"code":"IDENTIFICATION_CANCELLED"`) {
				t.Errorf("%s, stopped at %s: %s", portal.Slug, provider.Name, said)
			}
		}
	}
}

// demoDoor is a provider of one of the demo's portals.
type demoDoor struct {
	t                        *testing.T
	origin, portal, provider string
}

// through goes through it, with what the page suggests and with more, and answers how it went.
func (d demoDoor) through(more url.Values) string {
	d.t.Helper()
	endpoint := d.origin + "/portals/" + d.portal + "/graphql"
	body, cookies := d.send(http.MethodPost, endpoint, `{"query": "mutation { beginBusinessSignIn(input: {provider: \"`+d.provider+
		`\", returnTo: \"/dev/`+d.portal+`/sign-in\"}) { redirectUrl } }"}`, nil)
	_, address, _ := strings.Cut(body, `"redirectUrl":"`)
	address, _, _ = strings.Cut(address, `"`)
	address = strings.ReplaceAll(address, `\u0026`, "&")
	form := suggestions(fetch(d.t, address))
	for name, values := range more {
		form[name] = values
	}
	answer, err := unled.PostForm(address, form)
	if err != nil {
		d.t.Fatal(err)
	}
	_ = answer.Body.Close()
	_, cookies = d.send(http.MethodGet, answer.Header.Get("Location"), "", cookies)
	body, _ = d.send(http.MethodPost, endpoint, `{"query": "{ currentSignIn { __typename ... on SignInRefused { code } } viewer { session { provider } } }"}`, cookies)
	return body
}

// unled goes nowhere by itself.
var unled = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (d demoDoor) send(method, address, body string, cookies []*http.Cookie) (string, []*http.Cookie) {
	d.t.Helper()
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for _, cookie := range cookies {
		if cookie.MaxAge >= 0 {
			request.AddCookie(cookie)
		}
	}
	answer, err := unled.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text), answer.Cookies()
}

// suggestions are what a page has filled in already.
func suggestions(page string) url.Values {
	form := url.Values{}
	for _, input := range strings.Split(page, "<input ")[1:] {
		_, name, _ := strings.Cut(input, `name="`)
		_, value, _ := strings.Cut(input, `value="`)
		name, _, _ = strings.Cut(name, `"`)
		value, _, _ = strings.Cut(value, `"`)
		form.Set(name, value)
	}
	return form
}
