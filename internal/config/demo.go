package config

import (
	"slices"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Demo answers the same portals, changed so that every journey can be tried at the given instant, in the pages that the
// server itself shows at the origin:
//
//   - a date past from which a factor is required becomes the day a month ahead;
//   - a date past until which enrolment can be put off becomes the day two weeks ahead, or the day from which it is required
//     where that is sooner;
//   - a provider that speaks OpenID Connect is at /dev/provider/SLUG/NAME at the origin;
//   - links lead to /dev/SLUG/password, /dev/SLUG/sign-in and /dev/SLUG/undo at the origin.
//
// A day begins at midnight in the portal's zone. Dates yet to come stay as they are.
func Demo(portals []identity.Portal, now time.Time, origin string) []identity.Portal {
	moved := slices.Clone(portals)
	for i := range moved {
		p := &moved[i]
		today := midnight(now.In(p.Location))
		p.TwoFactor.RequiredFrom = renew(p.TwoFactor.RequiredFrom, now, today.AddDate(0, 1, 0))
		p.TwoFactor.PostponableUntil = renew(p.TwoFactor.PostponableUntil, now, today.AddDate(0, 0, 14))
		if from, until := p.TwoFactor.RequiredFrom, p.TwoFactor.PostponableUntil; from != nil && until != nil && until.After(*from) {
			p.TwoFactor.PostponableUntil = from
		}
		p.Providers = slices.Clone(p.Providers)
		for j, provider := range p.Providers {
			if provider.OIDC != nil {
				there := *provider.OIDC
				there.Issuer = origin + "/dev/provider/" + p.Slug + "/" + provider.Name
				p.Providers[j].OIDC = &there
			}
		}
		pages := "/dev/" + p.Slug
		p.SPA = identity.SPA{
			Origin: origin, PasswordPath: pages + "/password", SignInPath: pages + "/sign-in", UndoPath: pages + "/undo",
		}
	}
	return moved
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

func renew(date *time.Time, now, next time.Time) *time.Time {
	if date == nil || date.After(now) {
		return date
	}
	return &next
}
