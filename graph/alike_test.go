package graph_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// crowdOfNames has an address in every state in which one can be known, and one that nobody has. All are of one length.
func crowdOfNames(r *rig.Rig) (names map[string]string, unknown string) {
	r.T.Helper()
	names = map[string]string{
		"active": "active00@who.test", "enrolled": "enrolled@who.test", "blocked": "blocked0@who.test", "invited": "invited0@who.test",
		"removed": "removed0@who.test", "re-registering": "again000@two.test", "of another portal": "elsewher@who.test",
	}
	r.Organisation("tvm", "Who", "mainuser@who.test")
	main := r.SignedIn("tvm", "mainuser@who.test")
	for _, state := range []string{"active", "enrolled", "blocked", "removed"} {
		main.Invite(names[state], state, identity.SubUser)
	}
	r.SignedIn("tvm", names["enrolled"]).Enrol()
	invite(r, main, names["invited"])
	for state, mutation := range map[string]string{"blocked": "blockUser", "removed": "removeUser"} {
		id := one(r, "SELECT id FROM users WHERE email = '"+names[state]+"'")
		main.Do("mutation ($id: ID!) { "+mutation+"(input: {id: $id}) { userErrors { code } } }", map[string]any{"id": id})
	}
	r.Organisation("tvm", "Two", names["re-registering"])
	second := r.SignedIn("tvm", names["re-registering"])
	token := second.Do(`{ organisation { twoFactorActivationPreview { previewToken } } }`).String("organisation.twoFactorActivationPreview.previewToken")
	second.Do(`mutation ($t: String!) { activateOrganisationTwoFactor(input: {previewToken: $t}) { affectedUserCount } }`, map[string]any{"t": token})
	r.Organisation("default", "Elsewhere", names["of another portal"])
	r.Clock.Advance(2 * time.Minute)
	r.Mailbox.ExpectTotal(r.T, 9)
	return names, "nobody00@who.test"
}

// looks is all that an outsider sees of an answer, but for the time that it took.
func looks(answer rig.Answer) string {
	var headers []string
	for name, values := range answer.Header {
		if name == "X-Request-Id" || name == "Date" {
			values = nil
		}
		headers = append(headers, name+": "+strings.Join(values, ","))
	}
	slices.Sort(headers)
	return strings.Join(headers, "\n") + "\n" + masked(answer)
}

func TestWhetherANameIsKnownDoesNotShowBeforeSignIn(t *testing.T) {
	t.Parallel()
	questions := map[string]string{
		"a wrong password":    `mutation ($email: EmailAddress!) { beginSignIn(input: {email: $email, password: "Sleutel-bos 4711 Kad"}) { step { __typename } userErrors { code message path retryAfterSeconds } } }`,
		"no password":         `mutation ($email: EmailAddress!) { beginSignIn(input: {email: $email, password: ""}) { step { __typename } userErrors { code message path retryAfterSeconds } } }`,
		"an endless password": `mutation ($email: EmailAddress!) { beginSignIn(input: {email: $email, password: "` + strings.Repeat("a", 300) + `"}) { step { __typename } userErrors { code message path } } }`,
		"a user name":         `mutation ($email: EmailAddress!) { requestUsername(input: {email: $email}) { accepted userErrors { code message path retryAfterSeconds } } }`,
		"a reset":             `mutation ($email: EmailAddress!) { requestPasswordReset(input: {email: $email}) { accepted userErrors { code message path retryAfterSeconds } } }`,
	}
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		names, unknown := crowdOfNames(r)
		for range 6 { // past the free attempts, and past the pause between mails
			for question, document := range questions {
				want := looks(r.Browser("tvm").Do(document, map[string]any{"email": unknown}))
				for state, email := range names {
					for _, written := range []string{email, strings.ToUpper(email)} {
						if written != email && question != "a reset" && question != "a user name" {
							continue // it would be counted twice
						}
						if got := looks(r.Browser("tvm").Do(document, map[string]any{"email": written})); got != want {
							t.Errorf("%s for the %s:\n%s\nfor nobody:\n%s", question, state, got, want)
						}
					}
				}
			}
		}
	})
}

