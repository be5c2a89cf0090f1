package kvk_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/kvk"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func register(t *testing.T, url string) *kvk.Register {
	t.Helper()
	r, err := kvk.New(url, testrig.RegisterKey)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheRegisterTellsOfThePublishedTestCompanies(t *testing.T) {
	t.Parallel()
	loopback := testrig.NewRegister(t)
	loopback.Enter("55505201", testrig.Company{Name: "Test Overig", EndedOn: "20190300", Establishments: []string{"990001987781"}})
	for number, want := range map[identity.KVKNumber]identity.RegisterEntry{
		"69599084": {Exists: true, LegalName: "Test EMZ Dagobert", Establishments: []identity.EstablishmentNumber{"000038509504", "000038509520"}},
		"68750110": {Exists: true, LegalName: "Test BV Donald", Establishments: []identity.EstablishmentNumber{"000037178598", "000037178601"}},
		"69599068": {Exists: true, LegalName: "Test Stichting Bolderbast"},
		"55505201": {Exists: true, LegalName: "Test Overig", EndedOn: "20190300", Establishments: []identity.EstablishmentNumber{"990001987781"}},
		"00000000": {},
	} {
		got, err := register(t, loopback.URL).Look(t.Context(), number)
		if difference := cmp.Diff(want, got, cmpopts.EquateEmpty()); difference != "" || err != nil {
			t.Errorf("%s (%v):\n%s", number, err, difference)
		}
	}
}

func TestWhyTheRegisterGaveNoAnswerIsTold(t *testing.T) {
	t.Parallel()
	const page = `<html><title>` + testrig.RegisterKey + `</title></html>`
	old := testrig.FailWith(404, "application/json", `{"meldingen":{"fout":[{"code":"IPD5200","omschrijving":"Geen resultaten"}]}}`)
	about := func(number string) http.HandlerFunc {
		return testrig.FailWith(200, "application/json", `{"kvkNummer":"`+number+`","naam":"Another"}`)
	}
	temporary, final := &kvk.Failure{Temporary: true}, &kvk.Failure{}
	for name, wrong := range map[string]struct {
		fault http.HandlerFunc
		want  *kvk.Failure // nil: that there is no such business
	}{
		"no results":                        {testrig.FailWithCode(404, "IPD5200"), nil},
		"no results, in the old shape":      {old, nil},
		"no product of that number":         {testrig.FailWithCode(404, "IPD0005"), nil},
		"no product of that establishment":  {testrig.FailWithCode(404, "IPD0007"), nil},
		"being processed":                   {testrig.FailWithCode(400, "IPD1002"), &kvk.Failure{Status: 400, Code: "IPD1002", Temporary: true}},
		"in five minutes":                   {testrig.FailWithCode(503, "IPD1003"), &kvk.Failure{Status: 503, Code: "IPD1003", Temporary: true}},
		"a technical fault":                 {testrig.FailWithCode(500, "IPD9999"), &kvk.Failure{Status: 500, Code: "IPD9999", Temporary: true}},
		"a number that is none":             {testrig.FailWithCode(400, "IPD0004"), &kvk.Failure{Status: 400, Code: "IPD0004"}},
		"a parameter that is none":          {testrig.FailWithCode(400, "IPD1999"), &kvk.Failure{Status: 400, Code: "IPD1999"}},
		"a code that is none":               {testrig.FailWithCode(400, testrig.RegisterKey), &kvk.Failure{Status: 400}},
		"a gateway's page":                  {testrig.FailWith(502, "text/html", page), &kvk.Failure{Status: 502, Temporary: true}},
		"a page where the API should be":    {testrig.FailWith(404, "text/html", page), &kvk.Failure{Status: 404}},
		"too many questions":                {testrig.FailWith(429, "text/plain", ""), &kvk.Failure{Status: 429, Temporary: true}},
		"a key that isn't known":            {testrig.FailWith(401, "text/html", page), &kvk.Failure{Status: 401}},
		"a product that wasn't bought":      {testrig.FailWith(403, "application/json", `{"message":"no"}`), &kvk.Failure{Status: 403}},
		"a page instead of an answer":       {testrig.FailWith(200, "text/html", page), &kvk.Failure{Status: 200, Temporary: true}},
		"an answer that breaks off":         {testrig.FailWith(200, "application/json", `{"kvkNummer":"687`), &kvk.Failure{Status: 200, Temporary: true}},
		"an answer without an end":          {testrig.FailWith(200, "application/json", strings.Repeat(" ", 5<<20)), &kvk.Failure{Status: 200}},
		"an answer about another business":  {about("68727720"), final},
		"a redirect, which the key shuns":   {http.RedirectHandler("https://elsewhere.test/", http.StatusFound).ServeHTTP, &kvk.Failure{Status: 302}},
		"no answer within the asker's time": {testrig.Hang, temporary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loopback := testrig.NewRegister(t)
			loopback.Fail(wrong.fault)
			ctx := t.Context()
			if name == "no answer within the asker's time" {
				bounded, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
				ctx = bounded
			}
			entry, err := register(t, loopback.URL).Look(ctx, "68750110")
			if entry.Exists {
				t.Errorf("it tells of a business all the same: %+v", entry)
			}
			wantFailure(t, err, wrong.want)
		})
	}
}

