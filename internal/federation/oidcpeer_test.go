package federation

import (
	"crypto/rand"
	"net/url"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/peer"
)

// TestACertifiedProviderSignsPeopleIn goes through a provider that isn't ours, from the request to the assertion.
func TestACertifiedProviderSignsPeopleIn(t *testing.T) {
	t.Parallel()
	for name, userInfo := range map[string]bool{"claims in the token": false, "claims in the user info": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider := peer.Start(t, peer.Client{ID: forgedClient, Secret: forgedSecret, UserInfo: userInfo})
			row := eHerkenningRow(provider.URL)
			provider.SendBackTo(t, row.RedirectURL)
			row.OIDC.Scopes, row.OIDC.ACRValues, row.OIDC.UserInfo = []string{"eherkenning-extra"}, []string{"urn:etoegang:core:assurance-class:loa3"}, userInfo
			party := newParty(t, row)
			intermediary := identity.KVKNumber("69599084")
			for account, want := range map[string]struct {
				reason Reason
				a      identity.Assertion
			}{
				"donald":  {"", identity.Assertion{Level: identity.EH3, KVKNumber: "68750110", Establishments: []identity.EstablishmentNumber{"000037178598"}}},
				"chain":   {"", identity.Assertion{Level: identity.EH4, KVKNumber: "68750110", Intermediary: &intermediary}},
				"weak":    {LevelTooLow, identity.Assertion{}},
				"private": {KVKNumberMissing, identity.Assertion{}},
				"nobody":  {Cancelled, identity.Assertion{}},
			} {
				pending, returned := visit(t, provider, party, account)
				got, err := party.Finish(t.Context(), pending, returned, time.Now())
				wantReason(t, got, err, want.reason)
				if err == nil && (got.Subject != account || got.Level != want.a.Level || got.KVKNumber != want.a.KVKNumber ||
					len(got.Establishments) != len(want.a.Establishments) || (got.Intermediary == nil) != (want.a.Intermediary == nil)) {
					t.Errorf("%s: %+v", account, got)
				}
				if err == nil {
					wantUsedUp(t, party, pending, returned)
				}
			}
			wantBound(t, provider, party)
		})
	}
}

// wantUsedUp: a code works once.
func wantUsedUp(t *testing.T, party *RelyingParty, pending Request, returned url.Values) {
	t.Helper()
	got, err := party.Finish(t.Context(), pending, returned, time.Now())
	wantReason(t, got, err, ProviderRefused)
}

// wantBound: a code that one request got is worth nothing in another, whose verifier and nonce are others.
func wantBound(t *testing.T, provider *peer.Provider, party *RelyingParty) {
	t.Helper()
	pending, _ := visit(t, provider, party, "donald")
	other, returned := visit(t, provider, party, "donald")
	returned["state"] = []string{pending.State}
	got, err := party.Finish(t.Context(), pending, returned, time.Now())
	wantReason(t, got, err, ProviderRefused)
	other.Nonce = pending.Nonce
	fresh, back := visit(t, provider, party, "donald")
	fresh.Nonce = other.Nonce
	got, err = party.Finish(t.Context(), fresh, back, time.Now())
	wantReason(t, got, err, RequestUnknown)
}

// visit walks a browser through the provider, as that account, until it is sent back.
func visit(t *testing.T, provider *peer.Provider, party *RelyingParty, account string) (Request, url.Values) {
	t.Helper()
	pending, location, err := party.Begin(t.Context(), time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return pending, provider.SignIn(t, location, account).Query()
}
