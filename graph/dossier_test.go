package graph_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// untold are the tables and columns that no dossier tells, each with the reason. Every other column's value, in a user's rows, must
// be in theirs: a new table, or a new column, must choose.
var untold = map[string]string{
	"api_token_organisations": "which organisations a token is for: none's own", "assertions": "digests of what providers said, of nobody that can be told",
	"audit_events": "told event by event: TestADossierTellsEachEventThatConcernsTheUser", "audit_heads": "the end of a chain",
	"audit_keys": "keys; what is sealed under them is told with the events", "business_identities": "an organisation's numbers",
	"bun_migrations": technical, "bun_migration_locks": technical, "river_job": technical, "river_leader": technical, "river_notification": technical,
	"river_queue": technical, "river_client": technical, "river_client_queue": technical, "river_migration": technical,
	"journeys": "sealed to a browser, of nobody yet, for minutes", "name_words": "words of the name, to find it by",
	"password_failures": macs, "registration_attempts": macs, "text_budgets": macs, "policy_numbers": "an organisation's numbers",
	"recovery_codes": "hashes: that there are some, factors tell", "webauthn_challenges": "a hash, for minutes",
	"webhook_deliveries": "what became of events at a partner", "webhook_positions": "how far a partner has come",

	"portal": place, "organisation_id": place, "user_id": place, "actor_id": place, "target_id": place, "owner_id": place,
	"users.name_key": folded, "users.email_key": folded, "users.username_key": folded, "users.removed": "removed_at tells",
	"users.password_hash": secretly, "users.credential_version": "a count of changes", "codes.code_hash": secretly, "codes.owner_id": "the sign-in's id",
	"enrolments.sealed_secret": secretly, "factors.sealed_secret": secretly, "factors.last_step": secretly, "links.token_hash": secretly,
	"contact_changes.sealed_old": "told opened, as before", "contact_changes.sealed_new": "told opened, as after",
	"contact_changes.session_id": "an id of a session", "contact_changes.undo_link_id": "an id of a link",
	"persons.sealed": "told opened, as person", "persons.name_address": macs, "persons.name_birth": macs, "persons.address_birth": macs,
	"messages.sealed_token": secretly, "messages.sealed_number": "the number of a factor, which tells it", "messages.number_key": macs,
	"sessions.token_hash": secretly, "sign_ins.token_hash": secretly, "sign_ins.credential_version": "a count of changes",
	"webauthn_credentials.credential_id": technical, "webauthn_credentials.public_key": technical,
	"api_tokens.token_hash": secretly, "api_tokens.window_at": quota, "api_tokens.window_taken": quota, "api_tokens.created_by": place,
	"idempotency_keys.sealed_result": secretly, "idempotency_keys.input_digest": "a digest", "idempotency_keys.result_id": "part of what is sealed",
	"import_rows.mac": macs, "import_rows.sealed": "gone once the row has made somebody", "import_rows.refusals": "of rows that made nobody",
	"organisations.name_key": folded, "organisations.code_key": folded, "organisations.main_user_id": "the role tells", "organisations.main_user_removed": technical,
	"organisations.account_maximum": "an organisation's limit", "organisations.two_factor_activated_at": "an organisation's",
	"support_actions.requested_by": anotherOf, "support_actions.approved_by": anotherOf, "support_actions.cancelled_by": anotherOf, "support_actions.concerned_id": place,
	"webhook_endpoints.sealed_secret": secretly, "webhook_endpoints.sealed_previous": secretly, "webhook_endpoints.previous_secret_until": technical,
	"webhook_endpoints.slot": technical, "webhook_endpoints.failed_attempts": technical, "webhook_endpoints.failing_since": technical,
	"webhook_endpoints.next_attempt_at": technical, "webhook_endpoints.claimed_by": technical, "webhook_endpoints.claimed_until": technical,
}

const (
	technical = "how it works, and of nobody"
	macs      = "a MAC of a name or number, which leads nowhere"
	folded    = "the same in lower case"
	secretly  = "a secret, or a hash of one"
	place     = "whose it is: the dossier is theirs"
	quota     = "a count of requests"
	anotherOf = "somebody else of staff; the audit log tells what they did"
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

// TestADossierTellsEveryColumnOfAUser: complete by construction, on both databases.
func TestADossierTellsEveryColumnOfAUser(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, _ := exporter(r)
		id := marked(r, main)
		admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
		status, told := getDossier(admin, id)
		if status != http.StatusOK || told["userId"] != id || told["version"] != float64(identity.DossierVersion) {
			t.Fatal(status, told)
		}
		columns := map[string]bool{}
		for name, rows := range told {
			list, _ := rows.([]any)
			for _, row := range list {
				for member := range row.(map[string]any) {
					columns[name+"."+member] = true
				}
			}
		}
		sections := map[string]string{
			"users": "account", "organisations": "organisation", "identifiers": "signInNames", "webauthn_credentials": "securityKeys", "codes": "sentCodes",
			"contact_changes": "contactChanges", "federated_identities": "providers", "sign_ins": "signIns", "sign_in_refusals": "refusedSignIns",
			"registrants": "registrations", "import_rows": "importedBy", "api_tokens": "apiTokens", "webhook_endpoints": "webhookEndpoints",
			"idempotency_keys": "idempotencyKeys", "support_actions": "supportActions", "persons": "personRecord",
		}
		for _, table := range tables(r) {
			if untold[table] != "" {
				continue
			}
			section := sections[table]
			if section == "" {
				section = table
			}
			rows, known := told[section].([]any)
			if !known {
				t.Errorf("%s is in no dossier, and has no reason not to be", table)
				continue
			}
			for _, column := range columnsOf(r, table) {
				if untold[column] == "" && untold[table+"."+column] == "" && len(rows) > 0 && !columns[section+"."+camelCase(column)] {
					t.Errorf("%s.%s is in no dossier, and has no reason not to be", table, column)
				}
			}
			if len(rows) == 0 && slices.Contains(naming(r, id, true), table) {
				t.Errorf("the dossier has nothing of %s, and the user has rows in it", table)
			}
		}
		text, _ := json.Marshal(told)
		for _, marker := range []string{"merkadres@merkdomein.test", "merknieuw@merkdomein.test", "Merknaam Merkachternaam", "USER_DATA_EXPORTED"} {
			if !strings.Contains(string(text), marker) {
				t.Errorf("%s isn't in the dossier", marker)
			}
		}
	})
}

func camelCase(column string) string {
	words := strings.Split(column, "_")
	for i := range words[1:] {
		words[i+1] = strings.ToUpper(words[i+1][:1]) + words[i+1][1:]
	}
	return strings.Join(words, "")
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
				if untold[table+"."+column] != secretly || table == "enrolments" || column == "last_step" {
					continue // whose secret is a word of the rig's, or a small number
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
