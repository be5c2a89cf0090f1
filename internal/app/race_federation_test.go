package app_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

const donald = "68750110"

// raceOfCustomer is raceOnBoth, with a portal whose customer people come in for through a broker.
func raceOfCustomer(t *testing.T, unknown identity.UnknownPerson, test func(t *testing.T, r race)) {
	t.Helper()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := race{Rig: rig.New(t, db, rig.WithBroker(t, db.Clock, "tvm", func(p *identity.Provider) { p.UnknownPerson = unknown }))}
		r.processes = []*rig.Rig{r.Rig}
		if db.IsPostgres() {
			r.processes = append(r.processes, r.Another())
		}
		r.Partner("tvm", r.Token("tvm", identity.OrganisationsWrite, identity.OrganisationsRead)).Do(`mutation { createOrganisation(input: {name: "Donald",
			businessIdentities: [{kvkNumber: "` + donald + `"}], mainUser: {email: "main@donald.test", displayName: "M"}}) { userErrors { code } } }`)
		r.Register("tvm", "main@donald.test")
		test(t, r)
	})
}

func TestOneInvitationLetsOneOfFiftyPeopleIn(t *testing.T) {
	t.Parallel()
	raceOfCustomer(t, identity.ByInvitation, func(t *testing.T, r race) {
		r.SignedIn("tvm", "main@donald.test").Do(`mutation { inviteUser(input: {email: "one@donald.test", displayName: "O", signIn: BUSINESS}) { userErrors { code } } }`)
		token := r.Mailbox.Expect(t, "one@donald.test").Token
		browsers, back := make([]*rig.Browser, crowd), make([]string, crowd)
		for i := range crowd {
			browsers[i] = r.processes[i%len(r.processes)].Browser("tvm")
			back[i] = r.Broker.Identify(t, browsers[i].DepartWith(token), map[string]any{"sub": fmt.Sprint("p-", i), "chamber_of_commerce": donald})
		}
		answers := rig.Crowd(crowd, func(i int) rig.Answer {
			browsers[i].Visit(back[i])
			return browsers[i].Ask(`{ currentSignIn { __typename ... on SignInRefused { code } } }`, nil)
		})
		got := map[string]int{}
		for _, answer := range answers {
			got[answer.String("currentSignIn.__typename")+answer.String("currentSignIn.code")]++
		}
		if got["SignInComplete"] != 1 || got["SignInRefusedTOKEN_INVALID"] != crowd-1 {
			t.Error(got)
		}
		if users, bound := r.count("users WHERE provider = 'eherkenning'"), r.count("federated_identities"); users != 1 || bound != 1 {
			t.Errorf("%d users, and %d people who are one", users, bound)
		}
	})
}

func TestAnAssertionSignsInOnceHoweverManyJourneysBringIt(t *testing.T) {
	t.Parallel()
	raceOfCustomer(t, identity.ByMandate, func(t *testing.T, r race) {
		assertion := identity.Assertion{
			Provider: "eherkenning", Environment: "test", Issuer: r.Broker.URL, ID: "_1", Subject: "p-1", Level: identity.EH3, KVKNumber: donald,
			AuthenticatedAt: r.Clock.Now(), ExpiresAt: r.Clock.Now().Add(time.Minute),
		}
		got := make([]error, crowd)
		outcomes := make([]app.Outcome, crowd)
		rig.Crowd(crowd, func(i int) rig.Answer {
			process := r.processes[i%len(r.processes)]
			outcomes[i], got[i] = process.App.Admit(t.Context(), identity.Actor{Portal: process.Portal("tvm")}, assertion)
			return rig.Answer{}
		})
		in := 0
		for i, err := range got {
			unidentified, is := errors.AsType[*identity.Unidentified](err)
			switch {
			case err == nil && outcomes[i].Session != nil:
				in++
			case !is || unidentified.Reason != "replayed" || outcomes[i].Session != nil:
				t.Errorf("it was used before: %v", err)
			}
		}
		if sessions := r.count("sessions WHERE provider = 'eherkenning'"); in != 1 || sessions != 1 {
			t.Errorf("%d came in, and %d sessions were opened", in, sessions)
		}
	})
}
