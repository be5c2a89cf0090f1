package graph_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// kept are the tables with a user's id in which rows stay after an erasure, and why. All others have none.
var kept = map[string]string{
	"users":       "the id, so that it is given to nobody else and the audit log's ids lead somewhere",
	"invitations": "instants and the role, for the organisation's list; the address is blanked",
	"registrants": "instants and outcomes of a registration",
}

const eraseDocument = `mutation ($id: ID!) { eraseUser(input: {id: $id, reason: "asked for it", ticket: "AVG-1"}) { erasedId userErrors { code } } }`

// marked makes a sub-user of whom as much is known as can be, under names that stand nowhere else, and answers the id.
func marked(r *rig.Rig, main *rig.Browser) string {
	r.T.Helper()
	const email = "merkadres@merkdomein.test"
	main.Invite(email, "Merknaam Merkachternaam", identity.SubUser)
	browser := r.SignedIn("tvm", email)
	browser.Header.Set("User-Agent", "Merkbrowser/1.0")
	browser.Enrol()
	browser.Do(`mutation { requestEmailChange(input: {email: "merknieuw@merkdomein.test"}) { change { id } userErrors { code } } }`)
	browser.Do(`mutation { requestPhoneChange(input: {phoneNumber: "+31612345678"}) { change { id } userErrors { code } } }`)
	r.Browser("tvm").Do(`mutation { requestPasswordReset(input: {email: "` + email + `"}) { accepted } }`)
	r.Browser("tvm").SignIn(email, rig.Password)
	id := one(r, "SELECT id FROM users WHERE email = '"+email+"'")
	at := "'2025-06-11 12:00:00+00:00'"
	raw := map[bool]string{true: "decode('6d65726b7375626a656374','hex')", false: "x'6d65726b7375626a656374'"}[r.Database.IsPostgres()]
	owner := "SELECT portal, organisation_id, id"
	for _, statement := range []string{
		"INSERT INTO federated_identities (portal, organisation_id, user_id, provider, environment, subject, kvk_number) " + owner + ", 'merk', 'merk', " + raw + ", '' FROM users",
		"INSERT INTO sign_in_refusals (portal, organisation_id, user_id, provider, code, noted_at) " + owner + ", 'merk', 'X', " + at + " FROM users",
		"INSERT INTO recovery_codes (portal, organisation_id, user_id, code_hash) " + owner + ", " + raw + " FROM users",
		"INSERT INTO registrants (portal, organisation_id, user_id, id, created_at, due_at) " + owner + ", 'reg_x', " + at + ", " + at + " FROM users",
		"INSERT INTO codes (portal, organisation_id, user_id, owner_id, factor_id, sent_at, expires_at, resend_allowed_at, resends_remaining) " +
			owner + ", 'sig_x', '', " + at + ", " + at + ", " + at + ", 1 FROM users",
		"INSERT INTO webauthn_challenges (portal, organisation_id, user_id, owner_id, challenge_hash, expires_at) " + owner + ", 'sig_x', " + raw + ", " + at + " FROM users",
		"INSERT INTO enrolments (portal, organisation_id, user_id, id, kind, name, sealed_secret, expires_at) " + owner + ", 'fac_x', 'TOTP', 'Merktelefoon', " + raw + ", " + at + " FROM users",
		"INSERT INTO webauthn_credentials (portal, organisation_id, user_id, factor_id, credential_id, public_key, sign_count, backup_eligible, backed_up, user_verified, transports) " +
			"SELECT portal, organisation_id, user_id, id, " + raw + ", " + raw + ", 0, false, false, false, '' FROM factors WHERE user_id = '" + id + "'",
	} {
		if strings.HasSuffix(statement, "FROM users") {
			statement += " WHERE id = '" + id + "'"
		}
		if _, err := r.Database.SystemSQL().Exec(statement); err != nil {
			r.T.Fatalf("%s: %v", statement, err)
		}
	}
	return id
}

// naming are the tables with a column of that name, and with rows of the user where withRows says so.
func naming(r *rig.Rig, user string, withRows bool) []string {
	var found []string
	for _, table := range tables(r) {
		if slices.Contains(columnsOf(r, table), "user_id") && (!withRows || one(r, "SELECT count(*) FROM "+table+" WHERE user_id = '"+user+"'") != "0") {
			found = append(found, table)
		}
	}
	return found
}

// leftOf are the rows, of any table, in which a marker can be read, as text or in hexadecimal.
func leftOf(r *rig.Rig, markers ...string) []string {
	var left []string
	for _, table := range tables(r) {
		for _, row := range texts(r, table, columnsOf(r, table), "true") {
			low := strings.ToLower(row)
			for _, marker := range markers {
				if strings.Contains(low, marker) || strings.Contains(low, hex.EncodeToString([]byte(marker))) {
					left = append(left, fmt.Sprintf("%s in %s", marker, table))
				}
			}
		}
	}
	return left
}

