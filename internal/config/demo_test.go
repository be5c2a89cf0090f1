package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestTheDemoMovesDatesThatHavePassed(t *testing.T) {
	t.Parallel()
	zone := amsterdam(t)
	on := func(year int, month time.Month, day int) *time.Time {
		date := time.Date(year, month, day, 0, 0, 0, 0, zone)
		return &date
	}
	now := time.Date(2026, 3, 10, 23, 30, 0, 0, time.UTC) // the 11th in Amsterdam
	for name, test := range map[string]struct{ required, postponable, wantRequired, wantPostponable *time.Time }{
		"none":                       {nil, nil, nil, nil},
		"both past":                  {on(2025, 11, 1), on(2025, 10, 1), on(2026, 4, 11), on(2026, 3, 25)},
		"both to come":               {on(2026, 11, 1), on(2026, 10, 1), on(2026, 11, 1), on(2026, 10, 1)},
		"one passes now":             {&now, nil, on(2026, 4, 11), nil},
		"required sooner than weeks": {on(2026, 3, 13), on(2026, 3, 1), on(2026, 3, 13), on(2026, 3, 13)},
	} {
		file := identity.Portal{Slug: "acme", Location: zone, TwoFactor: identity.TwoFactorPolicy{
			RequiredFrom: test.required, PostponableUntil: test.postponable,
		}}
		portals := []identity.Portal{file}
		demo := config.Demo(portals, now, "http://localhost:8080")[0]
		want := identity.TwoFactorPolicy{RequiredFrom: test.wantRequired, PostponableUntil: test.wantPostponable}
		if diff := cmp.Diff(want, demo.TwoFactor); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		if diff := cmp.Diff(file, portals[0], sameZone); diff != "" {
			t.Errorf("%s: the portals of the files changed:\n%s", name, diff)
		}
		if got, want := demo.SPA.PasswordLink("t"), "http://localhost:8080/dev/acme/password#token=t"; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestTheDemosPortalsDifferFromTheFilesInDatesPagesAndProvidersAddressesOnly(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for _, file := range loadOurs(t) {
		demo := config.Demo([]identity.Portal{file}, now, "http://localhost:8080")[0]
		for i, provider := range demo.Providers {
			if want := "http://localhost:8080/dev/provider/" + file.Slug + "/" + provider.Name; provider.OIDC.Issuer != want {
				t.Errorf("%s: the provider is at %s, want %s", file.Slug, provider.OIDC.Issuer, want)
			}
			provider.OIDC.Issuer = file.Providers[i].OIDC.Issuer
		}
		demo.SPA, demo.TwoFactor.RequiredFrom, demo.TwoFactor.PostponableUntil = file.SPA, file.TwoFactor.RequiredFrom, file.TwoFactor.PostponableUntil
		if diff := cmp.Diff(file, demo, sameZone); diff != "" {
			t.Errorf("%s: -file +demo\n%s", file.Slug, diff)
		}
	}
}
