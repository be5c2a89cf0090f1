package graph_test

import (
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// TestAnAPITokenEndsWithWhoeverMadeIt: nobody who was removed or blocked goes on through a program.
func TestAnAPITokenEndsWithWhoeverMadeIt(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		o := newOffice(r)
		o.main.Enrol()
		made := `mutation { createApiToken(input: {name: "t", scopes: [ORGANISATIONS_READ]}) { token apiToken { createdById } } }`
		mine := o.main.Do(made)
		if mine.String("createApiToken.apiToken.createdById") != o.mainID {
			t.Errorf("whose it is isn't told: %s", mine.Text)
		}
		admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
		second := r.Staff("tvm", "second@desk.test", identity.PortalAdmin)
		secondID := one(r, "SELECT id FROM users WHERE email = 'second@desk.test'")
		partners := map[string]*rig.Browser{
			"main user": r.Partner("tvm", mine.String("createApiToken.token")), "staff": r.Partner("tvm", second.Do(made).String("createApiToken.token")),
			"operator": r.Partner("tvm", r.Token("tvm", identity.OrganisationsRead)), "other": r.Partner("tvm", admin.Do(made).String("createApiToken.token")),
		}
		alive := func(want map[string]bool) {
			t.Helper()
			for name, partner := range partners {
				for _, process := range []*rig.Rig{o.Rig, o.second} {
					answer := partner.At(process).Do(`{ organisations { totalCount } }`)
					if got := answer.Code() != "UNAUTHENTICATED"; got != want[name] {
						t.Errorf("the token of %s works: %t", name, got)
					}
				}
			}
		}
		alive(map[string]bool{"main user": true, "staff": true, "operator": true, "other": true})
		o.change(t, admin, `mutation ($id: ID!) { blockUser(input: {id: $id, reason: "r", ticket: "t"}) { userErrors { code } } }`, secondID)
		alive(map[string]bool{"main user": true, "operator": true, "other": true})
		o.change(t, admin, `mutation ($id: ID!) { transferMainUser(input: {userId: $id, reason: "r", ticket: "t"}) { userErrors { code } } }`, o.superID)
		alive(map[string]bool{"operator": true, "other": true})
		o.change(t, o.super, `mutation ($id: ID!) { removeUser(input: {id: $id}) { userErrors { code } } }`, o.mainID)
		alive(map[string]bool{"operator": true, "other": true})
		if logged := one(r, "SELECT count(*) FROM audit_events WHERE action = 'API_TOKEN_REVOKED'"); logged != "2" {
			t.Errorf("%s ends of tokens are in the log", logged)
		}
	})
}

// TestAnAPITokenIsRefusedWhoeverForgotToRevokeIt: what became of who answers for a token is asked at the moment of use, and who let
// a token reach further answers for it.
func TestAnAPITokenIsRefusedWhoeverForgotToRevokeIt(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		o := newOffice(r)
		o.main.Enrol()
		other := r.Organisation("tvm", "Other", "other@other.test")
		admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
		made := o.main.Do(`mutation { createApiToken(input: {name: "t", scopes: [ORGANISATIONS_READ]}) { token apiToken { id } } }`)
		partner := r.Partner("tvm", made.String("createApiToken.token"))
		while := func(change, restore, want string) {
			t.Helper()
			for _, statement := range []struct{ sql, code string }{{change, want}, {restore, ""}} {
				if _, err := r.Database.SystemSQL().Exec("UPDATE " + statement.sql); err != nil {
					t.Fatal(err)
				}
				o.everywhere(t, partner, `{ organisations { totalCount } }`, statement.code)
			}
		}
		const main, desk = " WHERE email = 'main@office.test'", " WHERE email = 'admin@desk.test'"
		while("users SET blocked_at = created_at"+main, "users SET blocked_at = NULL"+main, "UNAUTHENTICATED")
		while("organisations SET main_user_id = '"+o.superID+"' WHERE name = 'Office'",
			"organisations SET main_user_id = '"+o.mainID+"' WHERE name = 'Office'", "UNAUTHENTICATED")
		while("users SET blocked_at = created_at"+desk, "users SET blocked_at = NULL"+desk, "")

		answer := admin.Do(`mutation ($id: ID!, $ids: [ID!]) { updateApiToken(input: {id: $id, organisationIds: $ids}) { apiToken { id } userErrors { code } } }`,
			map[string]any{"id": made.String("createApiToken.apiToken.id"), "ids": []string{o.id, other}})
		if answer.Code() != "" {
			t.Fatal(answer.Text)
		}
		while("users SET blocked_at = created_at"+main, "users SET blocked_at = NULL"+main, "")
		while("users SET role = 'SUPPORT'"+desk, "users SET role = 'PORTAL_ADMIN'"+desk, "UNAUTHENTICATED")
	})
}

// TestRemovingAnInvitedUserTakesTheInvitationBackInTheLogToo: the audit log has one event for each of the two.
func TestRemovingAnInvitedUserTakesTheInvitationBackInTheLogToo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		o := newOffice(r)
		invitation := invite(r, o.main, "new@office.test")
		user := one(r, "SELECT user_id FROM invitations WHERE id = '"+invitation+"'")
		o.change(t, o.main, `mutation ($id: ID!) { removeUser(input: {id: $id}) { userErrors { code } } }`, user)
		read := o.main.Do(`{ organisation { revoked: auditEvents(filter: {action: INVITATION_REVOKED}) { nodes { targetId } } removed: auditEvents(filter: {action: USER_REMOVED}) { nodes { targetId } } } }`)
		if read.String("organisation.revoked.nodes.0.targetId") != invitation || read.String("organisation.removed.nodes.0.targetId") != user {
			t.Errorf("the log says %s", read.Text)
		}
	})
}
