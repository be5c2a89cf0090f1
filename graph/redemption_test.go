package graph_test

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// inviteOnly is what a provider's row says where nobody comes in who wasn't invited.
func inviteOnly(p *identity.Provider) { p.UnknownPerson = identity.ByInvitation }

const invited = `mutation ($email: EmailAddress!, $role: UserRole!) { inviteUser(input: {email: $email, displayName: "Katrien Duck", role: $role, signIn: BUSINESS}) {
	invitation { id signIn status } accountLimit { used } userErrors { code path } } }`

// sendAway invites somebody to sign in through a provider, and answers the link's token.
func sendAway(r *rig.Rig, by *rig.Browser, email string) string {
	r.T.Helper()
	by.Do(invited, map[string]any{"email": email, "role": identity.SubUser})
	return r.Mailbox.Expect(r.T, email).Token
}

// bring goes through the broker with an invitation, and answers how it went.
func bring(r *rig.Rig, b *rig.Browser, token string, claims map[string]any) rig.Answer {
	r.T.Helper()
	b.Visit(r.Broker.Identify(r.T, b.DepartWith(token), claims))
	return b.Do(howItWent)
}

func TestAnInvitationLeadsThroughTheProviderToTheInvitedUser(t *testing.T) {
	t.Parallel()
	withCustomer(t, inviteOnly, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		sent := main.Do(invited, map[string]any{"email": "katrien@donald.test", "role": identity.SuperSubUser})
		if sent.String("inviteUser.invitation.signIn") != "BUSINESS" || !strings.Contains(sent.Text, `"accountLimit":{"used":1}`) {
			t.Fatalf("invited: %s", sent.Text)
		}
		mail := r.Mailbox.Expect(t, "katrien@donald.test")
		if !strings.HasPrefix(mail.Link, r.Portal("tvm").SPA.SignInLink()+"#token=") || !strings.Contains(mail.Subject, "eHerkenning") {
			t.Errorf("mailed %q with %s", mail.Subject, mail.Link)
		}
		looked := r.Browser("tvm").Do(`mutation ($t: String!) { inspectLink(input: {token: $t}) { purpose organisationName passwordRules { id } userErrors { code } } }`, map[string]any{"t": mail.Token})
		if !strings.Contains(looked.Text, `"purpose":"BUSINESS_INVITATION","organisationName":"Donald","passwordRules":null`) {
			t.Errorf("the link shows %s", looked.Text)
		}
		chosen := r.Browser("tvm").Do(`mutation ($t: String!) { setPassword(input: {token: $t, newPassword: "`+rig.Password+`"}) { step { __typename } userErrors { code } } }`, map[string]any{"t": mail.Token})
		if !strings.Contains(chosen.Text, "TOKEN_INVALID") {
			t.Errorf("the link chooses a password: %s", chosen.Text)
		}
		answer := bring(r, r.Browser("tvm"), mail.Token, mandate("p-1", nil))
		for path, want := range map[string]string{
			"viewer.user.email": "katrien@donald.test", "viewer.user.displayName": "Katrien Duck", "viewer.user.role": "SUPER_SUB_USER",
			"viewer.user.status": "ACTIVE", "viewer.session.provider": "eherkenning",
		} {
			if got := answer.String(path); got != want {
				t.Errorf("%s is %q, want %q: %s", path, got, want, answer.Text)
			}
		}
		again := r.Browser("tvm")
		again.Come(mandate("p-1", nil))
		if id := again.Do(howItWent).String("viewer.user.id"); id == "" || id != answer.String("viewer.user.id") {
			t.Errorf("without the link they come back as %q", id)
		}
		listed := main.Do(`{ organisation { invitations { nodes { status signIn } } accountLimit { used } } }`)
		if !strings.Contains(listed.Text, `{"status":"ACCEPTED","signIn":"BUSINESS"}`) || !strings.Contains(listed.Text, `"used":1`) {
			t.Errorf("the main user sees %s", listed.Text)
		}
		if used := bring(r, r.Browser("tvm"), "", mandate("p-2", nil)); used.String("currentSignIn.code") != string(identity.InvitationRequired) {
			t.Errorf("a colleague without one: %s", used.Text)
		}
		if begun := r.Browser("tvm").Begin(mail.Token); !strings.Contains(begun.Text, `{"code":"TOKEN_INVALID","path":["input","invitation"]}`) {
			t.Errorf("the link after its use: %s", begun.Text)
		}
	})
}

