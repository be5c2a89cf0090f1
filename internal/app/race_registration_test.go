package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

const register = `mutation ($email: EmailAddress!, $number: String!) {
	register(input: {email: $email, displayName: "New", policyNumber: $number}) { accepted userErrors { code } }
}`

// insured makes an organisation with a policy number in the portal interpolis, and with a main user where one is named.
func (r race) insured(mainUser string) string {
	r.T.Helper()
	partner := r.Partner("interpolis", r.Token("interpolis", identity.OrganisationsWrite, identity.OrganisationsRead))
	variables := map[string]any{}
	if mainUser != "" {
		variables["main"] = map[string]any{"email": mainUser, "displayName": "Main"}
	}
	id := partner.Do(`mutation ($main: MainUserInput) {
		createOrganisation(input: {name: "De Vries", policyNumbers: ["1234.56.789"], mainUser: $main}) { organisation { id } userErrors { code } }
	}`, variables).String("createOrganisation.organisation.id")
	if mainUser != "" {
		r.Register("interpolis", mainUser)
	}
	return id
}

// links has so many register, by several days for the limits' sake, and answers what they were mailed.
func (r race) links(many int) []string {
	r.T.Helper()
	links := make([]string, many)
	for i := range links {
		email := fmt.Sprintf("new%d@vries.test", i)
		if i > 0 && i%10 == 0 {
			r.T.Fatal("more than a day's attempts")
		}
		r.Browser("interpolis").Do(register, map[string]any{"email": email, "number": "123456789"})
		links[i] = r.Mailbox.Expect(r.T, email).Token
	}
	return links
}

func (r race) hasOneMainUser(organisation string) {
	r.T.Helper()
	if r.count(`organisations AS o JOIN users AS u ON u.organisation_id = o.organisation_id AND u.id = o.main_user_id
		WHERE o.organisation_id = '`+organisation+`' AND u.registration = 'REGISTERED'`) != 1 {
		r.T.Error("the organisation has no main user who can sign in")
	}
	if used := r.count("users WHERE organisation_id = '" + organisation + "' AND registration = 'REGISTERED'"); used != 1 {
		r.T.Errorf("%d have an account, and one may", used)
	}
}

func TestOfThoseWhoRegisterAtOnceOneIsTheMainUser(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		organisation := r.insured("")
		links := r.links(5)
		answers := rig.Crowd(crowd, func(i int) rig.Answer {
			return r.Browser("interpolis").At(r.processes[i%len(r.processes)]).
				Ask(choose, map[string]any{"token": links[i%len(links)], "password": rig.Password})
		})
		got := tally(answers, "setPassword.step.__typename")
		// The first has the account; one of the others may be announced as their replacement.
		if got["SignInEnrolmentRequired"] != 2 || got["ACCOUNT_LIMIT_REACHED"]+got["TOKEN_INVALID"] != crowd-2 {
			t.Error(got)
		}
		if announced := r.count("registrants WHERE replaces_id <> '' AND ended_at IS NULL"); announced != 1 {
			t.Errorf("%d are to replace the main user", announced)
		}
		r.hasOneMainUser(organisation)
	})
}

func TestAnAccountIsReplacedOnceOrKeptWhateverRaces(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		organisation := r.insured("main@vries.test")
		r.Clock.Advance(2 * time.Minute)
		browser := r.Browser("interpolis")
		browser.ChoosePassword(r.links(1)[0], rig.Password)
		keep := r.Mailbox.Expect(t, "main@vries.test").Token
		browser.Enrol()
		r.Clock.Advance(24*time.Hour - time.Second)
		rig.Crowd(crowd, func(i int) rig.Answer {
			process := r.processes[i%len(r.processes)]
			if i == crowd/2 {
				r.Clock.Advance(time.Second)
			}
			if i%2 == 0 {
				if err := process.App.PerformDue(t.Context(), process.Portal("interpolis")); err != nil {
					t.Error(err)
				}
				return rig.Answer{}
			}
			return r.Browser("interpolis").At(process).Ask(`mutation ($token: String!) { keepAccount(input: {token: $token}) { kept userErrors { code } } }`,
				map[string]any{"token": keep})
		})
		if ends := r.count("registrants WHERE outcome IN ('COMPLETED', 'STOPPED')"); ends != 1 {
			t.Errorf("it came to %d ends", ends)
		}
		r.hasOneMainUser(organisation)
	})
}

func TestRegistrationsStopAtTheDaysLimitForRightAndWrongNumbersAlike(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.insured("main@vries.test")
		r.Clock.Advance(2 * time.Minute)
		for _, number := range []string{"123456789", "987654321"} {
			answers := rig.Crowd(20, func(i int) rig.Answer {
				return r.Browser("interpolis").At(r.processes[i%len(r.processes)]).
					Ask(register, map[string]any{"email": fmt.Sprintf("n%d@%s.test", i, number), "number": number})
			})
			// By the number ten get through; for the second number the client has used up all but ten of its own.
			if got := tally(answers, "register.accepted"); got["true"] != 10 || got["TOO_MANY_ATTEMPTS"] != 10 {
				t.Errorf("%s: %v", number, got)
			}
		}
		r.Clock.Advance(12 * time.Hour) // midnight
		wantTally(t, []rig.Answer{r.Browser("interpolis").Ask(register, map[string]any{"email": "n@vries.test", "number": "987654321"})},
			"register.accepted", map[string]int{"true": 1})
	})
}
