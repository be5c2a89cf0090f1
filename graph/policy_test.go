package graph_test

import (
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// office is an organisation whose people are signed in at two server processes (on SQLite at one, for it has no more).
type office struct {
	*rig.Rig
	second                 *rig.Rig
	id                     string
	main, super, sub       *rig.Browser
	mainID, superID, subID string
}

func newOffice(r *rig.Rig) office {
	r.T.Helper()
	o := office{Rig: r, second: r, id: r.Organisation("tvm", "Office", "main@office.test")}
	if r.Database.IsPostgres() {
		o.second = r.Another()
	}
	o.main = r.SignedIn("tvm", "main@office.test")
	o.main.Invite("super@office.test", "Super", identity.SuperSubUser)
	o.main.Invite("sub@office.test", "Sub", identity.SubUser)
	o.super, o.sub = r.SignedIn("tvm", "super@office.test"), r.SignedIn("tvm", "sub@office.test")
	for email, id := range map[string]*string{"main@office.test": &o.mainID, "super@office.test": &o.superID, "sub@office.test": &o.subID} {
		*id = one(r, "SELECT id FROM users WHERE email = '"+email+"'")
	}
	return o
}

// everywhere asks at both processes and wants the same first code of both; "" for no refusal.
func (o office) everywhere(t *testing.T, by *rig.Browser, document, want string) {
	t.Helper()
	for _, process := range []*rig.Rig{o.Rig, o.second} {
		if answer := by.At(process).Do(document, map[string]any{"id": o.subID, "email": "next@office.test"}); answer.Code() != want {
			t.Errorf("%s: want %q, got %s", document, want, answer.Text)
		}
	}
}

const (
	readUsers  = `{ organisation { users { totalCount } } }`
	needsSelf  = `{ organisation { id } }`
	inviteNext = `mutation ($email: EmailAddress!) { inviteUser(input: {email: $email, displayName: "N"}) { userErrors { code } } }`
)

func (o office) change(t *testing.T, by *rig.Browser, document string, id string) {
	t.Helper()
	if answer := by.At(o.second).Do(document, map[string]any{"id": id}); answer.Code() != "" {
		t.Fatalf("%s: %s", document, answer.Text)
	}
}

func TestAChangeHoldsOnTheVeryNextRequestInEveryProcess(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		o := newOffice(r)
		o.everywhere(t, o.super, readUsers, "")
		o.change(t, o.main, `mutation ($id: ID!) { updateUser(input: {id: $id, role: SUB_USER}) { userErrors { code } } }`, o.superID)
		o.everywhere(t, o.super, readUsers, "FORBIDDEN")
		o.everywhere(t, o.super, inviteNext, "FORBIDDEN")

		o.everywhere(t, o.sub, needsSelf, "")
		o.change(t, o.main, `mutation ($id: ID!) { blockUser(input: {id: $id}) { userErrors { code } } }`, o.subID)
		o.everywhere(t, o.sub, needsSelf, "UNAUTHENTICATED")
		o.change(t, o.main, `mutation ($id: ID!) { unblockUser(input: {id: $id}) { userErrors { code } } }`, o.subID)
		o.everywhere(t, o.sub, needsSelf, "UNAUTHENTICATED")
		o.sub = o.SignedIn("tvm", "sub@office.test")
		o.everywhere(t, o.sub, needsSelf, "")
		o.change(t, o.main, `mutation ($id: ID!) { removeUser(input: {id: $id}) { userErrors { code } } }`, o.subID)
		o.everywhere(t, o.sub, needsSelf, "UNAUTHENTICATED")
		if answer := o.Browser("tvm").SignIn("sub@office.test", rig.Password); answer.Code() != "INVALID_CREDENTIALS" {
			t.Errorf("removed, and yet: %s", answer.Text)
		}

		o.change(t, o.main, `mutation ($id: ID!) { transferMainUser(input: {userId: $id}) { userErrors { code } } }`, o.superID)
		o.everywhere(t, o.main, `mutation ($id: ID!) { transferMainUser(input: {userId: $id}) { userErrors { code } } }`, "FORBIDDEN")
		o.everywhere(t, o.super, readUsers, "")
	})
}

// TestABlockHoldsWhoeverForgotToEndASession: blocking ends sessions, and the block is asked for all the same.
func TestABlockHoldsWhoeverForgotToEndASession(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		o := newOffice(r)
		for _, change := range []string{"blocked_at = created_at", "blocked_at = NULL, registration = 'REMOVED'"} {
			if _, err := r.Database.SystemSQL().Exec("UPDATE users SET " + change + " WHERE email = 'sub@office.test'"); err != nil {
				t.Fatal(err)
			}
			o.everywhere(t, o.sub, needsSelf, "UNAUTHENTICATED")
		}
	})
}

