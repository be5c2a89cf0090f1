package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// refusals are what the main user reads of sign-ins that led to nothing: "target code" each, the latest first.
func refusals(main *rig.Browser) (all []string) {
	answer := main.Do(`{ organisation { auditEvents(filter: {action: SIGN_IN_REFUSED}) { nodes { actorId targetId details { name value } } } } }`)
	for _, node := range answer.List("organisation.auditEvents.nodes") {
		event := node.(map[string]any)
		details := map[string]string{}
		for _, detail := range event["details"].([]any) {
			details[detail.(map[string]any)["name"].(string)] = detail.(map[string]any)["value"].(string)
		}
		if event["actorId"] != nil || details["provider"] != "eherkenning" || len(details) != 2 {
			all = append(all, "more than provider and code: "+answer.Text)
		}
		all = append(all, event["targetId"].(string)+" "+details["code"])
	}
	return all
}

func TestARefusedSignInIsInTheAuditLogOfItsOrganisationOnceInAWhile(t *testing.T) {
	t.Parallel()
	withCustomer(t, inviteOnly, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		organisation := one(r, "SELECT organisation_id FROM organisations WHERE name = 'Donald'")
		bring(r, r.Browser("tvm"), sendAway(r, main, "katrien@donald.test"), mandate("p-1", nil))
		katrien := one(r, "SELECT user_id FROM federated_identities")
		main.Do(`mutation ($id: ID!) { blockUser(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": katrien})
		elsewhere := map[string]any{"chamber_of_commerce": "69599084"}
		try := func(times int, person string, more map[string]any) {
			for range times {
				r.Browser("tvm").Come(mandate(person, more))
			}
		}
		all := func() {
			try(2, "p-1", nil)
			try(2, "p-2", nil)
			try(2, "p-3", nil)
			try(2, "p-2", map[string]any{"acr": testrig.SaysEH2})
			try(2, "p-2", map[string]any{"eherkenning_vestigingsnr": "000037143557"})
			try(2, "p-2", elsewhere)
		}
		all()
		want := []string{
			organisation + " ESTABLISHMENT_UNKNOWN", organisation + " ASSURANCE_TOO_LOW", organisation + " INVITATION_REQUIRED", katrien + " NOT_A_CUSTOMER",
		}
		same := func(what string, want []string) {
			t.Helper()
			if got := refusals(main); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s the log has\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		same("first", want)
		r.Clock.Advance(20 * time.Minute)
		all()
		same("soon after", want)
		if _, err := r.Database.SystemSQL().Exec("UPDATE business_identities SET register_status = 'DEREGISTERED'"); err != nil {
			t.Fatal(err)
		}
		r.Clock.Advance(identity.RefusalPause - 20*time.Minute)
		main = r.SignedIn("tvm", "main@donald.test")
		try(2, "p-2", nil)
		same("after an hour, for a business that ended", append([]string{organisation + " NOT_A_CUSTOMER"}, want...))
	})
}

func TestWhoeverWaitsIsInTheAuditLogOnce(t *testing.T) {
	t.Parallel()
	approve := func(p *identity.Provider) { p.UnknownPerson = identity.ByApproval }
	withCustomer(t, approve, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		for range 3 {
			r.Browser("tvm").Come(mandate("p-1", nil))
		}
		id := one(r, "SELECT user_id FROM federated_identities")
		if got := refusals(main); len(got) != 1 || got[0] != id+" AWAITING_APPROVAL" {
			t.Errorf("the log has %v", got)
		}
	})
}
