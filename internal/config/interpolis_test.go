package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// A row per cell of the interpolis column of the product's table of portals.
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
		{"or eHerkenning of at least EH3, each authorised employee their own, with KVK and establishment number", p.Providers, []identity.Provider{
			eHerkenning("mijn-interpolis-zakelijk"),
		}},
	} {
		if diff := cmp.Diff(fact.want, fact.got, sameZone); diff != "" {
			t.Errorf("%s: -want +got\n%s", fact.sentence, diff)
		}
	}
}

// eHerkenning is the row of a portal that lets each authorised employee in, at EH3 and EH4.
func eHerkenning(client string) identity.Provider {
	const level = "urn:etoegang:core:assurance-class:"
	return identity.Provider{
		Name: "eherkenning", Environment: "production", Identifies: identity.Businesses, Levels: []identity.AssuranceLevel{identity.EH3, identity.EH4},
		Intermediaries: identity.Refused, UnknownPerson: identity.ByMandate, OIDC: &identity.OIDCProvider{
			Issuer: "https://eherkenning.broker.example", ClientID: client, Scopes: []string{"idp-id", "eherkenning-extra"},
			ACRValues: []string{"idp:eherkenning", "loa:substantial"}, FreshSignIn: true, LevelClaim: "acr",
			Levels: []identity.LevelValue{
				{Value: level + "loa2", Level: identity.EH2},
				{Value: level + "loa2plus", Level: identity.EH2Plus},
				{Value: level + "loa3", Level: identity.EH3},
				{Value: level + "loa4", Level: identity.EH4},
			},
			Claims: identity.ClaimNames{
				Subject: "sub", KVKNumber: "chamber_of_commerce", Establishment: "eherkenning_vestigingsnr",
				Intermediary: "eherkenning_intermediate_kvknr",
			},
		},
	}
}
