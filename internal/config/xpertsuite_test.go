package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// A row per cell of the xpertsuite column of the product's table of portals.
func TestXpertSuitesFileSaysWhatItsAnswersSay(t *testing.T) {
	t.Parallel()
	p := loadOurs(t)["xpertsuite"]
	for _, fact := range []struct {
		sentence  string
		got, want any
	}{
		{"first credential: user name and password", p.SignIn.Identifiers, []identity.IdentifierKind{identity.ByUsername}},
		{"factors offered: SMS, TOTP app, security key", p.Factors.Kinds, []identity.FactorKind{identity.SMS, identity.TOTP, identity.WebAuthn}},
		{"and recovery codes", p.Factors.RecoveryCodes, true},
		{"who starts 2FA: the portal", p.TwoFactor.StartedBy, identity.StartedByPortal},
		{"at the first sign-in, whenever that is", p.TwoFactor.RequiredFrom, (*time.Time)(nil)},
		{"which can't be put off", p.TwoFactor.PostponableUntil, (*time.Time)(nil)},
		{"choice may change: yes", p.Factors.Change, identity.ChangedByUser},
		{"there is no activation to undo", p.TwoFactor.Irreversible, false},
		{"lost phone: a recovery code, else staff", p.Recovery.Factors, identity.BySupport},
		{"blocked account: staff", p.Lockout.LiftedBy, identity.LiftedBySupport},
		{"texts go to numbers of the Netherlands and its neighbours", p.SMS.Countries, []identity.Country{"NL", "BE", "DE"}},
		{"password rules: the safe ones, for a second step always stands beside it", p.Passwords, identity.PasswordPolicy{
			MinimumLength: 8, Blocklist: identity.BlockExpected,
		}},
		{"idle sign-out: the safe default", p.Sessions.Idle, 30 * time.Minute},
		{"accounts per organisation: unlimited", p.Accounts.LimitPerOrganisation, (*int)(nil)},
		{"in Dutch", p.Languages, []identity.Language{identity.Dutch}},
		{"what people call it", p.Name, "Xpert Suite"},
	} {
		if diff := cmp.Diff(fact.want, fact.got, sameZone); diff != "" {
			t.Errorf("%s: -want +got\n%s", fact.sentence, diff)
		}
	}
}
