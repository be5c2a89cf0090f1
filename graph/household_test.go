package graph_test

import (
	"database/sql"
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// household is an organisation that has one of everything that can belong to one, for tests that try to get at it.
type household struct {
	portal, name string
	// ids by what they name: org, usr (an ordinary sub-user), super, main, inv, ses, tok, imp, act, fac, biz, whk, evt, lnk, msg, sig,
	// enrolment, chg, and preview for the token of an activation preview.
	ids map[string]string
	// main, super, sub and enrolled are addresses of active users; the last has an authenticator app.
	main, super, sub, enrolled string
	app                        rig.Authenticator
}

// desk is a portal's staff, signed in with two factors.
type desk struct{ support, admin *rig.Browser }

// likeTVM lets the organisations of another portal start two-factor authentication too, so that it can have everything.
func likeTVM(p *identity.Portal) {
	p.TwoFactor.StartedBy, p.TwoFactor.Irreversible = identity.StartedByOrganisation, true
	p.Recovery.Factors = identity.SelfService
}

func newDesk(r *rig.Rig, portal string) desk {
	return desk{
		support: r.Staff(portal, "support@"+portal+"-desk.test", identity.Support),
		admin:   r.Staff(portal, "admin@"+portal+"-desk.test", identity.PortalAdmin),
	}
}

// operator is the portal's own organisation with its people, and an invitation that one of them gave.
func operator(r *rig.Rig, d desk) household {
	r.T.Helper()
	h := household{name: "staff", ids: map[string]string{}}
	read := d.admin.Do(`{ viewer { user { id organisation { id } } session { id } } }`)
	h.ids["usr"], h.ids["org"], h.ids["ses"] = read.String("viewer.user.id"), read.String("viewer.user.organisation.id"), read.String("viewer.session.id")
	invited := d.admin.Do(`mutation { inviteUser(input: {email: "colleague@desk.test", displayName: "C", role: SUPPORT}) { invitation { id } userErrors { code } } }`)
	h.ids["inv"] = invited.String("inviteUser.invitation.id")
	for kind, id := range h.ids {
		if id == "" {
			r.T.Fatalf("the desk has no %s: %s %s", kind, read.Text, invited.Text)
		}
	}
	return h
}

// newHousehold makes one. Its name is the mail domain of its people; the clock moves on a few minutes meanwhile.
func newHousehold(r *rig.Rig, d desk, portal, name string) household {
	r.T.Helper()
	domain := "@" + name + ".test"
	h := household{portal: portal, name: name, ids: map[string]string{}, main: "main" + domain, super: "super" + domain, sub: "sub" + domain, enrolled: "enrolled" + domain}
	h.ids["org"] = r.Organisation(portal, name, h.main)
	main := r.SignedIn(portal, h.main)
	main.Invite(h.super, "Super "+name, identity.SuperSubUser)
	main.Invite(h.sub, "Sub "+name, identity.SubUser)
	main.Invite(h.enrolled, "Enrolled "+name, identity.SubUser)
	h.activateAndUndo(r, d)
	main = r.SignedIn(portal, h.main)
	enrolled := r.SignedIn(portal, h.enrolled)
	h.app, _ = enrolled.Enrol()
	h.ids["inv"] = invite(r, main, "open"+domain)
	token := d.admin.Do(`mutation ($id: ID!) { createApiToken(input: {name: "t", scopes: [USERS_WRITE], organisationIds: [$id]}) { token apiToken { id } userErrors { code } } }`,
		map[string]any{"id": h.ids["org"]})
	h.ids["tok"] = token.String("createApiToken.apiToken.id")
	h.ids["imp"] = r.Partner(portal, token.String("createApiToken.token")).Do(`mutation {
		importUsers(input: {key: "k", rows: [{number: 1, email: "no address", displayName: "N"}]}) { import { id } } }`).String("importUsers.import.id")
	identified := d.admin.Do(`mutation ($id: ID!, $kvk: KvkNumber!) {
		updateOrganisation(input: {id: $id, businessIdentities: [{kvkNumber: $kvk, establishmentNumbers: ["`+shop+`"]}]}) { organisation { businessIdentities { id } } userErrors { code path } } }`,
		map[string]any{"id": h.ids["org"], "kvk": numberOf(name)})
	if identified.Code() != "" {
		r.T.Fatalf("identify %s: %s", name, identified.Text)
	}
	h.ids["chg"] = r.SignedIn(portal, h.sub).Do(`mutation ($to: EmailAddress!) { requestEmailChange(input: {email: $to}) { change { id } } }`,
		map[string]any{"to": "another-sub" + domain}).String("requestEmailChange.change.id")
	h.ids["enrolment"] = r.SignedIn(portal, h.sub).Do(`mutation { beginTotpEnrolment { enrolment { id } } }`).String("beginTotpEnrolment.enrolment.id")
	r.Browser(portal).SignIn(h.enrolled, rig.Password)
	h.ids["preview"] = main.Do(`{ organisation { twoFactorActivationPreview { previewToken } } }`).String("organisation.twoFactorActivationPreview.previewToken")
	h.ids["whk"] = endpoint(r, d, h.ids["org"])
	h.readIDs(r)
	return h
}

// endpoint is a webhook endpoint of an organisation's that is switched off: nothing goes there by itself.
func endpoint(r *rig.Rig, d desk, organisation string) string {
	r.T.Helper()
	id := d.admin.Do(`mutation ($id: ID!) { createWebhookEndpoint(input: {url: "http://127.0.0.1:1/", organisationId: $id}) { endpoint { id } userErrors { code } } }`,
		map[string]any{"id": organisation}).String("createWebhookEndpoint.endpoint.id")
	d.admin.Do(`mutation ($id: ID!) { updateWebhookEndpoint(input: {id: $id, isEnabled: false}) { userErrors { code } } }`, map[string]any{"id": id})
	r.Settle()
	return id
}

// activateAndUndo leaves a support action behind. Everybody keeps their password.
func (h household) activateAndUndo(r *rig.Rig, d desk) {
	r.T.Helper()
	main := r.SignedIn(h.portal, h.main)
	token := main.Do(`{ organisation { twoFactorActivationPreview { previewToken } } }`).String("organisation.twoFactorActivationPreview.previewToken")
	if answer := main.Do(`mutation ($t: String!) { activateOrganisationTwoFactor(input: {previewToken: $t}) { affectedUserCount userErrors { code } } }`,
		map[string]any{"t": token}); answer.Int("activateOrganisationTwoFactor.affectedUserCount") != 4 {
		r.T.Fatalf("activate: %s", answer.Text)
	}
	undone := d.support.Do(`mutation ($id: ID!) { deactivateOrganisationTwoFactor(input: {id: $id, reason: "test", ticket: "T1"}) { action { id } userErrors { code } } }`,
		map[string]any{"id": h.ids["org"]})
	if h.ids["act"] = undone.String("deactivateOrganisationTwoFactor.action.id"); h.ids["act"] == "" {
		r.T.Fatalf("deactivate: %s", undone.Text)
	}
}

func invite(r *rig.Rig, by *rig.Browser, email string) string {
	r.T.Helper()
	answer := by.Do(`mutation ($email: EmailAddress!) { inviteUser(input: {email: $email, displayName: "Open"}) { invitation { id } userErrors { code } } }`,
		map[string]any{"email": email})
	id := answer.String("inviteUser.invitation.id")
	if id == "" {
		r.T.Fatalf("invite %s: %s", email, answer.Text)
	}
	return id
}

// readIDs finds in the database what the API doesn't name.
func (h household) readIDs(r *rig.Rig) {
	r.T.Helper()
	for kind, query := range map[string]string{
		"usr":   "SELECT id FROM users WHERE email = '" + h.sub + "'",
		"super": "SELECT id FROM users WHERE email = '" + h.super + "'",
		"main":  "SELECT id FROM users WHERE email = '" + h.main + "'",
		"ses":   "SELECT s.id FROM sessions AS s JOIN users AS u ON u.id = s.user_id WHERE u.email = '" + h.enrolled + "'",
		"fac":   "SELECT id FROM factors WHERE organisation_id = '" + h.ids["org"] + "' LIMIT 1",
		"biz":   "SELECT id FROM business_identities WHERE organisation_id = '" + h.ids["org"] + "'",
		"evt":   "SELECT id FROM audit_events WHERE organisation_id = '" + h.ids["org"] + "' LIMIT 1",
		"lnk":   "SELECT id FROM links WHERE organisation_id = '" + h.ids["org"] + "' LIMIT 1",
		"msg":   "SELECT id FROM messages WHERE organisation_id = '" + h.ids["org"] + "' LIMIT 1",
		"sig":   "SELECT id FROM sign_ins WHERE organisation_id = '" + h.ids["org"] + "' LIMIT 1",
	} {
		h.ids[kind] = one(r, query)
	}
	for kind, id := range h.ids {
		if id == "" {
			r.T.Fatalf("%s has no %s", h.ids["org"], kind)
		}
	}
}

// numberOf is a KVK number that no other household has.
func numberOf(name string) string {
	return fmt.Sprintf("%08d", crc32.ChecksumIEEE([]byte(name))%100_000_000)
}

// one answers the single value of a query, in the tables as they are.
func one(r *rig.Rig, query string) string {
	r.T.Helper()
	var value sql.NullString
	if err := r.Database.SystemSQL().QueryRow(query).Scan(&value); err != nil {
		r.T.Fatalf("%s: %v", query, err)
	}
	return value.String
}

// enrolling opens a browser whose sign-in stands before enrolment: behind the link that resets an enrolled user.
func enrolling(r *rig.Rig, by *rig.Browser, portal, email string) *rig.Browser {
	r.T.Helper()
	by.Invite(email, "Enrolling", identity.SubUser)
	r.SignedIn(portal, email).Enrol()
	r.Clock.Advance(2 * time.Minute)
	browser := r.Browser(portal)
	browser.Do(`mutation ($email: EmailAddress!) { requestPasswordReset(input: {email: $email}) { accepted } }`, map[string]any{"email": email})
	mail := r.Mailbox.Expect(r.T, email)
	for mail.Token == "" { // the one that says that a factor was enrolled
		mail = r.Mailbox.Expect(r.T, email)
	}
	if answer := browser.ChoosePassword(mail.Token, rig.Password); answer.String("setPassword.step.__typename") != "SignInEnrolmentRequired" {
		r.T.Fatalf("not before enrolment: %s", answer.Text)
	}
	return browser
}

var requestID = regexp.MustCompile(`"requestId":"[^"]*"`)

// masked is an answer without what no two answers share.
func masked(answer rig.Answer) string {
	return requestID.ReplaceAllString(answer.Text, `"requestId":"…"`)
}

// missing is a well-formed id that names nothing.
func missing(kind string) string {
	switch kind {
	case "preview":
		return "never-drawn"
	case "super", "main":
		kind = "usr"
	case "enrolment":
		kind = "fac"
	}
	return kind + "_" + strings.Repeat("0", 26)
}

// onBoth runs a test against the real server, on both databases.
func onBoth(t *testing.T, test func(t *testing.T, r *rig.Rig), options ...rig.Option) {
	t.Helper()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) { test(t, rig.New(t, db, options...)) })
}
