package graph_test

import (
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

const registerAs = `mutation ($email: EmailAddress!, $number: String!) {
	register(input: {email: $email, displayName: "Somebody", policyNumber: $number}) { accepted userErrors { code message path retryAfterSeconds } }
}`

func TestWhetherAPolicyNumberOrAnAddressIsKnownDoesNotShowInRegistering(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		partner := r.Partner("interpolis", r.Token("interpolis", identity.OrganisationsWrite, identity.OrganisationsRead))
		for name, number := range map[string]string{"taken": "100000001", "vacant": "100000002", "invited": "100000003"} {
			main := map[string]any{"email": name + "@who.test", "displayName": name}
			if name == "vacant" {
				main = nil
			}
			partner.Do(`mutation ($name: String!, $number: String!, $main: MainUserInput) {
				createOrganisation(input: {name: $name, policyNumbers: [$number], mainUser: $main}) { organisation { id } userErrors { code } }
			}`, map[string]any{"name": name, "number": number, "main": main})
		}
		r.Register("interpolis", "taken@who.test")
		r.Clock.Advance(2 * time.Minute)
		want := looks(r.Browser("interpolis").Do(registerAs, map[string]any{"email": "nobody@who.test", "number": "999999999"}))
		for range 2 { // the second time within the pause between mails
			for state, who := range map[string]map[string]any{
				"a company without an account":            {"email": "new01@who.test", "number": "100000002"},
				"a company with one":                      {"email": "new02@who.test", "number": "100000001"},
				"a company whose main user is invited":    {"email": "new03@who.test", "number": "100000003"},
				"the account's own address":               {"email": "taken@who.test", "number": "100000001"},
				"the invited one's own address":           {"email": "invited@who.test", "number": "100000003"},
				"the address of another company":          {"email": "taken@who.test", "number": "100000002"},
				"a known address with a number of nobody": {"email": "invited@who.test", "number": "999999998"},
			} {
				if got := looks(r.Browser("interpolis").Do(registerAs, who)); got != want {
					t.Errorf("%s:\n%s\nnobody and nothing:\n%s", state, got, want)
				}
			}
		}
		// One mail each: to those who can make an account, or come back to theirs.
		for email, came := range map[string]int{
			"new01@who.test": 1, "new02@who.test": 1, "new03@who.test": 1, "taken@who.test": 3, "invited@who.test": 2, "nobody@who.test": 0,
		} {
			r.Settle()
			if got := r.Mailbox.Count(email); got != came {
				t.Errorf("%d mails to %s, want %d", got, email, came)
			}
		}
	})
}