// wantOpened wants the audit log to tell of the marked user, or to tell nothing any more, in the list and in both exports; and
// what it tells to be sealed in its table.
func wantOpened(r *rig.Rig, main *rig.Browser, path string, opened bool) {
	r.T.Helper()
	told := map[string]string{"the list": main.Do(`{ organisation { auditEvents(first: 200) { nodes { facts {
		userId clientAddress userAgent emailBefore emailAfter phoneBefore phoneAfter displayNameBefore displayNameAfter } } } } }`).Text}
	for _, ending := range []string{".jsonl", ".csv"} {
		_, told[ending] = main.Get(path+ending, "Sec-Fetch-Site", "same-origin")
	}
	for where, text := range told {
		for _, marker := range []string{"merkadres@merkdomein.test", "merknieuw@merkdomein.test", "Merkbrowser/1.0", "Merknaam Merkachternaam"} {
			if strings.Contains(text, marker) != opened {
				r.T.Errorf("%s tells of %s: %t, want %t", where, marker, !opened, opened)
			}
		}
	}
	for _, left := range leftOf(r, "merk") {
		if strings.Contains(left, " in audit_") {
			r.T.Errorf("there is %s, as anybody can read it", left)
		}
	}
}

func TestNothingOfAnErasedUserIsLeftInAnyTable(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, path := exporter(r)
		id := marked(r, main)
		for _, table := range naming(r, id, false) {
			if !slices.Contains(naming(r, id, true), table) && table != "name_words" {
				t.Errorf("%s names users, and has nothing of the one to be erased: that proves nothing of it", table)
			}
		}
		admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
		if answer := admin.Do(eraseDocument, map[string]any{"id": id}); answer.Code() != "WRONG_STATUS" {
			t.Errorf("somebody who wasn't removed is erased: %s", answer.Text)
		}
		if answer := main.Do(`mutation ($id: ID!) { removeUser(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": id}); answer.Code() != "" {
			t.Fatal(answer.Text)
		}
		if len(leftOf(r, "merk")) == 0 {
			t.Fatal("nothing is left before the erasure: the test proves nothing")
		}
		wantOpened(r, main, path, true)
		for range 2 { // the second changes nothing
			if answer := admin.Do(eraseDocument, map[string]any{"id": id}); answer.String("eraseUser.erasedId") != id {
				t.Fatal(answer.Text)
			}
		}
		for _, left := range leftOf(r, "merk", "31612345678") {
			t.Errorf("there is still %s", left)
		}
		wantOpened(r, main, path, false)
		for _, table := range naming(r, id, true) {
			if kept[table] == "" {
				t.Errorf("%s still has rows of the user, and no reason for it", table)
			}
		}
		if count := one(r, "SELECT count(*) FROM audit_events WHERE action = 'USER_ERASED' AND target_id = '"+id+"'"); count != "1" {
			t.Errorf("the audit log tells of %s erasures", count)
		}
		if err := r.App.VerifyAudit(t.Context(), "tvm", identity.ID(strings.TrimPrefix(path, "/audit/")), func(identity.ID, int64) {}); err != nil {
			t.Errorf("the audit log doesn't verify afterwards: %v", err)
		}
	})
}

func TestAMainUserIsNotErasedBeforeAnotherTakesOver(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, _ := exporter(r)
		id := main.Do(`{ viewer { user { id } } }`).String("viewer.user.id")
		partner := r.Partner("tvm", r.Token("tvm", identity.UsersWrite))
		if answer := partner.Do(eraseDocument, map[string]any{"id": id}); answer.Code() != "MAIN_USER_REQUIRED" {
			t.Error(answer.Text)
		}
		if got := one(r, "SELECT email FROM users WHERE id = '"+id+"'"); got != "main@joosten.test" {
			t.Errorf("the main user's address is %q", got)
		}
	})
}

func TestNothingOfAnErasedOrganisationIsLeftInAnyTable(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		main, path := exporter(r)
		id := strings.TrimPrefix(path, "/audit/")
		marked(r, main)
		partner := r.Partner("tvm", r.Token("tvm", identity.OrganisationsWrite))
		main.Do(`mutation { inviteUser(input: {email: "never@joosten.test", displayName: "Never", idempotencyKey: "joosten"}) { userErrors { code } } }`)
		partner.Do(`mutation ($id: ID!) { updateOrganisation(input: {id: $id, businessIdentities: [{kvkNumber: "68750110"}]}) { userErrors { code } } }`, map[string]any{"id": id})
		for _, field := range []string{"removeOrganisation", "eraseOrganisation", "eraseOrganisation"} {
			if answer := partner.Do(`mutation ($id: ID!) { `+field+`(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": id}); answer.Code() != "" {
				t.Fatal(answer.Text)
			}
			if left := leftOf(r, "merk", "joosten"); field == "removeOrganisation" && len(left) == 0 {
				t.Fatal("nothing is left before the erasure: the test proves nothing")
			}
		}
		for _, left := range leftOf(r, "merk", "joosten", "31612345678") {
			t.Errorf("there is still %s", left)
		}
		if err := r.App.VerifyAudit(t.Context(), "tvm", identity.ID(id), func(identity.ID, int64) {}); err != nil {
			t.Errorf("the audit log doesn't verify afterwards: %v", err)
		}
	})
}
