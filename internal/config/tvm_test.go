package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// A row per cell of the tvm column of the product's table of portals.
func TestTVMsFileSaysWhatItsGuideSays(t *testing.T) {
	t.Parallel()
	p := loadOurs(t)["tvm"]
	required := time.Date(2025, 11, 1, 0, 0, 0, 0, amsterdam(t))
	for _, fact := range []struct {
		sentence  string
		got, want any
	}{
		{"first credential: e-mail and password", p.SignIn.Identifiers, []identity.IdentifierKind{identity.ByEmail}},
		{"factors offered: TOTP app", p.Factors.Kinds, []identity.FactorKind{identity.TOTP}},
		{"who starts 2FA: the main user, for the whole organisation", p.TwoFactor.StartedBy, identity.StartedByOrganisation},
		{"choice may change: re-registration", p.Factors.Change, identity.ChangedByReRegistration},
		{"required of everybody from 1 November 2025", p.TwoFactor.RequiredFrom, &required},
		{"nothing can be put off", p.TwoFactor.PostponableUntil, (*time.Time)(nil)},
		{"no reminder", p.TwoFactor.Remind, false},
		{"undoing: not in the portal", p.TwoFactor.Irreversible, true},
		{"lost phone: the user resets the account through a mailed link", p.Recovery.Factors, identity.SelfService},
		{"password rules: 8 characters, upper, lower, digit, special", p.Passwords, identity.PasswordPolicy{
			MinimumLength: 8, RequireUpper: true, RequireLower: true, RequireDigit: true, RequireSpecial: true, Blocklist: identity.BlockCommon,
		}},
		{"idle sign-out: the default", p.Sessions, identity.SessionPolicy{Idle: 30 * time.Minute, Absolute: 12 * time.Hour}},
		{"accounts per organisation: unlimited", p.Accounts.LimitPerOrganisation, (*int)(nil)},
		{"in Dutch first", p.Languages, []identity.Language{identity.Dutch, identity.English}},
		{"what people call it", p.Name, "Mijn TVM"},
	} {
		if diff := cmp.Diff(fact.want, fact.got, sameZone); diff != "" {
			t.Errorf("%s: -want +got\n%s", fact.sentence, diff)
		}
	}
}
