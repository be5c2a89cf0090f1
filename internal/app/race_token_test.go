package app_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

const rotate = `mutation ($id: ID!, $key: String) {
	rotateApiToken(input: {id: $id, idempotencyKey: $key}) { token apiToken { id } userErrors { code } }
}`

func TestARequestThatIsSentFiftyTimesIsDoneOnceAndAnsweredAlike(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
		id := r.text("SELECT id FROM users WHERE email = 'joost@joosten.test'")
		r.Clock.Advance(2 * time.Minute)
		for name, retried := range map[string]struct{ document, path, rows string }{
			"createOrganisation": {`createOrganisation(input: {name: "Nieuw", mainUser: {email: "n@nieuw.test", displayName: "N"}, idempotencyKey: "k1"}) {
				organisation { id } userErrors { code } }`, "createOrganisation.organisation.id", "organisations WHERE name = 'Nieuw'"},
			"createApiToken": {`createApiToken(input: {name: "Nieuw", scopes: [USERS_READ], idempotencyKey: "k2"}) {
				token userErrors { code } }`, "createApiToken.token", "api_tokens WHERE name = 'Nieuw'"},
			"sendAccountLink": {`sendAccountLink(input: {id: "` + id + `", reason: "r", ticket: "K-3", idempotencyKey: "k3"}) {
				action { id } userErrors { code } }`, "sendAccountLink.action.id", "support_actions WHERE ticket = 'K-3'"},
			"requestAccountLimit": {
				`requestAccountLimit(input: {id: "` + r.text("SELECT organisation_id FROM organisations WHERE name = 'Joosten'") + `",
				accountLimit: 9, reason: "r", ticket: "K-4", idempotencyKey: "k4"}) { action { id } userErrors { code } }`,
				"requestAccountLimit.action.id", "support_actions WHERE ticket = 'K-4'",
			},
		} {
			answers := r.of(crowd, func(int) *rig.Browser { return admin }, "mutation { "+retried.document+" }", nil)
			first := answers[0].String(retried.path)
			wantTally(t, answers, retried.path, map[string]int{first: crowd})
			if rows := r.count(retried.rows); rows != 1 || first == "" {
				t.Errorf("%s: done %d times; the first heard %s", name, rows, answers[0].Text)
			}
		}
	})
}

func TestATokenIsRotatedOnceHoweverManyTryAtOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
		made := admin.Do(`mutation { createApiToken(input: {name: "t", scopes: [ORGANISATIONS_READ]}) { apiToken { id } } }`)
		answers := r.of(crowd, func(int) *rig.Browser { return admin }, rotate, map[string]any{"id": made.String("createApiToken.apiToken.id")})
		if got := tally(answers, "rotateApiToken.userErrors.0.code"); got[""] != 1 || got["WRONG_STATUS"] != crowd-1 {
			t.Error(got)
		}
		if tokens, logged := r.count("api_tokens WHERE name = 't'"), r.count("audit_events WHERE action = 'API_TOKEN_ROTATED'"); tokens != 2 || logged != 1 {
			t.Errorf("%d tokens, and %d rotations in the log", tokens, logged)
		}
	})
}

// On SQLite one process admits exactly the limit; on PostgreSQL two do, less what one of them set aside and another could have used.
func TestNoMoreRequestsThanTheLimitAreAdmittedInAMinuteByAllProcesses(t *testing.T) {
	t.Parallel()
	const limit, lease = 40, 2
	raceOnBoth(t, func(t *testing.T, r race) {
		token := r.Token("tvm", identity.OrganisationsRead)
		for minute := range 3 {
			answers := r.of(2*limit, func(int) *rig.Browser { return r.Partner("tvm", token) }, `{ portal { slug } }`, nil)
			admitted := 0
			for _, answer := range answers {
				switch {
				case answer.Status == 200:
					admitted++
				case answer.Status != 429 || answer.Code() != "RATE_LIMITED" || answer.Header.Get("RateLimit") != `"minute";r=0;t=`+answer.Header.Get("Retry-After"):
					t.Errorf("status %d, %v: %s", answer.Status, answer.Header, answer.Text)
				}
				if left := answer.Header.Get("RateLimit"); !regexp.MustCompile(`^"minute";r=\d+;t=60$`).MatchString(left) {
					t.Errorf("what is left is told as %s", left)
				}
				if policy := answer.Header.Get("RateLimit-Policy"); policy != fmt.Sprintf(`"minute";q=%d;w=60`, limit) {
					t.Errorf("the policy is told as %s", policy)
				}
			}
			if least := limit - (len(r.processes)-1)*(lease-1); admitted > limit || admitted < least {
				t.Errorf("minute %d: %d were admitted, want %d to %d", minute, admitted, least, limit)
			}
			if taken := r.count("api_tokens WHERE window_taken > 0"); taken != 1 {
				t.Errorf("%d tokens have requests set aside", taken)
			}
			r.Clock.Advance(identity.QuotaWindow)
		}
	}, rig.Portal("tvm", func(p *identity.Portal) { p.API.RequestsPerMinute = limit }))
}

// A token's keys are kept at its place. Who lets it into another organisation moves them, and a request that is under way at the
// old place isn't left behind: it is waited for, or fails with nothing done.
func TestATokenThatIsChangedWhileItsProgramRetriesDoesNothingTwice(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		one, two := r.Organisation("tvm", "One", "one@one.test"), r.Organisation("tvm", "Two", "two@two.test")
		admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
		made := admin.Do(`mutation ($ids: [ID!]) { createApiToken(input: {name: "t", scopes: [USERS_WRITE], organisationIds: $ids}) { token apiToken { id } } }`,
			map[string]any{"ids": []string{one}})
		change := func(ids ...string) {
			answer := admin.Do(`mutation ($id: ID!, $ids: [ID!]) { updateApiToken(input: {id: $id, organisationIds: $ids}) { userErrors { code } } }`,
				map[string]any{"id": made.String("createApiToken.apiToken.id"), "ids": ids})
			if answer.Code() != "" {
				t.Errorf("the change is refused: %s", answer.Text)
			}
		}
		changes := make(chan struct{})
		go func() {
			defer close(changes)
			for range 5 {
				change(one, two)
				change(one)
			}
		}()
		answers := r.of(crowd, func(int) *rig.Browser { return r.Partner("tvm", made.String("createApiToken.token")) },
			`mutation ($id: ID!) { inviteUser(input: {organisationId: $id, email: "kees@one.test", displayName: "Kees", idempotencyKey: "k"}) {
				invitation { id } userErrors { code } } }`, map[string]any{"id": one})
		<-changes
		ids := map[string]bool{}
		for _, answer := range answers {
			if id := answer.String("inviteUser.invitation.id"); id != "" {
				ids[id] = true
			} else if answer.Code() != "INTERNAL" {
				t.Errorf("a request hears %s", answer.Text)
			}
		}
		if len(ids) != 1 || r.count("idempotency_keys WHERE key = 'k'") != 1 || r.count("invitations WHERE email = 'kees@one.test'") != 1 {
			t.Errorf("it was done as %v, under %d keys", ids, r.count("idempotency_keys WHERE key = 'k'"))
		}
	})
}
