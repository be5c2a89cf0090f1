package app_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

const importUsers = `mutation ($key: String!, $rows: [ImportUserInput!]!, $mails: Boolean!) {
	importUsers(input: {key: $key, rows: $rows, sendInvitations: $mails}) { import { id total } userErrors { code path } }
}`

// people are so many rows of an import into an organisation, from that number on.
func people(organisation string, from, count int) []map[string]any {
	rows := make([]map[string]any, count)
	for i := range rows {
		rows[i] = map[string]any{
			"number": from + i, "organisationId": organisation, "email": fmt.Sprintf("user%d@joosten.test", from+i), "displayName": fmt.Sprintf("User %d", from+i),
		}
	}
	return rows
}

func bring(t *testing.T, by *rig.Browser, rows []map[string]any) string {
	t.Helper()
	answer := by.Do(importUsers, map[string]any{"key": "k", "rows": rows, "mails": false})
	if answer.Code() != "" {
		t.Fatal(answer.Text)
	}
	return answer.String("importUsers.import.id")
}

func TestRowsThatFiftySendAtOnceAreWorkedOnOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		organisation := r.Organisation("tvm", "Joosten", "joost@joosten.test")
		robot := r.Partner("tvm", r.Token("tvm", identity.UsersWrite, identity.OrganisationsRead))
		answers := r.of(crowd, func(int) *rig.Browser { return robot }, importUsers,
			map[string]any{"key": "k", "rows": people(organisation, 1, 40), "mails": true})
		wantTally(t, answers, "importUsers.import.id", map[string]int{answers[0].String("importUsers.import.id"): crowd})
		r.Settle()
		if users, invitations, rows := r.count("users"), r.count("invitations"), r.count("import_rows WHERE state = 'DONE'"); users != 41 || invitations != 41 || rows != 40 {
			t.Errorf("%d users, %d invitations, %d rows done", users, invitations, rows)
		}
	})
}

// unregistered makes an organisation whose main user never answers: nobody needs mails for that.
func (r race) unregistered(name string, limit *int) string {
	r.T.Helper()
	made := r.Partner("tvm", r.Token("tvm", identity.OrganisationsWrite)).Do(`mutation ($name: String!, $limit: Int) {
		createOrganisation(input: {name: $name, accountLimit: $limit, mainUser: {email: "main@joosten.test", displayName: "M"}}) { organisation { id } userErrors { code } }
	}`, map[string]any{"name": name, "limit": limit})
	return made.String("createOrganisation.organisation.id")
}

// finish works on an import until none of its rows waits.
func (r race) finish(id string) {
	r.T.Helper()
	r.finishAll(id)
}

func TestAnImportThatIsBrokenOffGoesOnWhereItStood(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		robot := r.Partner("tvm", r.Token("tvm", identity.UsersWrite))
		id := bring(t, robot, people(r.unregistered("Joosten", nil), 1, 90))
		// One after another dies in the midst of its transaction, wherever that is then.
		for tries := 1; tries <= 20; tries++ {
			broken, end := context.WithTimeout(t.Context(), time.Duration(tries)*time.Millisecond)
			_, _ = r.App.PerformImport(broken, r.Portal("tvm"), identity.ID(id), 0)
			end()
			if users, done := r.count("users"), r.count("import_rows WHERE state = 'DONE'"); users != done+1 {
				t.Fatalf("%d users, %d rows done", users, done)
			}
		}
		r.finish(id)
		if users, done := r.count("users"), r.count("import_rows WHERE state = 'DONE'"); users != 91 || done != 90 {
			t.Errorf("%d users, %d rows done", users, done)
		}
	}, rig.WithoutDelivery())
}

func TestAnImportEndsWithTheTokenThatMadeIt(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		robot := r.Partner("tvm", r.Token("tvm", identity.UsersWrite))
		id := bring(t, robot, people(r.unregistered("Joosten", nil), 1, 60))
		if _, err := r.App.PerformImport(t.Context(), r.Portal("tvm"), identity.ID(id), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Database.SystemSQL().ExecContext(t.Context(), "UPDATE api_tokens SET revoked_at = created_at"); err != nil {
			t.Fatal(err)
		}
		r.finish(id)
		done, failed := r.count("import_rows WHERE state = 'DONE'"), r.count(`import_rows WHERE refusals LIKE '%"FORBIDDEN"%'`)
		if done == 0 || done == 60 || done+failed != 60 || r.count("users") != 1+done {
			t.Errorf("%d rows are done, %d failed", done, failed)
		}
	}, rig.WithoutDelivery())
}