func TestAnInvitationOpensOnlyWhatItIsOf(t *testing.T) {
	t.Parallel()
	withCustomer(t, inviteOnly, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		r.Organisation("tvm", "Dagobert", "main@dagobert.test")
		other := sendAway(r, r.SignedIn("tvm", "main@dagobert.test"), "katrien@dagobert.test")
		if answer := bring(r, r.Browser("tvm"), other, mandate("p-1", nil)); answer.String("currentSignIn.code") != string(identity.InvitationOfAnother) {
			t.Errorf("with another organisation's: %s", answer.Text)
		}
		token := sendAway(r, main, "katrien@donald.test")
		for claim, row := range map[string]struct{ value, want string }{
			"acr": {"urn:etoegang:core:assurance-class:loa2", "ASSURANCE_TOO_LOW"}, "chamber_of_commerce": {"69599084", "NOT_A_CUSTOMER"},
			"eherkenning_vestigingsnr": {"000037143557", "ESTABLISHMENT_UNKNOWN"},
		} {
			if answer := bring(r, r.Browser("tvm"), token, mandate("p-1", map[string]any{claim: row.value})); answer.String("currentSignIn.code") != row.want {
				t.Errorf("%s: %s", row.want, answer.Text)
			}
		}
		away := r.Browser("tvm")
		address := away.DepartWith(token)
		id := one(r, "SELECT id FROM invitations WHERE email = 'katrien@donald.test'")
		main.Do(`mutation ($id: ID!) { revokeInvitation(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": id})
		away.Visit(r.Broker.Identify(t, address, mandate("p-1", nil)))
		if answer := away.Do(howItWent); answer.String("currentSignIn.code") != string(identity.TokenInvalid) {
			t.Errorf("taken back while they were away: %s", answer.Text)
		}
		for what, invalid := range map[string]string{"taken back": token, "nonsense": "x"} {
			if begun := r.Browser("tvm").Begin(invalid); !strings.Contains(begun.Text, `{"code":"TOKEN_INVALID","path":["input","invitation"]}`) {
				t.Errorf("%s: %s", what, begun.Text)
			}
		}
		main.Do(`mutation { inviteUser(input: {email: "password@donald.test", displayName: "P"}) { userErrors { code } } }`)
		if begun := r.Browser("tvm").Begin(r.Mailbox.Expect(t, "password@donald.test").Token); !strings.Contains(begun.Text, "TOKEN_INVALID") {
			t.Errorf("an invitation to a password: %s", begun.Text)
		}
		if made := one(r, "SELECT count(*) FROM users WHERE provider <> ''"); made != "0" {
			t.Errorf("%s people came in", made)
		}
	})
}

func TestAnEqualAddressLinksNobody(t *testing.T) {
	t.Parallel()
	withCustomer(t, inviteOnly, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		taken := main.Do(invited, map[string]any{"email": "main@donald.test", "role": identity.SubUser})
		if !strings.Contains(taken.Text, "EMAIL_TAKEN") {
			t.Errorf("the main user's address: %s", taken.Text)
		}
		sendAway(r, main, "katrien@donald.test")
		for _, address := range []string{"main@donald.test", "katrien@donald.test"} {
			answer := bring(r, r.Browser("tvm"), "", mandate("p-1", map[string]any{"email": address, "email_verified": true}))
			if answer.String("currentSignIn.code") != string(identity.InvitationRequired) {
				t.Errorf("with the address of %s: %s", address, answer.Text)
			}
		}
	})
}

func TestAFreshLinkVoidsTheOlderAndARemovedColleagueComesBackByInvitation(t *testing.T) {
	t.Parallel()
	withCustomer(t, inviteOnly, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		first := sendAway(r, main, "katrien@donald.test")
		r.Clock.Advance(r.Portal("tvm").Links.ResendPause)
		id := one(r, "SELECT id FROM invitations WHERE sign_in = 'BUSINESS'")
		main.Do(`mutation ($id: ID!) { resendInvitation(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": id})
		second := r.Mailbox.Expect(t, "katrien@donald.test")
		if begun := r.Browser("tvm").Begin(first); !strings.Contains(begun.Text, "TOKEN_INVALID") || !strings.Contains(second.Subject, "eHerkenning") {
			t.Errorf("the first link after %q: %s", second.Subject, begun.Text)
		}
		before := bring(r, r.Browser("tvm"), second.Token, mandate("p-1", nil)).String("viewer.user.id")
		main.Do(`mutation ($id: ID!) { removeUser(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": before})
		if answer := bring(r, r.Browser("tvm"), "", mandate("p-1", nil)); answer.String("currentSignIn.code") != string(identity.NotACustomer) {
			t.Errorf("removed: %s", answer.Text)
		}
		after := bring(r, r.Browser("tvm"), sendAway(r, main, "katrien@donald.test"), mandate("p-1", nil)).String("viewer.user.id")
		if before == "" || after == "" || after == before {
			t.Errorf("was %q, came back as %q", before, after)
		}
	})
}

func TestWhoCannotBeInvitedToAProvider(t *testing.T) {
	t.Parallel()
	withCustomer(t, inviteOnly, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		named := main.Do(`mutation { inviteUser(input: {email: "a@donald.test", displayName: "A", username: "a", signIn: BUSINESS}) { userErrors { code path } } }`)
		if !strings.Contains(named.Text, `{"code":"INVALID_INPUT","path":["input","username"]}`) {
			t.Errorf("with a user name: %s", named.Text)
		}
		admin := r.Staff("tvm", "boss@desk.test", identity.PortalAdmin)
		staff := admin.Do(invited, map[string]any{"email": "b@desk.test", "role": identity.Support})
		r.Organisation("default", "Elsewhere", "main@elsewhere.test")
		elsewhere := r.Enrolled("default", "main@elsewhere.test").Do(invited, map[string]any{"email": "c@elsewhere.test", "role": identity.SubUser})
		for who, answer := range map[string]rig.Answer{"staff": staff, "of a portal without a provider": elsewhere} {
			if !strings.Contains(answer.Text, `{"code":"INVALID_INPUT","path":["input","signIn"]}`) {
				t.Errorf("%s: %s", who, answer.Text)
			}
		}
	})
}
