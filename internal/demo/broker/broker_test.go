package broker_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/sleutelbos/sleutelbos/internal/demo/broker"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

const clientSecret, back = "shared", "http://127.0.0.1/back"

// bank is a row of persons, whose claims are inside others and in the user info.
var bank = identity.Provider{Name: "idin", Identifies: identity.Persons, OIDC: &identity.OIDCProvider{
	ClientID: "portal", UserInfo: true, LevelClaim: "loa", Levels: []identity.LevelValue{{Value: "substantial"}, {Value: "low"}},
	Claims: identity.ClaimNames{Subject: "bin", Name: "family_name", PostalCode: "address > postal_code", City: "address > locality"},
}}

// opened is a broker that asks, and a client of it by libraries that aren't ours.
func opened(t *testing.T, now func() time.Time) (*http.Client, *oidc.Provider, oauth2.Config) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	one, err := broker.New(broker.Options{Issuer: issuer, ClientSecret: clientSecret, RedirectURL: back, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = one.Ask(broker.Asking{Portal: "Mijn Acme", Row: bank, Suggested: map[string][]string{"city": {"Leeuwarden"}}})
	server.Start()
	t.Cleanup(server.Close)
	provider, err := oidc.NewProvider(t.Context(), issuer)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return browser, provider, oauth2.Config{ClientID: "portal", ClientSecret: clientSecret, Endpoint: provider.Endpoint(), RedirectURL: back}
}

// say fills in the page, and answers what the browser is sent back with.
func say(t *testing.T, browser *http.Client, address string, form url.Values) url.Values {
	t.Helper()
	answer, err := browser.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	to, err := answer.Location()
	if err != nil || !strings.HasPrefix(to.String(), back) {
		t.Fatalf("sent to %v with %d (%v)", to, answer.StatusCode, err)
	}
	return to.Query()
}

func TestWhatSomebodySaysOfThemselvesIsToldOnceToWhoeverAsked(t *testing.T) {
	t.Parallel()
	browser, provider, config := opened(t, time.Now)
	address := config.AuthCodeURL("state", oidc.Nonce("nonce"), oauth2.S256ChallengeOption("verifier"))
	form := url.Values{"subject": {"NL1"}, "familyName": {"Vries"}, "postalCode": {"8823SJ"}, "city": {" "}, "level": {"low"}}
	returned := say(t, browser, address, form)
	if returned.Get("state") != "state" {
		t.Errorf("came back with %v", returned)
	}
	tokens, err := config.Exchange(t.Context(), returned.Get("code"), oauth2.VerifierOption("verifier"))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	signed, err := provider.Verifier(&oidc.Config{ClientID: "portal", SupportedSigningAlgs: []string{oidc.ES256}}).Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	info, err := provider.UserInfo(t.Context(), oauth2.StaticTokenSource(tokens))
	if err != nil {
		t.Fatal(err)
	}
	for what, claims := range map[string]func(any) error{"token": signed.Claims, "user info": info.Claims} {
		var said map[string]any
		if err := claims(&said); err != nil {
			t.Fatal(err)
		}
		for _, ours := range []string{"iss", "aud", "iat", "exp", "auth_time"} {
			delete(said, ours)
		}
		want := map[string]any{
			"sub": "NL1", "bin": "NL1", "family_name": "Vries", "address": map[string]any{"postal_code": "8823SJ"}, "loa": "low", "nonce": "nonce",
		}
		if difference := cmp.Diff(want, said); difference != "" {
			t.Errorf("%s: %s", what, difference)
		}
	}
	if _, err := config.Exchange(t.Context(), returned.Get("code"), oauth2.VerifierOption("verifier")); err == nil {
		t.Error("a code works twice")
	}
}

func TestACodeIsBoundToWhoAskedAndToItsMinute(t *testing.T) {
	t.Parallel()
	now := time.Now()
	browser, _, config := opened(t, func() time.Time { return now })
	for what, try := range map[string]func(code string) error{
		"another verifier": func(code string) error { return exchange(t.Context(), config, code, "other") },
		"another secret": func(code string) error {
			config := config
			config.ClientSecret = "other"
			return exchange(t.Context(), config, code, "verifier")
		},
		"another address": func(code string) error {
			config := config
			config.RedirectURL = "http://127.0.0.1/elsewhere"
			return exchange(t.Context(), config, code, "verifier")
		},
		"too late": func(code string) error {
			now = now.Add(time.Minute + time.Second)
			return exchange(t.Context(), config, code, "verifier")
		},
	} {
		address := config.AuthCodeURL("state", oidc.Nonce("nonce"), oauth2.S256ChallengeOption("verifier"))
		if try(say(t, browser, address, url.Values{"subject": {"NL1"}}).Get("code")) == nil {
			t.Errorf("%s: tokens are given", what)
		}
	}
}

func exchange(ctx context.Context, config oauth2.Config, code, verifier string) error {
	_, err := config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	return err
}

func TestThePageAsksForTheRowsOwnClaimsAndSaysThatItIsADemo(t *testing.T) {
	t.Parallel()
	browser, _, config := opened(t, time.Now)
	address := config.AuthCodeURL("state", oidc.Nonce("nonce"), oauth2.S256ChallengeOption("verifier"))
	answer, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"A demo, and not idin.", "signing in to Mijn Acme", `name="subject"`, `name="familyName"`, `name="postalCode"`, `name="city" value="Leeuwarden"`,
		"address &gt; locality", `<option value="substantial" selected>`, `<option value="low">`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %s:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "kvkNumber") {
		t.Error("the page asks for what the row has no claim for")
	}
	if returned := say(t, browser, address, url.Values{"stop": {"yes"}}); returned.Get("error") != "access_denied" || returned.Get("code") != "" {
		t.Errorf("who stops comes back with %v", returned)
	}
	for what, wrong := range map[string]string{
		"no PKCE": config.AuthCodeURL("state", oidc.Nonce("nonce")), "no nonce": config.AuthCodeURL("state", oauth2.S256ChallengeOption("v")),
		"from elsewhere": strings.Replace(address, url.QueryEscape(back), url.QueryEscape("https://evil.test/"), 1),
	} {
		for _, ask := range []func() (*http.Response, error){
			func() (*http.Response, error) { return browser.Get(wrong) },
			func() (*http.Response, error) { return browser.PostForm(wrong, url.Values{"subject": {"NL1"}}) },
		} {
			answer, err := ask()
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: answered with %d", what, answer.StatusCode)
			}
		}
	}
}