func wantFailure(t *testing.T, err error, want *kvk.Failure) {
	t.Helper()
	if want == nil {
		if err != nil {
			t.Errorf("answered %v, want that there is none", err)
		}
		return
	}
	got, is := errors.AsType[*kvk.Failure](err)
	if !is || got.Status != want.Status || got.Code != want.Code || got.Temporary != want.Temporary {
		t.Errorf("answered %+v (%v), want %+v", got, err, want)
	}
	if err != nil && strings.Contains(err.Error(), testrig.RegisterKey) {
		t.Errorf("the fault shows what was sent or what came: %v", err)
	}
}

func TestAFaultBehindTheFirstPageIsAFault(t *testing.T) {
	t.Parallel()
	first := testrig.FailWith(200, "application/json", `{"kvkNummer":"68750110","naam":"Test BV Donald"}`)
	for name, second := range map[string]http.HandlerFunc{
		"the establishments are another's":     testrig.FailWith(200, "application/json", `{"kvkNummer":"68727720","vestigingen":[]}`),
		"an establishment's number isn't one":  testrig.FailWith(200, "application/json", `{"kvkNummer":"68750110","vestigingen":[{"vestigingsnummer":"12"}]}`),
		"the establishments can't be told now": testrig.FailWithCode(503, "IPD1003"),
	} {
		loopback := testrig.NewRegister(t)
		loopback.Fail(first, second)
		if entry, err := register(t, loopback.URL).Look(t.Context(), "68750110"); err == nil || entry.Exists {
			t.Errorf("%s: answered %+v, %v", name, entry, err)
		}
	}
}

func TestTheKeyTravelsInItsHeaderAndOverTLSAlone(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]bool{
		"": true, "https://api.kvk.nl": true, "https://api.kvk.nl/test": true, "http://127.0.0.1:8000/": true, "http://localhost": true,
		"http://[::1]:1": true, "http://api.kvk.nl": false, "ftp://api.kvk.nl": false, "api.kvk.nl": false, "https://": false,
		"https://user:secret@api.kvk.nl": false, "https://api.kvk.nl?x=1": false, "https://api.kvk.nl/#x": false, "https://%zz": false,
		"http://127.0.0.1.evil.test": false,
	} {
		if _, err := kvk.New(base, "key"); (err == nil) != want {
			t.Errorf("%q: %v, want it taken: %t", base, err, want)
		}
	}
	seen := make(chan http.Header, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header
		if strings.Contains(r.URL.String(), testrig.RegisterKey) {
			t.Errorf("the key is in the address: %s", r.URL)
		}
		testrig.FailWithCode(404, "IPD5200")(w, r)
	}))
	defer server.Close()
	if _, err := register(t, server.URL+"/").Look(t.Context(), "68750110"); err != nil {
		t.Fatal(err)
	}
	if header := <-seen; header.Get("Apikey") != testrig.RegisterKey || header.Get("User-Agent") == "" {
		t.Errorf("asked with %v", header)
	}
}
