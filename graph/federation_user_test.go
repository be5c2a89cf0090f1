package graph_test

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func TestAnEstablishmentLimitsTheSession(t *testing.T) {
	t.Parallel()
	withCustomer(t, nil, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		browser := r.Browser("tvm")
		browser.Come(mandate("p-1", nil))
		id := browser.Do(howItWent).String("viewer.user.id")
		main.Do(`mutation ($id: ID!) { updateUser(input: {id: $id, role: SUPER_SUB_USER}) { userErrors { code } } }`, map[string]any{"id": id})
		whole, limited := r.Browser("tvm"), r.Browser("tvm")
		whole.Come(mandate("p-1", nil))
		limited.Come(mandate("p-1", map[string]any{"eherkenning_vestigingsnr": shop}))
		const users = `{ organisation { users { nodes { id } } } }`
		if answer := whole.Do(users); denied(answer) != "" {
			t.Errorf("the whole business: %s", answer.Text)
		}
		answer := limited.Do(howItWent)
		if answer.String("viewer.user.role") != "SUB_USER" || !strings.Contains(answer.Text, `"establishmentScope":["`+shop+`"]`) {
			t.Errorf("one establishment: %s", answer.Text)
		}
		if answer := limited.Do(users); denied(answer) != "FORBIDDEN" {
			t.Errorf("one establishment lists the organisation: %s", answer.Text)
		}
	})
}

func TestASessionFallsWithWhatItRestsOn(t *testing.T) {
	t.Parallel()
	withCustomer(t, nil, func(t *testing.T, r *rig.Rig, _ *rig.Browser) {
		whole, limited := r.Browser("tvm"), r.Browser("tvm")
		whole.Come(mandate("p-1", nil))
		limited.Come(mandate("p-2", map[string]any{"eherkenning_vestigingsnr": shop}))
		in := func(browser *rig.Browser) bool { return browser.Do(howItWent).String("viewer.user.id") != "" }
		set := func(text string) {
			t.Helper()
			if _, err := r.Database.SystemSQL().Exec("UPDATE business_identities SET " + text); err != nil {
				t.Fatal(err)
			}
		}
		if !in(whole) || !in(limited) {
			t.Fatal("nobody came in")
		}
		set("establishment_numbers = '" + yard + "'")
		if !in(whole) || in(limited) {
			t.Error("an establishment that no longer may act goes on, or the whole business doesn't")
		}
		set("register_status = 'DEREGISTERED'")
		if in(whole) {
			t.Error("a session goes on for a business that ended")
		}
		set("register_status = 'VERIFIED'")
		if !in(whole) {
			t.Error("nothing is wrong any more")
		}
		set("kvk_number = '69599084'")
		if in(whole) {
			t.Error("a session goes on for a number that isn't the customer's any more")
		}
	})
}

func TestSomebodyNewWaitsForTheMainUserWhereThePortalWantsIt(t *testing.T) {
	t.Parallel()
	approve := func(p *identity.Provider) { p.UnknownPerson = identity.ByApproval }
	withCustomer(t, approve, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		browser := r.Browser("tvm")
		browser.Come(mandate("p-1", nil))
		browser.Come(mandate("p-1", nil))
		if answer := browser.Do(howItWent); answer.String("currentSignIn.code") != string(identity.ApprovalAwaited) || answer.String("viewer.user.id") != "" {
			t.Fatalf("before a word of the main user: %s", answer.Text)
		}
		r.Mailbox.Expect(t, "main@donald.test")
		waiting := main.Do(`{ organisation { users(filter: {status: AWAITING_APPROVAL}) { totalCount nodes { id status email } } } }`)
		id := one(r, "SELECT id FROM users WHERE provider <> ''")
		if !strings.Contains(waiting.Text, `"totalCount":1,"nodes":[{"id":"`+id+`","status":"AWAITING_APPROVAL","email":null}]`) {
			t.Fatalf("the main user sees %s", waiting.Text)
		}
		const let = `mutation ($id: ID!) { approveUser(input: {id: $id}) { user { status } userErrors { code path } } }`
		if answer := main.Do(let, map[string]any{"id": id}); answer.String("approveUser.user.status") != "ACTIVE" {
			t.Fatalf("approved: %s", answer.Text)
		}
		if answer := main.Do(let, map[string]any{"id": id}); !strings.Contains(answer.Text, "WRONG_STATUS") {
			t.Errorf("approved again: %s", answer.Text)
		}
		browser.Come(mandate("p-1", nil))
		if browser.Do(howItWent).String("viewer.user.id") != id {
			t.Error("whoever was approved doesn't come in")
		}
	})
}

func TestWhoeverWasPutOutHearsWhatAStrangerHears(t *testing.T) {
	t.Parallel()
	withCustomer(t, nil, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		heard := map[string]string{}
		for what, mutation := range map[string]string{"blocked": "blockUser", "removed": "removeUser", "stranger": ""} {
			browser, claims := r.Browser("tvm"), mandate("p-"+what, nil)
			if mutation == "" {
				claims["chamber_of_commerce"] = "69599084"
			} else {
				browser.Come(claims)
				id := browser.Do(howItWent).String("viewer.user.id")
				main.Do("mutation ($id: ID!) { "+mutation+"(input: {id: $id}) { userErrors { code } } }", map[string]any{"id": id})
				if answer := browser.Do(howItWent); answer.String("viewer.user.id") != "" {
					t.Errorf("%s, and still in: %s", what, answer.Text)
				}
			}
			browser.Come(claims)
			heard[what] = browser.Do(howItWent).Text
		}
		if heard["blocked"] != heard["stranger"] || heard["removed"] != heard["stranger"] || !strings.Contains(heard["stranger"], "NOT_A_CUSTOMER") {
			t.Errorf("%v", heard)
		}
	})
}

func TestWhoComesThroughAProviderHasNoPasswordAndAnswersForNobody(t *testing.T) {
	t.Parallel()
	withCustomer(t, nil, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		browser := r.Browser("tvm")
		browser.Come(mandate("p-1", nil))
		id := browser.Do(howItWent).String("viewer.user.id")
		transfer := main.Do(`mutation ($id: ID!) { transferMainUser(input: {userId: $id, reason: "r", ticket: "t"}) { userErrors { code } } }`, map[string]any{"id": id})
		if !strings.Contains(transfer.Text, "WRONG_STATUS") {
			t.Errorf("became main user: %s", transfer.Text)
		}
		again := browser.Do(`mutation { reauthenticate(input: {password: "` + rig.Password + `"}) { userErrors { code } } }`)
		if !strings.Contains(again.Text, "INVALID_CREDENTIALS") {
			t.Errorf("reauthenticated by password: %s", again.Text)
		}
		changed := browser.Do(`mutation { changePassword(input: {newPassword: "` + rig.Password + `"}) { userErrors { code } } }`)
		enrolled := browser.Do(`mutation { beginTotpEnrolment { enrolment { id } userErrors { code } } }`)
		if !strings.Contains(changed.Text, "WRONG_STATUS") || !strings.Contains(enrolled.Text, "FACTOR_NOT_OFFERED") {
			t.Errorf("chose a password: %s\nenrolled: %s", changed.Text, enrolled.Text)
		}
	})
}