func TestTheWordsOfARowBecomeTheProvidersClaims(t *testing.T) {
	t.Parallel()
	row := identity.Provider{Identifies: identity.Businesses, Levels: []identity.AssuranceLevel{identity.EH3}, OIDC: &identity.OIDCProvider{
		LevelClaim: "acr", Levels: []identity.LevelValue{{Value: "loa2", Level: identity.EH2}, {Value: "loa3", Level: identity.EH3}},
		Claims: identity.ClaimNames{
			Subject: "sub", KVKNumber: "id", KVKQualifier: "kind", KVKQualifierValue: "KvKnr", Establishment: "vestiging", Service: "service", ServiceValue: "ours",
		},
	}}
	for name, test := range map[string]struct {
		said map[string]string
		want map[string]any
	}{
		"nothing":         {nil, map[string]any{"acr": "loa3", "service": "ours"}},
		"a level by name": {map[string]string{"level": "EH2", "subject": "p"}, map[string]any{"acr": "loa2", "service": "ours", "sub": "p"}},
		"a level by value, and one that isn't there": {map[string]string{"level": "loa9"}, map[string]any{"acr": "loa9", "service": "ours"}},
		"a business": {map[string]string{"kvkNumber": "68750110", "establishment": "000037178598"}, map[string]any{
			"acr": "loa3", "service": "ours", "id": "68750110", "kind": "KvKnr", "vestiging": "000037178598",
		}},
		"two establishments": {map[string]string{"establishment": "000037178598 000037178601"}, map[string]any{
			"acr": "loa3", "service": "ours", "vestiging": []string{"000037178598", "000037178601"},
		}},
		"what the row has no claim for": {map[string]string{"city": "Lollum"}, map[string]any{"acr": "loa3", "service": "ours"}},
	} {
		if difference := cmp.Diff(test.want, broker.Claims(row, test.said)); difference != "" {
			t.Errorf("%s: %s", name, difference)
		}
	}
}
