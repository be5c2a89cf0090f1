package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// A row per cell of the avero column of the product's table of portals, but for iDIN.
func TestAverosFileSaysWhatItsAnswersSay(t *testing.T) {
	t.Parallel()
	p, five := loadOurs(t)["avero"], 5
	for _, fact := range []struct {
		sentence  string
		got, want any
	}{
		{"first credential: e-mail and password", p.SignIn.Identifiers, []identity.IdentifierKind{identity.ByEmail}},
		{"factors offered: TOTP app", p.Factors.Kinds, []identity.FactorKind{identity.TOTP}},
		{"who starts 2FA: the portal", p.TwoFactor.StartedBy, identity.StartedByPortal},
		{"choice may change: the support desk only", p.Factors.Change, identity.ChangedBySupport},
		{"always: nothing can be put off", p.TwoFactor.PostponableUntil, (*time.Time)(nil)},
		{"lost phone: the support desk unlinks", p.Recovery.Factors, identity.BySupport},
		{"accounts per organisation: five by e-mail and password", p.Accounts.LimitPerOrganisation, &five},
		{"becoming a user: a link mailed by the support desk", p.Registration.By, identity.OnlyInvited},
		{"in Dutch", p.Languages, []identity.Language{identity.Dutch}},
		{"what people call it", p.Name, "Mijn Avéro Achmea"},
		{"companies: or eHerkenning of at least EH3, with the KVK number always checked", p.Providers[0], eHerkenning("mijn-avero-bedrijven")},
	} {
		if diff := cmp.Diff(fact.want, fact.got, sameZone); diff != "" {
			t.Errorf("%s: -want +got\n%s", fact.sentence, diff)
		}
	}
}
