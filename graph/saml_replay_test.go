package graph_test

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/testrig/lasso"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func TestAnArtifactBelongsToTheBrowserThatSetOutAndCountsOnce(t *testing.T) {
	t.Parallel()
	withLasso(t, func(t *testing.T, r *rig.Rig) {
		victim, thief := r.Browser("tvm"), r.Browser("tvm")
		brings := victim.Identified(r.Word(anna, customer, nil))
		thief.Identified(r.Word(colleague, customer, nil))
		with := func(name string, values ...string) url.Values {
			changed := maps.Clone(brings)
			changed[name] = values
			return changed
		}
		relay := brings.Get("RelayState")
		for name, row := range map[string]struct {
			browser *rig.Browser
			brings  url.Values
			change  func(*http.Request)
		}{
			"a browser that set out by itself, with another's artifact": {thief, brings, nil},
			"a browser that never set out":                              {r.Browser("tvm"), brings, nil},
			"a form that came without the cookie":                       {victim.Copy(), brings, func(q *http.Request) { q.Header.Del("Cookie") }},
			"a foreign relay state":                                     {victim.Copy(), with("RelayState", relay+"x"), nil},
			"no relay state":                                            {victim.Copy(), with("RelayState"), nil},
			"two relay states":                                          {victim.Copy(), with("RelayState", relay, relay), nil},
			"another provider's path":                                   {victim.Copy(), brings, func(q *http.Request) { q.URL.Path = "/federation/eherkenning/acs" }},
			"a path of no provider":                                     {victim.Copy(), brings, func(q *http.Request) { q.URL.Path = "/federation/other/acs" }},
		} {
			status, location := row.browser.Arrive(http.MethodPost, row.brings, row.change)
			answer := row.browser.Do(howItWent)
			if status != http.StatusSeeOther || location != r.Portal("tvm").SPA.SignInLink() || answer.String("currentSignIn.__typename") != "" ||
				answer.String("viewer.user.id") != "" {
				t.Errorf("%s: %d %s %s", name, status, location, answer.Text)
			}
		}
		elsewhere := r.Browser("avero")
		elsewhere.SetCookie("__Secure-avero-journey", victim.Cookies()["__Secure-tvm-journey"])
		if _, location := elsewhere.Arrive(http.MethodPost, brings, nil); location != r.Portal("avero").SPA.SignInLink() {
			t.Errorf("another portal sends on to %s", location)
		}
		if _, location := victim.Arrive(http.MethodPost, brings, nil); !strings.HasSuffix(location, "/welcome") || victim.Do(howItWent).String("viewer.user.id") == "" {
			t.Error("the right return doesn't sign in after the wrong ones")
		}
		replay := r.Browser("tvm")
		replay.SetCookie("__Secure-tvm-journey", victim.Cookies()["__Secure-tvm-journey"])
		if _, location := replay.Arrive(http.MethodPost, brings, nil); location != r.Portal("tvm").SPA.SignInLink() {
			t.Errorf("a return that was used leads to %s", location)
		}
	})
}

func TestNeitherAnArtifactNorAnAssertionCountsTwice(t *testing.T) {
	t.Parallel()
	withLasso(t, func(t *testing.T, r *rig.Rig) {
		same := func(w *lasso.Word) { w.ID = "_the-same" }
		first := r.Browser("tvm")
		spent := first.Identified(r.Word(anna, customer, same))
		first.Arrive(http.MethodPost, spent, nil)
		if first.Do(howItWent).String("viewer.user.id") == "" {
			t.Fatal("nobody came in")
		}
		artifact, assertion := r.Browser("tvm"), r.Browser("tvm")
		brings := artifact.Identified(r.Word(anna, customer, nil))
		brings["SAMLart"] = spent["SAMLart"]
		artifact.Arrive(http.MethodPost, brings, nil)
		assertion.Arrive(http.MethodPost, assertion.Identified(r.Word(anna, customer, same)), nil)
		for reason, browser := range map[string]*rig.Browser{"artifact-spent": artifact, "replayed": assertion} {
			answer := browser.Do(howItWent)
			if answer.String("currentSignIn.code") != "IDENTIFICATION_FAILED" || answer.String("viewer.user.id") != "" ||
				!strings.Contains(r.Log.String(), `"reason":"`+reason+`"`) {
				t.Errorf("%s: %s", reason, answer.Text)
			}
		}
	})
}

func TestFiftyReturnsFromLassoAtOnceSignInOnce(t *testing.T) {
	t.Parallel()
	withLasso(t, func(t *testing.T, r *rig.Rig) {
		atOnce := func(browser func(int) (*rig.Browser, url.Values)) {
			var all sync.WaitGroup
			for i := range 50 {
				one, brings := browser(i)
				all.Go(func() { one.Arrive(http.MethodPost, brings, nil) })
			}
			all.Wait()
		}
		browser := r.Browser("tvm")
		brings := browser.Identified(r.Word(anna, customer, nil))
		atOnce(func(int) (*rig.Browser, url.Values) { return browser.Copy(), brings })
		if in := one(r, "SELECT count(*) FROM sessions WHERE provider = 'eherkenning-saml'"); in != "1" {
			t.Errorf("one return, fifty times at once: %s sessions", in)
		}
		atOnce(func(int) (*rig.Browser, url.Values) {
			browser := r.Browser("tvm")
			return browser, browser.Identified(r.Word(colleague, customer, func(w *lasso.Word) { w.ID = "_the-same" }))
		})
		if in := one(r, "SELECT count(*) FROM sessions WHERE provider = 'eherkenning-saml'"); in != "2" {
			t.Errorf("one assertion, behind fifty artifacts at once: %s sessions besides the first", in)
		}
	})
}

func TestNothingThatLassoSaysOfSomebodyIsFoundAnywhere(t *testing.T) {
	t.Parallel()
	withLasso(t, func(t *testing.T, r *rig.Rig) {
		secrets := map[string]string{"pseudonym": anna, "pseudonym of whoever was refused": colleague, "assertion": "_marker-of-an-assertion"}
		for _, word := range []lasso.Word{
			r.Word(anna, customer, func(w *lasso.Word) { w.ID = secrets["assertion"] }),
			r.Word(colleague, "69599084", nil), r.Word(colleague, customer, func(w *lasso.Word) { w.Level = "urn:marker" }),
		} {
			browser := r.Browser("tvm")
			brings := browser.Identified(word)
			browser.Arrive(http.MethodPost, brings, nil)
			browser.Copy().Arrive(http.MethodGet, brings, nil)
			artifact := brings.Get("SAMLart")
			raw, err := base64.StdEncoding.DecodeString(artifact)
			if err != nil {
				t.Fatal(err)
			}
			secrets["artifact "+artifact], secrets["artifact, bytes "+artifact] = artifact, string(raw)
			secrets["relay state "+artifact], secrets["cookie "+artifact] = brings.Get("RelayState"), browser.Cookies()["__Secure-tvm-journey"]
		}
		places := map[string]string{"the log": r.Log.String(), "the metrics": r.Metrics()}
		for _, table := range tables(r) {
			places["table "+table] = strings.Join(texts(r, table, columnsOf(r, table), "1 = 1"), "\n")
		}
		for place, text := range places {
			for name, secret := range secrets {
				if how := foundIn(text, secret); how != "" {
					t.Errorf("%s holds the %s, %s", place, name, how)
				}
			}
		}
		if len(secrets) != 15 || places["table journeys"] == "" || !strings.Contains(places["the log"], `"reason":"level"`) {
			t.Errorf("%d secrets were looked for in %d places", len(secrets), len(places))
		}
	})
}
