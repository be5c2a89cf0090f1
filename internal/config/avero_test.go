package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// A row per cell of the avero column of the product's table of portals.
func TestAverosFileSaysWhatItsAnswersSay(t *testing.T) {
	t.Parallel()
	p, five := loadOurs(t)["avero"], 5
	for _, fact := range []struct {
		sentence  string
		got, want any
	}{
		{"first credential: e-mail, or for private persons user name, and password", p.SignIn.Identifiers, []identity.IdentifierKind{identity.ByEmail, identity.ByUsername}},
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
		{"private persons: or iDIN, with name, address and birth date against the portal's record", p.Providers[1], identity.Provider{
			Name: "idin", Environment: "production", Identifies: identity.Persons, Strength: identity.TwoFactor,
			Match:          []identity.PersonAttribute{identity.PersonName, identity.PersonAddress, identity.PersonBirthDate},
			Intermediaries: identity.Refused, UnknownPerson: identity.ByInvitation, OIDC: &identity.OIDCProvider{
				Issuer: "https://idin.broker.example", ClientID: "mijn-avero-prive", Scopes: []string{"profile", "idp-id", "idin-name", "address"},
				ACRValues: []string{"idp:idin"}, FreshSignIn: true, LevelClaim: "acr", Levels: []identity.LevelValue{{Value: "substantial"}},
				Claims: identity.ClaimNames{
					Subject: "idp_id", Initials: "initials", NamePrefix: "idin_legal_last_name_prefix", Name: "idin_legal_last_name",
					BirthDate: "birthdate", Street: "address > street", HouseNumber: "address > house_number",
					HouseNumberSuffix: "address > house_number_suffix", PostalCode: "address > postal_code", City: "address > city",
					Country: "address > country",
				},
			},
		}},
	} {
		if diff := cmp.Diff(fact.want, fact.got, sameZone); diff != "" {
			t.Errorf("%s: -want +got\n%s", fact.sentence, diff)
		}
	}
}
