package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// A row per cell of the interpolis column of the product's table of portals, but for eHerkenning.
func TestInterpolisFileSaysWhatItsAnswersSay(t *testing.T) {
	t.Parallel()
	p, one := loadOurs(t)["interpolis"], 1
	for _, fact := range []struct {
		sentence  string
		got, want any
	}{
		{"first credential: e-mail and password", p.SignIn.Identifiers, []identity.IdentifierKind{identity.ByEmail}},
		{"factors offered: TOTP app", p.Factors.Kinds, []identity.FactorKind{identity.TOTP}},
		{"who starts 2FA: the portal, at account activation", p.TwoFactor.StartedBy, identity.StartedByPortal},
		{"choice may change: re-pairing replaces the old app", p.Factors.Change, identity.ChangedByUser},
		{"always: nothing can be put off", p.TwoFactor.PostponableUntil, (*time.Time)(nil)},
		{"lost phone: re-pair", p.Recovery.Factors, identity.SelfService},
		{"password rules: the safe ones beside a factor", p.Passwords, identity.PasswordPolicy{MinimumLength: 8, Blocklist: identity.BlockExpected}},
		{"accounts per organisation: one by e-mail and password", p.Accounts.LimitPerOrganisation, &one},
		{"becoming a user, and a forgotten login name: with the policy number and the mailbox", p.Registration, identity.RegistrationPolicy{
			By: identity.ByPolicyNumber, ReplacesForgottenAccount: true, Notice: 24 * time.Hour,
		}},
		{"activation: 24 hours", p.Links.Registration, 24 * time.Hour},
		{"in Dutch", p.Languages, []identity.Language{identity.Dutch}},
		{"what people call it", p.Name, "Mijn Interpolis"},
	} {
		if diff := cmp.Diff(fact.want, fact.got, sameZone); diff != "" {
			t.Errorf("%s: -want +got\n%s", fact.sentence, diff)
		}
	}
}