// TestRowsOfAnImportComeOutAsSingleCallsDo gives one organisation by an import what another gets by a call each.
func TestRowsOfAnImportComeOutAsSingleCallsDo(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		robot, limit := r.Partner("tvm", r.Token("tvm", identity.UsersWrite, identity.OrganisationsRead)), 25
		one, other := r.unregistered("By rows", &limit), r.unregistered("By calls", &limit)
		dice := rand.New(rand.NewPCG(4711, 0))
		rows, want := make([]map[string]any, 80), make([]string, 80)
		for i := range rows {
			rows[i] = map[string]any{
				"number": i + 1, "organisationId": one, "displayName": []string{"Somebody", "", "Some\nbody"}[max(0, dice.IntN(12)-9)],
				"email": fmt.Sprintf([]string{"user%d@joosten.test", "no address %d"}[max(0, dice.IntN(8)-6)], dice.IntN(40)),
				"role":  []string{"SUB_USER", "SUPER_SUB_USER", "MAIN_USER", "SUPPORT"}[max(0, dice.IntN(10)-6)],
			}
			call := maps.Clone(rows[i])
			call["organisationId"] = other
			delete(call, "number")
			answer := robot.Do(`mutation ($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { code path } } }`, map[string]any{"input": call})
			want[i] = fmt.Sprint(i+1, " ", strings.ReplaceAll(fmt.Sprint(answer.List("inviteUser.userErrors")), "path:[input ", "path:["))
			want[i] = strings.ReplaceAll(want[i], "path:[input]", "path:[]")
		}
		id := bring(t, robot, rows)
		r.finish(id)
		report := robot.Do(`query ($id: ID!) { import(id: $id) { rows(first: 200) { nodes { number userErrors { code path } } } } }`, map[string]any{"id": id})
		refused := 0
		for i, node := range report.List("import.rows.nodes") {
			fields := node.(map[string]any)
			got := fmt.Sprint(fields["number"], " ", fields["userErrors"])
			if got != want[i] {
				t.Errorf("a row came out as %s, a call as %s", got, want[i])
			}
			if strings.Contains(got, "code") {
				refused++
			}
		}
		if refused == 0 || refused == len(rows) {
			t.Errorf("%d rows of %d are refused: the dice prove nothing", refused, len(rows))
		}
	}, rig.WithoutDelivery())
}

func TestSomebodyFromAnotherSystemSignsInWithTheirOldPasswordAndPhone(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		const hash = "$2b$04$abcdefghijklmnopqrstuusQqM0YKLNyhPhQsl4W9OChLuVhTTKnC"
		phone := r.Authenticator("JBSWY3DPEHPK3PXP") // 80 bits, as apps used to be given
		rows := people(r.unregistered("Joosten", nil), 1, 1)
		rows[0]["passwordHash"], rows[0]["totp"] = hash, map[string]any{"secret": "jbsw y3dp ehpk 3pxp"}
		r.finish(bring(t, r.Partner("tvm", r.Token("tvm", identity.UsersWrite)), rows))
		used := phone.Code() // in the other system, a moment ago
		browser := r.Browser("tvm")
		begun := browser.SignIn("user1@joosten.test", "Fiets!Dakpan7Regen")
		factor := begun.String("beginSignIn.step.factors.0.id")
		if got := r.count("users WHERE password_hash LIKE '$argon2id$%'"); got != 1 {
			t.Errorf("the hash isn't one of ours after the first right password: %s", begun.Text)
		}
		if answer := browser.Do(verify, map[string]any{"factor": factor, "code": used}); answer.Code() != "INVALID_CODE" {
			t.Errorf("a code of before the import: %s", answer.Text)
		}
		r.Clock.Advance(time.Minute)
		if answer := browser.Do(verify, map[string]any{"factor": factor, "code": phone.Code()}); answer.String("verifySignIn.step.__typename") != "SignInComplete" {
			t.Errorf("the phone's code: %s", answer.Text)
		}
		if answer := r.Browser("tvm").SignIn("user1@joosten.test", "Fiets!Dakpan7Regen"); answer.String("beginSignIn.step.__typename") != "SignInFactorRequired" {
			t.Errorf("the second time: %s", answer.Text)
		}
	}, rig.WithoutDelivery())
}
