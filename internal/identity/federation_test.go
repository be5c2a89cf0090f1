package identity_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func TestALevelThatIsWorthOneFactorIsTooLowWhereTwoAreOwed(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, time.June, 11, 12, 0, 0, 0, time.UTC)
	later := now.Add(time.Nanosecond)
	var free identity.TwoFactorPolicy
	for name, row := range map[string]struct {
		policy       identity.TwoFactorPolicy
		organisation identity.Organisation
		user         identity.User
		owed         bool
	}{
		"nobody asks":            {free, identity.Organisation{}, identity.User{}, false},
		"before the date":        {identity.TwoFactorPolicy{RequiredFrom: &later}, identity.Organisation{}, identity.User{}, false},
		"from the date":          {identity.TwoFactorPolicy{RequiredFrom: &now}, identity.Organisation{}, identity.User{}, true},
		"the organisation":       {free, identity.Organisation{TwoFactorActivatedAt: &now}, identity.User{}, true},
		"the user after a reset": {free, identity.Organisation{}, identity.User{EnrolmentOwed: identity.ByPortalPolicy}, true},
	} {
		for _, level := range identity.AssuranceLevels {
			err := row.policy.CheckWorth(level.Strength(), row.organisation, row.user, now)
			enough := level == identity.EH3 || level == identity.EH4
			if tooLow := errors.Is(err, identity.Refuse(identity.AssuranceTooLow)); tooLow != (row.owed && !enough) || !tooLow && err != nil {
				t.Errorf("%s, %s: %v", name, level, err)
			}
		}
	}
}

func TestAProviderSendsBrowsersBackToItsOwnPathAlone(t *testing.T) {
	t.Parallel()
	portal := identity.Portal{Providers: []identity.Provider{
		{Name: "one", OIDC: &identity.OIDCProvider{}}, {Name: "two", SAML: &identity.SAMLProvider{}},
	}}
	for path, want := range map[string]string{
		"/federation/one/callback": "one", "/federation/two/acs": "two", "/federation/one/acs": "", "/federation/two/callback": "",
		"/federation/three/acs": "", "/federation/two/metadata": "", "/federation/two/acs/": "", "": "",
	} {
		if got, found := portal.ProviderAt(path); got.Name != want || found != (want != "") {
			t.Errorf("%q is of %q", path, got.Name)
		}
	}
}
