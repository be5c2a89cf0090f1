package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// A row per cell of the atosi column of the product's table of portals.
func TestAtosisFileSaysWhatItsGuideSays(t *testing.T) {
	t.Parallel()
	p := loadOurs(t)["atosi"]
	required := time.Date(2022, 1, 1, 0, 0, 0, 0, amsterdam(t))
	postponable := time.Date(2022, 2, 1, 0, 0, 0, 0, amsterdam(t))
	for _, fact := range []struct {
		sentence  string
		got, want any
	}{
		{"first credential: organisation code, user name and password", p.SignIn.Identifiers, []identity.IdentifierKind{identity.ByOrganisationCodeAndUsername}},
		{"factors offered: TOTP app, e-mail code", p.Factors.Kinds, []identity.FactorKind{identity.TOTP, identity.Email}},
		{"no recovery codes", p.Factors.RecoveryCodes, false},
		{"who starts 2FA: the portal, at the next sign-in", p.TwoFactor.StartedBy, identity.StartedByPortal},
		{"choice may change: never by the user", p.Factors.Change, identity.ChangedBySupport},
		{"required from January 2022", p.TwoFactor.RequiredFrom, &required},
		{"may be postponed until 1 February 2022", p.TwoFactor.PostponableUntil, &postponable},
		{"with a reminder at every sign-in", p.TwoFactor.Remind, true},
		{"there is no activation to undo", p.TwoFactor.Irreversible, false},
		{"lost phone: the support desk resets the account", p.Recovery.Factors, identity.BySupport},
		{"a mailbox is never password and code at once", p.Recovery.EmailCodeAfterReset, identity.Refused},
		{"password rules: the safe ones, for whoever postpones has nothing else", p.Passwords, identity.PasswordPolicy{
			MinimumLength: 15, Blocklist: identity.BlockExpected,
		}},
		{"idle sign-out: 30 minutes", p.Sessions.Idle, 30 * time.Minute},
		{"accounts per organisation: unlimited", p.Accounts.LimitPerOrganisation, (*int)(nil)},
		{"in Dutch", p.Languages, []identity.Language{identity.Dutch}},
		{"what people call it", p.Name, "Atosi"},
	} {
		if diff := cmp.Diff(fact.want, fact.got, sameZone); diff != "" {
			t.Errorf("%s: -want +got\n%s", fact.sentence, diff)
		}
	}
}
