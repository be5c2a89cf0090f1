package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// leastPortal is a portal file to which providers are added.
const leastPortal = `slug: acme
name: Acme
hosts: [acme.example]
spa: {origin: "https://acme.example"}
mail: {fromAddress: portal@acme.example}
providers:
`

const anOIDC = `  - name: eherkenning
    identifies: businesses
    levels: [EH3, EH4]
    oidc:
      issuer: https://broker.example
      clientId: acme
      scopes: [idp-id]
      levels:
        - {value: loa3, means: EH3}
        - {value: loa4, means: EH4}
      claims: {kvkNumber: chamber_of_commerce, establishment: vestigingsnr}
`

const aSAML = `  - name: eherkenning-saml
    identifies: businesses
    environment: test
    levels: [EH3]
    intermediaries: allowed
    unknownPerson: create
    saml:
      entityId: urn:etoegang:DV:00000003687501100000:entities:9001
      brokerId: urn:etoegang:HM:00000003244440010000:entities:9001
      metadata: broker.xml
      metadataSigners: broker.pem
      serviceIndex: 7
      serviceId: urn:etoegang:DV:00000003687501100000:services:7
      serviceName: Mijn Acme
`

const anIDIN = `  - name: idin
    identifies: persons
    match: [name, birthDate]
    strength: twoFactor
    oidc:
      issuer: https://bank.example/realm
      clientId: acme
      freshSignIn: false
      userInfo: true
      levelClaim: loa
      levels: [{value: substantial}]
      claims: {subject: idp_id, initials: initials, familyName: idin_legal_last_name, postalCode: address > postal_code}
`

func TestProvidersAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	want := []identity.Provider{
		{
			Name: "eherkenning", Environment: "production", Identifies: identity.Businesses,
			Levels: []identity.AssuranceLevel{identity.EH3, identity.EH4}, Intermediaries: identity.Refused, UnknownPerson: identity.ByInvitation,
			OIDC: &identity.OIDCProvider{
				Issuer: "https://broker.example", ClientID: "acme", Scopes: []string{"idp-id"}, FreshSignIn: true, LevelClaim: "acr",
				Levels: []identity.LevelValue{{Value: "loa3", Level: identity.EH3}, {Value: "loa4", Level: identity.EH4}},
				Claims: identity.ClaimNames{Subject: "sub", KVKNumber: "chamber_of_commerce", Establishment: "vestigingsnr"},
			},
		}, {
			Name: "eherkenning-saml", Environment: "test", Identifies: identity.Businesses, Levels: []identity.AssuranceLevel{identity.EH3},
			Intermediaries: identity.Allowed, UnknownPerson: identity.ByMandate,
			SAML: &identity.SAMLProvider{
				EntityID: "urn:etoegang:DV:00000003687501100000:entities:9001", BrokerID: "urn:etoegang:HM:00000003244440010000:entities:9001",
				Metadata: "broker.xml", MetadataSigners: "broker.pem", ServiceIndex: 7,
				ServiceID: "urn:etoegang:DV:00000003687501100000:services:7", ServiceName: "Mijn Acme",
			},
		}, {
			Name: "idin", Environment: "production", Identifies: identity.Persons, Intermediaries: identity.Refused, UnknownPerson: identity.ByInvitation,
			Match: []identity.PersonAttribute{identity.PersonName, identity.PersonBirthDate}, Strength: identity.TwoFactor,
			OIDC: &identity.OIDCProvider{
				Issuer: "https://bank.example/realm", ClientID: "acme", UserInfo: true, LevelClaim: "loa",
				Levels: []identity.LevelValue{{Value: "substantial"}},
				Claims: identity.ClaimNames{Subject: "idp_id", Initials: "initials", Name: "idin_legal_last_name", PostalCode: "address > postal_code"},
			},
		},
	}
	portals, err := config.LoadPortals(folder("acme.yaml", leastPortal+anOIDC+aSAML+anIDIN))
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(want, portals[0].Providers); difference != "" {
		t.Error(difference)
	}
}

