package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/peer"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// The whole way through a provider that isn't ours: beginBusinessSignIn, its sign-in, the return, a session.
func TestACertifiedProviderLeadsThroughTheWholeServer(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r, provider := withCertified(t, db)
		r.Clock.Set(time.Now()) // which is the provider's
		browser := r.Browser("tvm")
		back := provider.SignIn(t, browser.Depart("/welcome"), "donald").String()
		thief := browser.Copy()
		if status, location := browser.Visit(back); status != http.StatusSeeOther || !strings.HasSuffix(location, "/welcome") {
			t.Fatalf("back with %d at %s", status, location)
		}
		answer := browser.Do(howItWent)
		for path, want := range map[string]string{
			"currentSignIn.__typename": "SignInComplete", "viewer.session.provider": "eherkenning", "viewer.session.assuranceLevel": "EH3",
			"viewer.session.strength": "TWO_FACTOR", "viewer.user.role": "SUB_USER",
		} {
			if got := answer.String(path); got != want {
				t.Errorf("%s is %q, want %q: %s", path, got, want, answer.Text)
			}
		}
		if !strings.Contains(answer.Text, `"establishmentScope":["`+shop+`"]`) {
			t.Errorf("the mandate is for %s: %s", shop, answer.Text)
		}
		thief.Visit(back)
		if replayed := thief.Do(howItWent); replayed.String("viewer.user.id") != "" || replayed.String("currentSignIn.__typename") != "" {
			t.Errorf("the return counts twice: %s", replayed.Text)
		}
		for account, want := range map[string]identity.Code{
			"weak": identity.AssuranceTooLow, "private": identity.KVKNumberMissing, "chain": identity.IntermediaryNotAllowed,
			"nobody": identity.IdentificationCancelled,
		} {
			refused := r.Browser("tvm")
			refused.Visit(provider.SignIn(t, refused.Depart("/welcome"), account).String())
			if answer := refused.Do(howItWent); answer.String("currentSignIn.code") != string(want) || answer.String("viewer.user.id") != "" {
				t.Errorf("%s: %s, want %s", account, answer.Text, want)
			}
		}
	})
}

// withCertified starts a portal whose provider isn't ours, and whose customer is Donald.
func withCertified(t *testing.T, db testrig.Database) (*rig.Rig, *peer.Provider) {
	t.Helper()
	provider := peer.Start(t, peer.Client{ID: "sleutelbos", Secret: testrig.BrokerSecret})
	row := (&testrig.Broker{URL: provider.URL}).Provider()
	row.OIDC.Scopes, row.OIDC.ACRValues = []string{"eherkenning-extra"}, []string{testrig.SaysEH3}
	r := rig.New(t, db, rig.WithProvider("tvm", row))
	provider.SendBackTo(t, r.ReturnURL("tvm", row.Name))
	donald(r)
	return r, provider
}