func TestAResetIsMailedToWhoeverCanComeBackAndToNobodyElse(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		names, unknown := crowdOfNames(r)
		names["nobody"] = unknown
		before := r.Mailbox.Total()
		for _, email := range slices.Sorted(maps.Values(names)) {
			r.Browser("tvm").Do(`mutation ($email: EmailAddress!) { requestPasswordReset(input: {email: $email}) { accepted } }`, map[string]any{"email": email})
		}
		r.Mailbox.ExpectTotal(t, before+3)
		links := one(r, "SELECT count(*) FROM messages WHERE created_at > (SELECT min(created_at) FROM messages)")
		if links != "3" {
			t.Errorf("%s mails were ordered, to: %v", links, r.Mailbox.All()[before:])
		}
		for _, mail := range r.Mailbox.All()[before:] {
			if !slices.Contains([]string{names["active"], names["enrolled"], names["re-registering"]}, mail.To) {
				t.Errorf("%s got a mail: %s", mail.To, mail.Subject)
			}
		}
	})
}

func TestSomebodyOfAnotherOrganisationIsInvitedLikeAStranger(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		names, unknown := crowdOfNames(r)
		r.Organisation("tvm", "Third", "mainuser@third.test")
		main := r.SignedIn("tvm", "mainuser@third.test")
		document := `mutation ($email: EmailAddress!) { inviteUser(input: {email: $email, displayName: "X"}) { invitation { id email status expiresAt } accountLimit { maximum } userErrors { code message } } }`
		unnamed := regexp.MustCompile(`inv_[0-9a-z]{26}|[0-9A-Za-z]{8}@(who|two)\.test`)
		want := unnamed.ReplaceAllString(looks(main.Do(document, map[string]any{"email": unknown})), "…")
		for state, email := range names {
			if got := unnamed.ReplaceAllString(looks(main.Do(document, map[string]any{"email": email})), "…"); got != want {
				t.Errorf("inviting the %s of another organisation:\n%s\na stranger:\n%s", state, got, want)
			}
		}
	})
}

func TestALinkThatDoesNotOpenDoesNotSayWhy(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		r.Organisation("tvm", "Who", "main@who.test")
		main := r.SignedIn("tvm", "main@who.test")
		links := map[string]string{"used": r.Mailbox.All()[0].Token, "garbage": "x", "empty": "", "unknown": strings.Repeat("A", 43)}
		for _, name := range []string{"revoked", "voided", "blocked", "expired"} {
			id := invite(r, main, name+"@who.test")
			links[name] = r.Mailbox.Expect(t, name+"@who.test").Token
			switch name {
			case "revoked":
				main.Do(`mutation ($id: ID!) { revokeInvitation(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": id})
			case "voided":
				r.Clock.Advance(2 * time.Minute)
				main.Do(`mutation ($id: ID!) { resendInvitation(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": id})
			case "blocked":
				user := one(r, "SELECT user_id FROM invitations WHERE id = '"+id+"'")
				main.Do(`mutation ($id: ID!) { blockUser(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": user})
			}
		}
		r.Clock.Advance(8 * 24 * time.Hour)
		r.Partner("default", r.Token("default", identity.OrganisationsWrite)).Do(`mutation {
			createOrganisation(input: {name: "E", mainUser: {email: "open@elsewhere.test", displayName: "O"}}) { userErrors { code } }
		}`)
		links["of another portal"] = r.Mailbox.Expect(t, "open@elsewhere.test").Token
		for _, document := range []string{
			`mutation ($token: String!) { inspectLink(input: {token: $token}) { purpose organisationName emailHint expiresAt passwordRules { id } userErrors { code message path } } }`,
			`mutation ($token: String!) { setPassword(input: {token: $token, newPassword: "Sleutel-bos 4711 Kade"}) { step { __typename } userErrors { code message path } } }`,
			`mutation ($token: String!) { setPassword(input: {token: $token, newPassword: "x"}) { step { __typename } userErrors { code message path } } }`,
		} {
			want := looks(r.Browser("tvm").Do(document, map[string]any{"token": "y"}))
			for name, token := range links {
				if got := looks(r.Browser("tvm").Do(document, map[string]any{"token": token})); got != want || !strings.Contains(got, "TOKEN_INVALID") {
					t.Errorf("a link that is %s:\n%s\nwant:\n%s", name, got, want)
				}
			}
		}
	})
}
