package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// untold are the tables and columns that no dossier tells, each with the reason.
var untold = map[string]string{
	"api_token_organisations": "which organisations a token is for: none's own", "assertions": "digests of what providers said, of nobody that can be told",
	"audit_events": "told event by event", "audit_heads": "the end of a chain",
	"audit_keys": "keys; what is sealed under them is told with the events", "business_identities": "an organisation's numbers",
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

// TestADossierTellsEachColumnOrThereIsAReasonNotTo: a new table, or a new column, must choose. The databases have the same ones.
func TestADossierTellsEachColumnOrThereIsAReasonNotTo(t *testing.T) {
	t.Parallel()
	all := lines(t, owner(t, testrig.NewSQLite(t, nil)), `
		SELECT m.name || '.' || c.name FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS c WHERE m.type = 'table' AND `+ours("m.name"))
	told := store.DossierColumns()
	for _, place := range all {
		table, column, _ := strings.Cut(place, ".")
		isTold := slices.Contains(told, place)
		isExempt := untold[table] != "" || untold[column] != "" || untold[place] != ""
		if !isTold && !isExempt {
			t.Errorf("%s is in no dossier, and has no reason not to be", place)
		}
		if isTold && (untold[table] != "" || untold[place] != "") {
			t.Errorf("%s is told, and has a reason not to be", place)
		}
	}
	for place := range untold {
		if !slices.ContainsFunc(all, func(known string) bool {
			return known == place || strings.HasPrefix(known, place+".") || strings.HasSuffix(known, "."+place)
		}) {
			t.Errorf("%s is nowhere, and has a reason not to be told", place)
		}
	}
}
