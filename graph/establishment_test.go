package graph_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// restrictedMainUser signs the household's main user in for one establishment of its business, which has two, and which has a
// sibling. It is a state that only an upgrade or a hand in the database makes: no mandate makes a main user.
func restrictedMainUser(r *rig.Rig, h household, d desk) *rig.Browser {
	r.T.Helper()
	d.admin.Do(`mutation ($id: ID!) { updateOrganisation(input: {id: $id, businessIdentities: [
		{kvkNumber: "`+customer+`", establishmentNumbers: ["`+shop+`", "`+yard+`"]}, {kvkNumber: "`+otherNumber+`"}]}) { userErrors { code } } }`,
		map[string]any{"id": h.ids["org"]})
	h.ids["biz"] = one(r, "SELECT id FROM business_identities WHERE kvk_number = '"+otherNumber+"'")
	h.ids["own biz"] = one(r, "SELECT id FROM business_identities WHERE kvk_number = '"+customer+"'")
	browser := r.Browser("tvm")
	browser.Come(mandate("p-1", map[string]any{"eherkenning_vestigingsnr": shop}))
	if _, err := r.Database.SystemSQL().Exec("UPDATE organisations SET main_user_id = (SELECT user_id FROM federated_identities) WHERE organisation_id = '" + h.ids["org"] + "'"); err != nil {
		r.T.Fatal(err)
	}
	h.ids["me"] = one(r, "SELECT user_id FROM federated_identities")
	return browser
}

const otherNumber = "69599084"

// ofTheOrganisation is every row of a household but those of one user's own, and what tells of things that were done.
func ofTheOrganisation(r *rig.Rig, h household) string {
	r.T.Helper()
	digest := sha256.New()
	for _, table := range []string{
		"organisations", "users", "invitations", "business_identities", "policy_numbers", "persons", "api_tokens", "support_actions", "factors",
		"federated_identities", "identifiers", "links", "sessions", "registrants",
	} {
		for _, line := range linesOf(r, table, h.ids["org"]) {
			if !strings.Contains(line, h.ids["me"]) || table == "organisations" {
				fmt.Fprintln(digest, table, line)
			}
		}
	}
	return fmt.Sprintf("%x", digest.Sum(nil))
}

// linesOf are an organisation's rows in a table, as text.
func linesOf(r *rig.Rig, table, organisation string) (all []string) {
	r.T.Helper()
	rows, err := r.Database.SystemSQL().Query("SELECT * FROM " + table + " WHERE organisation_id = '" + organisation + "' ORDER BY 1, 2, 3")
	if err != nil {
		r.T.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		r.T.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			r.T.Fatal(err)
		}
		all = append(all, fmt.Sprint(values...))
	}
	if err := rows.Err(); err != nil {
		r.T.Fatal(err)
	}
	return all
}

func TestARestrictedMainUserChangesNothingOfTheOrganisationWhateverTheyAsk(t *testing.T) {
	t.Parallel()
	withBroker(t, func(t *testing.T, r *rig.Rig) {
		d := newDesk(r, "tvm")
		h := newHousehold(r, d, "tvm", "own")
		browser := restrictedMainUser(r, h, d)
		before := ofTheOrganisation(r, h)
		for _, field := range roots() {
			if !strings.HasPrefix(field, "Mutation.") || entries[field].ends {
				continue
			}
			for _, id := range append(idsOf(h), missing(entries[field].kind())) {
				answer := browser.Do(entries[field].document, map[string]any{"id": id})
				if strings.Contains(answer.Text, "INTERNAL") {
					t.Errorf("%s of %s is a fault: %s", field, id, answer.Text)
				}
				if !strings.Contains(entries[field].document, "$id") {
					break
				}
			}
			if ofTheOrganisation(r, h) != before {
				t.Fatalf("%s changed something of the organisation", field)
			}
		}
		if answer := browser.Do(`{ viewer { session { establishmentScope } user { role } } }`); !strings.Contains(answer.Text, shop) ||
			answer.String("viewer.user.role") != string(identity.SubUser) {
			t.Errorf("the session didn't last: %s", answer.Text)
		}
	}, rig.Portal("tvm", patient))
}

func TestARestrictedMainUserSeesTheirEstablishmentAndNoOther(t *testing.T) {
	t.Parallel()
	withBroker(t, func(t *testing.T, r *rig.Rig) {
		d := newDesk(r, "tvm")
		h := newHousehold(r, d, "tvm", "own")
		browser := restrictedMainUser(r, h, d)
		const businesses = `businessIdentities { id kvkNumber establishmentNumbers unknownEstablishmentNumbers legalName }`
		texts := browser.Do(`{ viewer { user { organisation { ` + businesses + ` } } sessions { establishmentScope } permissions { manageUsers } } }`).Text
		for _, path := range paths {
			if path.kind == "usr" {
				texts += browser.Do(strings.Replace(path.document, "FIELD", businesses, 1), map[string]any{"id": h.ids["me"]}).Text
			} else if path.kind != "" {
				texts += browser.Do(strings.Replace(path.document, "FIELD", businesses, 1), map[string]any{"id": h.ids[path.kind]}).Text
			}
		}
		texts += browser.Do(`query ($id: ID!) { node(id: $id) { ... on BusinessIdentity { kvkNumber establishmentNumbers } } }`, map[string]any{"id": h.ids["own biz"]}).Text
		if strings.Count(texts, `"`+customer+`"`) < 5 || strings.Count(texts, shop) < 6 {
			t.Errorf("their own don't show: %s", texts)
		}
		for _, field := range roots() {
			if strings.HasPrefix(field, "Query.") && strings.Contains(entries[field].document, "$id") {
				for _, id := range idsOf(h) {
					texts += browser.Do(entries[field].document, map[string]any{"id": id}).Text
				}
			}
		}
		for _, field := range nested() {
			answer := browser.Do(strings.Replace(paths[0].document, "FIELD", entries[field].document, 1), map[string]any{"id": h.ids["org"]})
			if got := denied(answer); got != string(identity.Forbidden) && field != "Organisation.person" {
				t.Errorf("%s: %s", field, answer.Text)
			}
			texts += answer.Text
		}
		for what, text := range map[string]string{
			"the other number": otherNumber, "the other establishment": yard, "the other business": h.ids["biz"], "an invitation": h.ids["inv"],
			"a token": h.ids["tok"], "what the desk did": h.ids["act"],
		} {
			if strings.Contains(texts, text) {
				t.Errorf("%s shows: %s", what, texts)
			}
		}
	}, rig.Portal("tvm", patient))
}

func idsOf(h household) (all []string) {
	for _, id := range h.ids {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

// withBroker is onBoth with a broker through which people come into `tvm`.
func withBroker(t *testing.T, test func(t *testing.T, r *rig.Rig), options ...rig.Option) {
	t.Helper()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		test(t, rig.New(t, db, append(options, rig.WithBroker(t, db.Clock, "tvm", nil))...))
	})
}