func TestALimitAndATokenHoldOnTheVeryNextRequestInEveryProcess(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		o := newOffice(r)
		admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
		o.change(t, admin, `mutation ($id: ID!) { updateOrganisation(input: {id: $id, accountLimit: 3}) { userErrors { code } } }`, o.id)
		o.everywhere(t, o.main, inviteNext, "ACCOUNT_LIMIT_REACHED")

		made := admin.Do(`mutation ($id: ID!) { createApiToken(input: {name: "t", scopes: [ORGANISATIONS_READ], organisationIds: [$id]}) { token apiToken { id } } }`, map[string]any{"id": o.id})
		partner := r.Partner("tvm", made.String("createApiToken.token"))
		o.everywhere(t, partner, needsSelf, "")
		for _, networks := range []struct{ list, code string }{{`"203.0.113.0/24"`, "NETWORK_NOT_ALLOWED"}, {"", ""}} {
			o.change(t, admin, `mutation ($id: ID!) { updateApiToken(input: {id: $id, allowedNetworks: [`+networks.list+`]}) { userErrors { code } } }`, made.String("createApiToken.apiToken.id"))
			o.everywhere(t, partner, needsSelf, networks.code)
		}
		o.change(t, admin, `mutation ($id: ID!) { revokeApiToken(input: {id: $id}) { userErrors { code } } }`, made.String("createApiToken.apiToken.id"))
		o.everywhere(t, partner, needsSelf, "UNAUTHENTICATED")
		o.everywhere(t, r.Partner("default", made.String("createApiToken.token")), needsSelf, "UNAUTHENTICATED")

		other := r.SignedIn("tvm", "super@office.test")
		session := other.Do(`{ viewer { session { id } } }`).String("viewer.session.id")
		o.change(t, o.super, `mutation ($id: ID!) { revokeSession(input: {id: $id}) { userErrors { code } } }`, session)
		o.everywhere(t, other, needsSelf, "UNAUTHENTICATED")
		o.everywhere(t, o.super, needsSelf, "")
	})
}

func TestTheDateOfAPortalHoldsFromItsVeryInstant(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		o := newOffice(r)
		required := *r.Portal("tvm").TwoFactor.RequiredFrom
		r.Clock.Set(required.Add(-time.Microsecond))
		for _, step := range []string{"SignInComplete", "SignInEnrolmentRequired"} {
			for _, process := range []*rig.Rig{o.Rig, o.second} {
				if answer := process.Browser("tvm").SignIn("sub@office.test", rig.Password); answer.String("beginSignIn.step.__typename") != step {
					t.Errorf("at %s: want %s, got %s", r.Clock.Now(), step, answer.Text)
				}
			}
			r.Clock.Set(required)
		}
	})
}

func TestSessionTimesThatAPortalShortensHoldForRunningSessions(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		r.Organisation("tvm", "Office", "main@office.test")
		browser := r.SignedIn("tvm", "main@office.test")
		stricter := r.Another(rig.WithoutDelivery(), rig.Portal("tvm", func(p *identity.Portal) { p.Sessions.Idle = 10 * time.Minute }))
		shorter := r.Another(rig.WithoutDelivery(), rig.Portal("tvm", func(p *identity.Portal) { p.Sessions.Absolute = 5 * time.Minute }))
		r.Clock.Advance(5*time.Minute - time.Microsecond)
		for _, process := range []*rig.Rig{r, stricter, shorter} {
			if answer := browser.At(process).Do(needsSelf); answer.Code() != "" {
				t.Errorf("still in time: %s", answer.Text)
			}
		}
		r.Clock.Advance(time.Microsecond)
		if answer := browser.At(shorter).Do(needsSelf); answer.Code() != "UNAUTHENTICATED" {
			t.Errorf("past the end of every session: %s", answer.Text)
		}
		r.Clock.Advance(10 * time.Minute)
		if answer := browser.At(stricter).Do(needsSelf); answer.Code() != "UNAUTHENTICATED" {
			t.Errorf("past the idle time: %s", answer.Text)
		}
		if answer := browser.Do(needsSelf); answer.Code() != "" {
			t.Errorf("in time where nothing was shortened: %s", answer.Text)
		}
		r.Clock.Advance(30 * time.Minute)
		if answer := browser.Do(needsSelf); answer.Code() != "UNAUTHENTICATED" {
			t.Errorf("past the usual idle time: %s", answer.Text)
		}
	})
}

// TestASupportAgentDoesNotMakeThemselvesUntouchable: whoever answers for the operating organisation can't be blocked, so an
// administrator alone decides who that is.
func TestASupportAgentDoesNotMakeThemselvesUntouchable(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
		agent := r.Staff("tvm", "agent@desk.test", identity.Support)
		id := one(r, "SELECT id FROM users WHERE email = 'agent@desk.test'")
		takeOver := `mutation ($id: ID!) { transferMainUser(input: {userId: $id, reason: "r", ticket: "t"}) { user { role } userErrors { code } } }`
		if answer := agent.Do(takeOver, map[string]any{"id": id}); answer.Code() != "FORBIDDEN" {
			t.Errorf("a support agent takes over: %s", answer.Text)
		}
		if answer := admin.Do(`mutation ($id: ID!) { blockUser(input: {id: $id, reason: "r", ticket: "t"}) { user { status } userErrors { code } } unblockUser(input: {id: $id, reason: "r", ticket: "t"}) { userErrors { code } } }`,
			map[string]any{"id": id}); answer.String("blockUser.user.status") != "BLOCKED" {
			t.Errorf("an administrator can't block an agent: %s", answer.Text)
		}
		if answer := admin.Do(takeOver, map[string]any{"id": id}); answer.String("transferMainUser.user.role") != "SUPPORT" {
			t.Errorf("an administrator chooses another: %s", answer.Text)
		}
	})
}
