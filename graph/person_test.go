package graph_test

import (
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// makePerson makes a private customer who can be mistaken for nobody.
const makePerson = `mutation { createOrganisation(input: {name: "P. Klant", person: {initials: "Q", familyName: "Zeldzaammerk",
	birthDate: "19610203", houseNumber: "4711", postalCode: "9876XY"}}) { organisation { id mainUser { id } } userErrors { code } } }`

var fromBank = map[string]string{
	"subject": "NLRABO-marker-4716", "initials": "Q", "familyName": "Zeldzaammerk", "birthDate": "19610203", "houseNumber": "4711", "postalCode": "9876XY",
}

// withPerson starts a server with a private customer of Mijn Avéro Achmea.
func withPerson(t *testing.T, test func(t *testing.T, r *rig.Rig, organisation string)) {
	t.Helper()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		partner := r.Partner("avero", r.Token("avero", identity.OrganisationsWrite))
		test(t, r, partner.Do(makePerson).String("createOrganisation.organisation.id"))
	})
}

func TestFirstVisitsOfOnePersonAtOnceMakeOneUser(t *testing.T) {
	t.Parallel()
	withPerson(t, func(t *testing.T, r *rig.Rig, organisation string) {
		var all sync.WaitGroup
		browsers := make([]*rig.Browser, 10)
		for i := range browsers {
			browsers[i] = r.Browser("avero")
			all.Go(func() { browsers[i].ComeBy("idin", fromBank) })
		}
		all.Wait()
		for _, browser := range browsers {
			if in := browser.Do(`{ viewer { user { organisation { id } } } }`); in.String("viewer.user.organisation.id") != organisation {
				t.Errorf("not in: %s", in.Text)
			}
		}
		for what, count := range map[string]string{
			"users":      one(r, "SELECT count(*) FROM users WHERE organisation_id = '"+organisation+"'"),
			"identities": one(r, "SELECT count(*) FROM federated_identities WHERE organisation_id = '"+organisation+"'"),
		} {
			if count != "1" {
				t.Errorf("one person has %s %s", count, what)
			}
		}
	})
}

func TestAPersonComesInToTheirOwnPortalAlone(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		var rows []identity.Provider
		r := rig.New(t, db, rig.Portal("avero", func(p *identity.Portal) { rows = p.Providers }),
			rig.Portal("tvm", func(p *identity.Portal) { p.Providers = rows }))
		r.Partner("avero", r.Token("avero", identity.OrganisationsWrite)).Do(makePerson)
		here, there := r.Browser("avero"), r.Browser("tvm")
		here.ComeBy("idin", fromBank)
		there.ComeBy("idin", fromBank)
		if answer := here.Do(howItWent); answer.String("viewer.user.id") == "" {
			t.Errorf("in their own portal: %s", answer.Text)
		}
		if answer := there.Do(howItWent); answer.String("currentSignIn.code") != string(identity.NotACustomer) || answer.String("viewer.user.id") != "" {
			t.Errorf("in another: %s", answer.Text)
		}
	})
}

func TestWhatIsKnownOfAPersonIsForThemselvesTheDeskAndPartnersWithTheScope(t *testing.T) {
	t.Parallel()
	withPerson(t, func(t *testing.T, r *rig.Rig, organisation string) {
		r.Organisation("avero", "Bedrijf", "main@bedrijf.test")
		person := r.Browser("avero")
		person.ComeBy("idin", fromBank)
		const own = `{ viewer { user { organisation { person { familyName birthDate } } } } }`
		if answer := person.Do(own); !strings.Contains(answer.Text, "19610203") {
			t.Errorf("themselves: %s", answer.Text)
		}
		const by = `query ($id: ID!) { organisation(id: $id) { person { familyName birthDate } } }`
		for name, row := range map[string]struct {
			browser *rig.Browser
			sees    bool
		}{
			"the desk":                    {r.Staff("avero", "desk@avero.test", identity.Support), true},
			"an administrator":            {r.Staff("avero", "admin@avero.test", identity.PortalAdmin), true},
			"a partner with the scope":    {r.Partner("avero", r.Token("avero", identity.OrganisationsRead, identity.UsersRead)), true},
			"a partner without the scope": {r.Partner("avero", r.Token("avero", identity.OrganisationsRead)), false},
			"a company":                   {r.Enrolled("avero", "main@bedrijf.test"), false},
			"nobody":                      {r.Browser("avero"), false},
		} {
			answer := row.browser.Do(by, map[string]any{"id": organisation})
			if strings.Contains(answer.Text, "19610203") != row.sees {
				t.Errorf("%s: %s", name, answer.Text)
			}
		}
	})
}

func TestNothingOfAPersonsRecordIsFoundAnywhereInClear(t *testing.T) {
	t.Parallel()
	withPerson(t, func(t *testing.T, r *rig.Rig, organisation string) {
		for _, change := range []map[string]string{
			nil, {"birthDate": "19610204"}, {"houseNumber": "4712", "birthDate": "19610204"}, {"level": "low"}, {"subject": "NLING-marker-4717"},
		} {
			said := maps.Clone(fromBank)
			maps.Copy(said, change)
			r.Browser("avero").ComeBy("idin", said)
		}
		r.Settle()
		if in := one(r, "SELECT count(*) FROM federated_identities WHERE organisation_id = '"+organisation+"'"); in != "2" {
			t.Fatalf("came in through %s banks: nothing was looked through", in)
		}
		wantNowhere(t, r, "Zeldzaammerk", "19610203", "19610204", "9876XY", "NLRABO-marker-4716", "NLING-marker-4717")
	})
}

func TestNothingOfAnImportedPersonIsFoundAnywhereInClear(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		made := r.Partner("avero", r.Token("avero", identity.OrganisationsWrite)).Do(`mutation { importOrganisations(input: {key: "k", rows: [
			{number: 1, name: "P. Klant", person: {initials: "Q", familyName: "Zeldzaammerk", birthDate: "19610203", postalCode: "9876XY"}}
			{number: 2, name: "P. Klant", person: {initials: "Q", familyName: "Zeldzaamfout", birthDate: "1961-19610204", postalCode: "9877XY"}}
		]}) { import { id } } }`)
		r.Settle()
		if done := one(r, "SELECT count(*) FROM import_rows WHERE state = 'DONE'"); done != "1" {
			t.Fatalf("%s rows are done of %s: nothing was looked through", done, made.Text)
		}
		wantNowhere(t, r, "Zeldzaammerk", "19610203", "9876XY", "Zeldzaamfout", "19610204", "9877XY")
	})
}

// wantNowhere looks for markers in whatever is kept, and in what is logged and measured.
func wantNowhere(t *testing.T, r *rig.Rig, markers ...string) {
	t.Helper()
	places := map[string]string{"the log": r.Log.String(), "the metrics": r.Metrics()}
	for _, table := range tables(r) {
		places["table "+table] = strings.Join(texts(r, table, columnsOf(r, table), "1 = 1"), "\n")
	}
	for place, text := range places {
		for _, marker := range markers {
			if how := foundIn(text, marker); how != "" {
				t.Errorf("%s holds %s, %s", place, marker, how)
			}
		}
	}
}
