package graph_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/lasso"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// anna and her colleague are pseudonyms of employees.
const (
	anna      = "0f1e2d3c4b5a69780f1e2d3c4b5a69780f1e2d3c4b5a69780f1e2d3c4b5a6978@0123456789abcdef0123456789abcdef"
	colleague = "1f1e2d3c4b5a69780f1e2d3c4b5a69780f1e2d3c4b5a69780f1e2d3c4b5a6978@0123456789abcdef0123456789abcdef"
)

// withLasso starts a portal that people come into through Lasso by SAML, or through another broker by OpenID Connect, and
// whose customer is Donald.
func withLasso(t *testing.T, test func(t *testing.T, r *rig.Rig)) {
	t.Helper()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := rig.New(t, db, rig.WithBroker(t, db.Clock, "tvm", nil), rig.WithLasso(t, "tvm"))
		donald(r)
		test(t, r)
	})
}

func TestAnEmployeeComesInThroughLassoByGETAndByPOST(t *testing.T) {
	t.Parallel()
	withLasso(t, func(t *testing.T, r *rig.Rig) {
		ids := map[string]string{}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			browser := r.Browser("tvm")
			brings := browser.Identified(r.Word(anna, customer, func(w *lasso.Word) {
				w.Plain["urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"] = []string{shop}
			}))
			status, location := browser.Arrive(method, brings, func(*http.Request) {})
			if want := r.Portal("tvm").SPA.Origin + "/welcome"; status != http.StatusSeeOther || location != want {
				t.Fatalf("%s: back with %d at %s, want %s", method, status, location, want)
			}
			answer := browser.Do(howItWent)
			for path, want := range map[string]string{
				"currentSignIn.__typename": "SignInComplete", "viewer.user.role": "SUB_USER", "viewer.session.strength": "TWO_FACTOR",
				"viewer.session.provider": "eherkenning-saml", "viewer.session.assuranceLevel": "EH3", "viewer.user.status": "ACTIVE",
			} {
				if got := answer.String(path); got != want {
					t.Errorf("%s: %s is %q, want %q", method, path, got, want)
				}
			}
			if !strings.Contains(answer.Text, `"establishmentScope":["`+shop+`"]`) {
				t.Errorf("%s: %s", method, answer.Text)
			}
			ids[answer.String("viewer.user.id")] = method
		}
		if len(ids) != 1 {
			t.Errorf("one person became %v", ids)
		}
	})
}

func TestWhoIsNotLetInThroughLassoHearsWhyAndTheLogHasOneWordOfIt(t *testing.T) {
	t.Parallel()
	withLasso(t, func(t *testing.T, r *rig.Rig) {
		for name, row := range map[string]struct {
			number string
			more   func(*lasso.Word)
			want   identity.Code
			word   string
		}{
			"EH2":                {customer, func(w *lasso.Word) { w.Level = testrig.SaysEH2 }, identity.AssuranceTooLow, "level"},
			"the person stopped": {customer, func(w *lasso.Word) { w.Cancel = true }, identity.IdentificationCancelled, "cancelled"},
			"no customer":        {"69599084", nil, identity.NotACustomer, ""},
			"another service": {
				customer, func(w *lasso.Word) { w.Plain["urn:etoegang:core:ServiceID"] = []string{"urn:other"} },
				identity.IdentificationFailed, "service",
			},
			"an intermediary": {customer, func(w *lasso.Word) {
				w.Sealed["urn:etoegang:1.9:IntermediateEntityID:KvKnr"] = [2]string{"urn:etoegang:1.9:EntityConcernedID:KvKnr", "69599084"}
			}, identity.IntermediaryNotAllowed, ""},
		} {
			browser := r.Browser("tvm")
			status, location := browser.Arrive(http.MethodPost, browser.Identified(r.Word(anna, row.number, row.more)), nil)
			answer := browser.Do(howItWent)
			if status != http.StatusSeeOther || !strings.HasSuffix(location, "/welcome") || answer.String("currentSignIn.code") != string(row.want) ||
				answer.String("viewer.user.id") != "" {
				t.Errorf("%s: %d %s %s, want %s", name, status, location, answer.Text, row.want)
			}
			if line := `"msg":"not identified","provider":"eherkenning-saml","reason":"` + row.word + `"`; row.word != "" && !strings.Contains(r.Log.String(), line) {
				t.Errorf("%s: the log doesn't say %s", name, line)
			}
		}
		if made := one(r, "SELECT count(*) FROM users WHERE provider <> ''"); made != "0" {
			t.Errorf("%s accounts were made", made)
		}
		told := one(r, `SELECT count(*) FROM audit_events WHERE action = 'SIGN_IN_REFUSED' AND details = '{"code":"ASSURANCE_TOO_LOW","provider":"eherkenning-saml"}'
			AND organisation_id = (SELECT organisation_id FROM organisations WHERE name = 'Donald')`)
		if told != "1" {
			t.Errorf("the business reads %s times that a level was too low, want once", told)
		}
	})
}

