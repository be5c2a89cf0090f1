package graph_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// getDossier downloads one.
func getDossier(b *rig.Browser, user string) (int, map[string]any) {
	response, body := b.Get("/dossier/"+user+".json", "Sec-Fetch-Site", "same-origin")
	var told map[string]any
	if json.Unmarshal([]byte(body), &told) != nil {
		told = nil
	}
	return response.StatusCode, told
}

func TestADossierTellsOfEveryTableInWhichAUserHasRows(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, _ := exporter(r)
		id := marked(r, main)
		admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
		status, told := getDossier(admin, id)
		if status != http.StatusOK || told["userId"] != id || told["version"] != float64(identity.DossierVersion) {
			t.Fatal(status, told)
		}
		sections := map[string]string{
			"codes": "sentCodes", "contact_changes": "contactChanges", "federated_identities": "providers", "identifiers": "signInNames",
			"registrants": "registrations", "sign_in_refusals": "refusedSignIns", "sign_ins": "signIns", "webauthn_credentials": "securityKeys",
		}
		untold := []string{"audit_keys", "name_words", "recovery_codes", "webauthn_challenges"} // keys, words of the name, and hashes
		for _, table := range naming(r, id, true) {
			if slices.Contains(untold, table) {
				continue
			}
			if rows, _ := told[cmp.Or(sections[table], table)].([]any); len(rows) == 0 {
				t.Errorf("the dossier has nothing of %s, and the user has rows in it", table)
			}
		}
		text, _ := json.Marshal(told)
		for _, marker := range []string{
			"merkadres@merkdomein.test", "merknieuw@merkdomein.test", "Merknaam Merkachternaam", "USER_DATA_EXPORTED", `"isOperator":false`,
		} {
			if !strings.Contains(string(text), marker) {
				t.Errorf("%s isn't in the dossier", marker)
			}
		}
	})
}

func TestADossierIsHadByWhomItMayBeHad(t *testing.T) {
	t.Parallel()
	withBroker(t, func(t *testing.T, r *rig.Rig) {
		m := newMatrix(r, identity.TwoFactor)
		for _, c := range m.callers {
			c.actor.At = r.Clock.Now()
			for _, h := range []household{m.own, m.sibling, m.foreign} {
				user := identity.ID(h.ids["usr"])
				status, _ := getDossier(c.browser, string(user))
				if want := wantDossier(c, h, user, m); status != want {
					t.Errorf("%s has the dossier of %s's user: %d, want %d", c.name, h.name, status, want)
				}
			}
			if status, _ := getDossier(c.browser, missing("usr")); status == http.StatusOK {
				t.Errorf("%s has the dossier of nobody", c.name)
			}
		}
	}, rig.Portal("default", likeTVM))
}

func wantDossier(c caller, h household, user identity.ID, m *matrix) int {
	if c.name == "sub-user" && h.name == m.own.name {
		return http.StatusOK // it is their own
	}
	switch code := admits(c.actor.DossierAccess(user), c.actor); {
	case code == string(identity.Unauthenticated):
		return http.StatusUnauthorized
	case code != "":
		return http.StatusForbidden
	case h.name == m.own.name, h.name == m.sibling.name && c.wide:
		return http.StatusOK
	}
	return http.StatusNotFound
}

