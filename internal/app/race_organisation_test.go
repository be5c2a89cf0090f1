package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func TestAnOrganisationHasOneActiveMainUserWhateverRaces(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		staff := r.Staff("tvm", "desk@tvm-desk.test", identity.Support)
		organisation := r.Organisation("tvm", "Joosten", "joost@joosten.test")
		main := r.SignedIn("tvm", "joost@joosten.test")
		for i := range 4 {
			main.Invite(fmt.Sprintf("sub%d@joosten.test", i), "Sub", identity.SubUser)
		}
		users := main.Do(`{ organisation { users { nodes { id } } } }`).List("organisation.users.nodes")
		operations := []string{"transferMainUser(input: {userId: $id})", "removeUser(input: {id: $id})", "blockUser(input: {id: $id})", "unblockUser(input: {id: $id})"}
		for range 2 {
			answers := rig.Crowd(crowd, func(i int) rig.Answer {
				id := users[i%len(users)].(map[string]any)["id"]
				document := "mutation ($id: ID!) { " + operations[i/len(users)%len(operations)] + " { user { status role } userErrors { code } } }"
				return staff.At(r.processes[i%len(r.processes)]).Ask(document, map[string]any{"id": id})
			})
			for _, answer := range answers {
				if answer.Code() == "INTERNAL" {
					t.Error(answer.Text)
				}
			}
			r.hasItsMainUser(organisation)
		}
	})
}

func (r race) hasItsMainUser(organisation string) {
	r.T.Helper()
	if r.count(`organisations AS o JOIN users AS u ON u.organisation_id = o.organisation_id AND u.id = o.main_user_id
		WHERE o.organisation_id = '`+organisation+`' AND u.registration = 'REGISTERED' AND u.blocked_at IS NULL`) != 1 {
		r.T.Error("the organisation's main user can't answer for it")
	}
}

const inviteOne = `mutation ($email: EmailAddress!, $key: String) {
	inviteUser(input: {email: $email, displayName: "New", idempotencyKey: $key}) { invitation { id } accountLimit { used } userErrors { code } }
}`

func TestInvitationsAtOnceEndExactlyAtTheAccountLimit(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		organisation := r.Organisation("tvm", "Joosten", "joost@joosten.test")
		main, partner := r.SignedIn("tvm", "joost@joosten.test"), r.Partner("tvm", r.Token("tvm", identity.OrganisationsWrite))
		const room = 3
		for round := range 4 { // a race that isn't held is lost at the limit only, and not each time
			limit := 1 + room*(round+1)
			partner.Do(`mutation ($id: ID!, $limit: Int) { updateOrganisation(input: {id: $id, accountLimit: $limit}) { userErrors { code } } }`,
				map[string]any{"id": organisation, "limit": limit})
			answers := rig.Crowd(crowd, func(i int) rig.Answer {
				return main.At(r.processes[i%len(r.processes)]).Ask(inviteOne, map[string]any{"email": fmt.Sprintf("new%d-%d@joosten.test", round, i)})
			})
			if got := tally(answers, "inviteUser.userErrors.0.code"); got[""] != room || got["ACCOUNT_LIMIT_REACHED"] != crowd-room {
				t.Error(got)
			}
			if used := main.Do(`{ organisation { accountLimit { used } } }`).Int("organisation.accountLimit.used"); used != limit {
				t.Errorf("%d accounts are in use, and %d allowed", used, limit)
			}
		}
		r.settled()
		if total := r.Mailbox.Total(); total != 1+4*room {
			t.Errorf("%d mails came", total)
		}
	})
}

func TestAnIdempotencyKeyStandsForOneInvitation(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		main := r.SignedIn("tvm", "joost@joosten.test")
		answers := r.of(crowd, func(int) *rig.Browser { return main }, inviteOne, map[string]any{"email": "new@joosten.test", "key": "once"})
		if got := tally(answers, "inviteUser.invitation.id"); len(got) != 1 || got[answers[0].String("inviteUser.invitation.id")] != crowd {
			t.Error(got)
		}
		r.settled()
		if came := r.Mailbox.Count("new@joosten.test"); came != 1 || r.count("invitations") != 2 {
			t.Errorf("%d mails, %d invitations", came, r.count("invitations"))
		}
	})
}

func TestAskedForFiftyTimesAResetIsMailedOnceAPause(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		before := r.Mailbox.Count("joost@joosten.test")
		for round := range 2 {
			r.Clock.Advance(2 * time.Minute)
			answers := r.of(crowd, func(int) *rig.Browser { return r.Browser("tvm") },
				`mutation { requestPasswordReset(input: {email: "joost@joosten.test"}) { accepted userErrors { code } } }`, nil)
			wantTally(t, answers, "requestPasswordReset.accepted", map[string]int{"true": crowd})
			r.settled()
			if came := r.Mailbox.Count("joost@joosten.test") - before; came != round+1 {
				t.Errorf("round %d: %d mails", round, came)
			}
		}
		if open := r.count("links WHERE used_at IS NULL AND revoked_at IS NULL"); open != 1 {
			t.Errorf("%d links work", open)
		}
	})
}

func TestAFirstPasswordTakesAPlaceUnderTheAccountLimitAndAProviderAloneDoesNot(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		organisation := r.Organisation("avero", "Hoekstra", "gerda@hoekstra.test")
		main := r.Enrolled("avero", "gerda@hoekstra.test")
		for i := range 4 {
			main.Invite(fmt.Sprintf("sub%d@hoekstra.test", i), "Sub", identity.SubUser)
		}
		// One of the five came in by an identification provider instead.
		if _, err := r.Database.SystemSQL().Exec("UPDATE users SET password_hash = NULL WHERE email = 'sub3@hoekstra.test'"); err != nil {
			t.Fatal(err)
		}
		used := func() int {
			return main.Do(`{ organisation { accountLimit { used } } }`).Int("organisation.accountLimit.used")
		}
		if got := used(); got != 4 {
			t.Errorf("%d accounts are in use", got)
		}
		r.Clock.Advance(2 * time.Minute)
		desk := r.Staff("avero", "desk@avero-desk.test", identity.Support)
		id := r.text("SELECT id FROM users WHERE email = 'sub3@hoekstra.test'")
		desk.Do(`mutation ($id: ID!) { sendAccountLink(input: {id: $id, reason: "Wants a password", ticket: "A-1"}) { userErrors { code } } }`, map[string]any{"id": id})
		link := r.Mailbox.Expect(t, "sub3@hoekstra.test").Token
		main.Do(`mutation { inviteUser(input: {email: "sub4@hoekstra.test", displayName: "Sub"}) { userErrors { code } } }`)
		sixth := map[string]any{"token": link, "password": rig.Password}
		if answer := r.Browser("avero").Ask(choose, sixth); answer.Code() != "ACCOUNT_LIMIT_REACHED" {
			t.Error(answer.Text)
		}
		main.Do(`mutation ($id: ID!) { removeUser(input: {id: $id}) { userErrors { code } } }`,
			map[string]any{"id": r.text("SELECT id FROM users WHERE email = 'sub0@hoekstra.test'")})
		if answer := r.Browser("avero").Ask(choose, sixth); answer.Code() != "" || used() != 5 {
			t.Errorf("%s; %d are in use in %s", answer.Text, used(), organisation)
		}
	})
}

// text answers the one value that a query finds.
func (r race) text(query string) (found string) {
	r.T.Helper()
	if err := r.Database.SystemSQL().QueryRow(query).Scan(&found); err != nil {
		r.T.Fatalf("%s: %v", query, err)
	}
	return found
}