func TestWhatIsNoReturnFromABrokerIsRefusedBeforeAnythingIsUsedUp(t *testing.T) {
	t.Parallel()
	withLasso(t, func(t *testing.T, r *rig.Rig) {
		browser := r.Browser("tvm")
		brings := browser.Identified(r.Word(anna, customer, nil))
		raw := func(text string) func(*http.Request) {
			return func(q *http.Request) {
				q.Body, q.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
			}
		}
		kind := func(values ...string) func(*http.Request) {
			return func(q *http.Request) { q.Header["Content-Type"] = values }
		}
		const form = "application/x-www-form-urlencoded"
		for name, row := range map[string]struct {
			method string
			change func(*http.Request)
			want   int
		}{
			"too long a form":       {http.MethodPost, raw(brings.Encode() + "&x=" + strings.Repeat("x", 8<<10)), http.StatusBadRequest},
			"too long a query":      {http.MethodGet, func(q *http.Request) { q.URL.RawQuery += "&x=" + strings.Repeat("x", 8<<10) }, http.StatusBadRequest},
			"no form":               {http.MethodPost, raw("%zz=%"), http.StatusBadRequest},
			"JSON":                  {http.MethodPost, kind("application/json"), http.StatusBadRequest},
			"a form of parts":       {http.MethodPost, kind("multipart/form-data; boundary=x"), http.StatusBadRequest},
			"a form with a charset": {http.MethodPost, kind(form + "; charset=utf-8"), http.StatusBadRequest},
			"two kinds":             {http.MethodPost, kind(form, form), http.StatusBadRequest},
			"no kind":               {http.MethodPost, kind(), http.StatusBadRequest},
			"a form and a query":    {http.MethodPost, func(q *http.Request) { q.URL.RawQuery = brings.Encode() }, http.StatusBadRequest},
			"another method":        {http.MethodPut, nil, http.StatusMethodNotAllowed},
			"a form for OpenID Connect": {
				http.MethodPost, func(q *http.Request) { q.URL.Path = "/federation/eherkenning/callback" },
				http.StatusMethodNotAllowed,
			},
			"a form for GraphQL": {http.MethodPost, func(q *http.Request) { q.URL.Path = "/graphql" }, http.StatusForbidden},
			"no path of ours":    {http.MethodPost, func(q *http.Request) { q.URL.Path += "/more" }, http.StatusNotFound},
		} {
			if status, location := browser.Copy().Arrive(row.method, brings, row.change); status != row.want || location != "" {
				t.Errorf("%s: %d %s, want %d", name, status, location, row.want)
			}
		}
		if _, location := browser.Arrive(http.MethodPost, brings, nil); !strings.HasSuffix(location, "/welcome") || browser.Do(howItWent).String("viewer.user.id") == "" {
			t.Error("the right return doesn't sign in after the wrong ones")
		}
	})
}

func TestWhoSetsOutLeavesTheirSessionBehindAndComesBackWithAnother(t *testing.T) {
	t.Parallel()
	withLasso(t, func(t *testing.T, r *rig.Rig) {
		browser := r.Browser("tvm")
		browser.Arrive(http.MethodPost, browser.Identified(r.Word(anna, customer, nil)), nil)
		old := browser.Copy()
		if old.Do(howItWent).String("viewer.user.id") == "" {
			t.Fatal("nobody came in")
		}
		brings := browser.Identified(r.Word(anna, customer, nil))
		if answer := old.Do(howItWent); answer.String("viewer.user.id") != "" {
			t.Errorf("the session goes on: %s", answer.Text)
		}
		browser.Arrive(http.MethodPost, brings, nil)
		if browser.Do(howItWent).String("viewer.user.id") == "" || old.Do(howItWent).String("viewer.user.id") != "" {
			t.Error("the new session isn't there, or is the old one")
		}
	})
}

func TestABrokerReadsWhoWeAre(t *testing.T) {
	t.Parallel()
	withLasso(t, func(t *testing.T, r *rig.Rig) {
		status, header, document := fetch(t, r.URL+"/portals/tvm/federation/eherkenning-saml/metadata")
		if status != http.StatusOK || header.Get("Content-Type") != "application/samlmetadata+xml" || header.Get("Cache-Control") != "public, max-age=300" {
			t.Errorf("%d %v", status, header)
		}
		host := r.Portal("tvm").Hosts[0]
		if !strings.Contains(document, `entityID="`+lasso.Us+`"`) || !strings.Contains(document, `Location="https://`+host+`/federation/eherkenning-saml/acs"`) {
			t.Error(document)
		}
		for _, path := range []string{"tvm/federation/eherkenning", "tvm/federation/other", "avero/federation/eherkenning-saml"} {
			if status, _, _ := fetch(t, r.URL+"/portals/"+path+"/metadata"); status == http.StatusOK {
				t.Errorf("%s has metadata", path)
			}
		}
	})
}

func fetch(t *testing.T, address string) (int, http.Header, string) {
	t.Helper()
	answer, err := (&http.Client{Timeout: time.Minute}).Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}
