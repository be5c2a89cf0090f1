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