// TestADossierNeedsFreshProofAndIsWrittenDown: of one's own, and of others'; nobody's page makes anybody download one.
func TestADossierNeedsFreshProofAndIsWrittenDown(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, path := exporter(r)
		id := main.Do(`{ viewer { user { id } } }`).String("viewer.user.id")
		exported := "SELECT count(*) FROM audit_events WHERE action = 'USER_DATA_EXPORTED' AND actor_id = '" + id + "' AND target_id = '" + id + "'"
		if status, told := getDossier(main, id); status != http.StatusOK || told == nil || one(r, exported) != "1" {
			t.Errorf("%d, written down %s times", status, one(r, exported))
		}
		for _, headers := range [][]string{{}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.test"}} {
			if response, _ := main.Get("/dossier/"+id+".json", headers...); response.StatusCode != http.StatusForbidden {
				t.Errorf("with %v: %d", headers, response.StatusCode)
			}
		}
		r.Clock.Advance(5 * time.Minute)
		if status, _ := getDossier(main, id); status != http.StatusForbidden || one(r, exported) != "1" {
			t.Errorf("with old proof: %d, written down %s times", status, one(r, exported))
		}
		if err := r.App.VerifyAudit(t.Context(), "tvm", identity.ID(strings.TrimPrefix(path, "/audit/")), func(identity.ID, int64) {}); err != nil {
			t.Error(err)
		}
	})
}

// TestADossierTellsEachEventThatConcernsTheUser, and of events about others nothing that is theirs.
func TestADossierTellsEachEventThatConcernsTheUser(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, _ := exporter(r)
		main.Invite("other@joosten.test", "Another Person", identity.SubUser)
		id := main.Do(`{ viewer { user { id } } }`).String("viewer.user.id")
		_, told := getDossier(main, id)
		events, _ := told["auditEvents"].([]any)
		if want := one(r, "SELECT count(*) FROM audit_events WHERE actor_id = '"+id+"' OR target_id = '"+id+"'"); want != jsonNumber(len(events)) {
			t.Errorf("%d events are told, want %s", len(events), want)
		}
		text, _ := json.Marshal(told)
		for _, others := range []string{"other@joosten.test", "Another Person", rig.Password} {
			if strings.Contains(string(text), others) {
				t.Errorf("the dossier tells %s, which is somebody else's, or a secret", others)
			}
		}
	})
}

func jsonNumber(count int) string {
	text, _ := json.Marshal(count)
	return string(text)
}

// TestADossierHoldsNoSecret: no value of a column that is a secret, or a hash of one, as text or in hexadecimal.
func TestADossierHoldsNoSecret(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, _ := exporter(r)
		id := marked(r, main)
		_, told := getDossier(r.Staff("tvm", "admin@desk.test", identity.PortalAdmin), id)
		text, _ := json.Marshal(told)
		low, tried := strings.ToLower(string(text)), 0
		for _, table := range naming(r, id, true) {
			for _, column := range columnsOf(r, table) {
				isSecret := strings.HasSuffix(column, "_hash") || strings.HasPrefix(column, "sealed_")
				if !isSecret || table == "enrolments" {
					continue // whose secret is a word of the rig's
				}
				for _, value := range texts(r, table, []string{column}, "user_id = '"+id+"'") {
					for _, part := range strings.Fields(strings.ToLower(value)) {
						if tried++; len(part) > 8 && strings.Contains(low, part) {
							t.Errorf("%s.%s is in the dossier", table, column)
						}
					}
				}
			}
		}
		if tried < 4 || strings.Contains(low, strings.ToLower(rig.Password)) {
			t.Errorf("%d secrets were looked for", tried)
		}
	})
}

func TestADossierOfAPrivateCustomerHasTheirRecord(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		partner := r.Partner("avero", r.Token("avero", identity.OrganisationsWrite, identity.OrganisationsRead, identity.UsersRead))
		made := partner.Do(`mutation { createOrganisation(input: {name: "A. Jansen", person: {initials: "A", familyName: "Jansen", birthDate: "1990-01-02", houseNumber: "12", postalCode: "3511AB"}}) {
			organisation { mainUser { id } } userErrors { code } } }`)
		status, told := getDossier(partner, made.String("createOrganisation.organisation.mainUser.id"))
		rows, _ := told["personRecord"].([]any)
		text, _ := json.Marshal(rows)
		if status != http.StatusOK || !strings.Contains(string(text), `"BirthDate":"1990-01-02"`) || !strings.Contains(string(text), `"Name":"Jansen"`) {
			t.Errorf("%d: %s", status, text)
		}
	})
}