func TestAProviderThatContradictsItselfIsRefusedAtItsLine(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, from, to, want string }{
		"no protocol":              {anOIDC, anOIDC[strings.Index(anOIDC, "    oidc"):], "", "acme.yaml:7: providers[0] needs oidc or saml, and not both"},
		"no levels":                {anOIDC, "    levels: [EH3, EH4]\n", "", "acme.yaml:7: providers[0] needs levels"},
		"a level that isn't one":   {anOIDC, "[EH3, EH4]", "[EH5]", `acme.yaml:9: providers[0].levels[0] is "EH5"; allowed: EH4, EH3, EH2+, EH2`},
		"a level that none means":  {anOIDC, "[EH3, EH4]", "[EH2]", "acme.yaml:7: providers[0] accepts a level that no value in oidc.levels means"},
		"a value that means none":  {anOIDC, ", means: EH3", "", "acme.yaml:7: providers[0] has a value in oidc.levels that means no level"},
		"an issuer without TLS":    {anOIDC, "https://broker", "http://broker", `acme.yaml:11: providers[0].oidc.issuer is "http://broker.example"; allowed: an https address`},
		"a secret in the file":     {anOIDC, "clientId: acme", "clientSecret: marker\n      clientId: acme", "acme.yaml:12: providers[0].oidc.clientSecret is unknown"},
		"no claim of the number":   {anOIDC, "kvkNumber: chamber_of_commerce, ", "", "acme.yaml:7: providers[0] needs oidc.claims.kvkNumber"},
		"half a qualifier":         {anOIDC, "{kvkNumber", "{kvkQualifier: q, kvkNumber", "acme.yaml:7: providers[0] has a claim without the value that it must have"},
		"what is for persons":      {anOIDC, "    oidc", "    match: [name]\n    oidc", "acme.yaml:7: providers[0] has match, which is for persons"},
		"what is for businesses":   {anIDIN, "    match", "    levels: [EH3]\n    match", "acme.yaml:7: providers[0] has levels or saml, which are for businesses"},
		"half a person":            {anIDIN, "[name, birthDate]", "[name]", "acme.yaml:7: providers[0] needs match: at least two"},
		"a strength of businesses": {anOIDC, "    oidc", "    strength: twoFactor\n    oidc", "acme.yaml:7: providers[0] has strength, which is for persons"},
		"persons with a number":    {anIDIN, "{subject", "{kvkNumber: x, subject", "acme.yaml:7: providers[0] has claims of a business"},
		"persons without a record": {anIDIN, "    match: [name, birthDate]\n", "", "acme.yaml:7: providers[0] needs match"},
		"no entity":                {aSAML, "      entityId: urn:etoegang:DV:00000003687501100000:entities:9001\n", "", "acme.yaml:13: providers[0].saml.entityId is missing"},
		"one twice":                {anOIDC + anOIDC, "x", "x", `acme.yaml:18: providers[1] is called "eherkenning", as another one is`},
		"a word for a section":     {"  - eherkenning\n", "x", "x", `acme.yaml:7: providers[0] is "eherkenning"; allowed: a section with name`},
	} {
		_, err := config.LoadPortals(folder("acme.yaml", leastPortal+strings.Replace(row.text, row.from, row.to, 1)))
		if got := fmt.Sprint(err); !strings.HasPrefix(got, row.want) || strings.Contains(got, "marker") {
			t.Errorf("%s:\ngot  %s\nwant %s…", name, got, row.want)
		}
	}
}

func TestTheSecretsOfProvidersAreSettingsOfTheirOwn(t *testing.T) {
	t.Parallel()
	portals, err := config.LoadPortals(folder("acme.yaml", leastPortal+anOIDC+aSAML))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, []byte("marker-key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const client = "SLEUTELBOS_PROVIDER_ACME_EHERKENNING_CLIENT_SECRET"
	all := []string{
		client + "=marker-secret", "SLEUTELBOS_PROVIDER_ACME_EHERKENNING_SAML_SIGNING_KEY_FILE=" + file,
		"SLEUTELBOS_PROVIDER_ACME_EHERKENNING_SAML_DECRYPTION_KEY=marker-other",
	}
	c, err := config.Load(all)
	if err != nil {
		t.Fatal(err)
	}
	s := c.ProviderSecrets
	if err := s.Check(portals); err != nil {
		t.Error(err)
	}
	if s.ClientSecret("acme", "eherkenning").Reveal() != "marker-secret" || s.SigningKey("acme", "eherkenning-saml").Reveal() != "marker-key" ||
		s.DecryptionKey("acme", "eherkenning-saml").Reveal() != "marker-other" || s.ClientSecret("other", "eherkenning").IsSet() {
		t.Error("the secrets aren't those that were set")
	}
	if shown := fmt.Sprintf("%v %+v %#v", c, c, s); strings.Contains(shown, "marker") {
		t.Errorf("a secret is shown: %s", shown)
	}
	for name, row := range map[string]struct {
		environ []string
		want    string
	}{
		"one is missing":    {all[1:], client + " is missing"},
		"one is of nobody":  {append([]string{"SLEUTELBOS_PROVIDER_ACME_EHERKENING_CLIENT_SECRET=marker"}, all...), "SLEUTELBOS_PROVIDER_ACME_EHERKENING_CLIENT_SECRET is of no provider in the portal files; did you mean " + client + "?"},
		"there is no file":  {append([]string{client + "_FILE=/nowhere"}, all[1:]...), client + "_FILE can't be read"},
		"it is there twice": {append([]string{client + "_FILE=" + file}, all...), client + " and " + client + "_FILE are both set"},
	} {
		c, loading := config.Load(row.environ)
		checking := c.ProviderSecrets.Check(portals)
		if got := fmt.Sprint(loading, checking); !strings.Contains(got, row.want) || strings.Contains(got, "marker") {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}
