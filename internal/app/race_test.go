package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// A race is run by this many at once; on PostgreSQL half of them ask a second process.
const crowd = 50

// race is a server with whatever the goroutines ask: on PostgreSQL every second one asks another process.
type race struct {
	*rig.Rig
	processes []*rig.Rig
}

func raceOnBoth(t *testing.T, test func(t *testing.T, r race), options ...rig.Option) {
	t.Helper()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := race{Rig: rig.New(t, db, options...)}
		r.processes = []*rig.Rig{r.Rig}
		if db.IsPostgres() {
			r.processes = append(r.processes, r.Another(options...)) // or it would deliver where the first must not
		}
		test(t, r)
	})
}

// of lets everybody do the same: i-th by the browser that by names, at the process whose turn it is.
func (r race) of(size int, by func(i int) *rig.Browser, document string, variables map[string]any) []rig.Answer {
	browsers := make([]*rig.Browser, size)
	for i := range browsers {
		browsers[i] = by(i).At(r.processes[i%len(r.processes)])
	}
	return rig.Crowd(size, func(i int) rig.Answer { return browsers[i].Ask(document, variables) })
}

// tally counts what came back: the code of what was refused, or what stands at the path.
func tally(answers []rig.Answer, path string) map[string]int {
	counts := map[string]int{}
	for _, answer := range answers {
		if code := answer.Code(); code != "" {
			counts[code]++
		} else {
			counts[answer.String(path)]++
		}
	}
	return counts
}

func wantTally(t *testing.T, answers []rig.Answer, path string, want map[string]int) {
	t.Helper()
	got := tally(answers, path)
	for outcome, count := range want {
		if got[outcome] != count {
			t.Errorf("%q came %d times, not %d: %v", outcome, got[outcome], count, got)
		}
		delete(got, outcome)
	}
	for outcome, count := range got {
		t.Errorf("%q came %d times", outcome, count)
	}
}

// count answers how many rows there are.
func (r race) count(from string) int {
	r.T.Helper()
	var count int
	if err := r.Database.SystemSQL().QueryRow("SELECT count(*) FROM " + from).Scan(&count); err != nil {
		r.T.Fatalf("%s: %v", from, err)
	}
	return count
}

const verify = `mutation ($factor: ID!, $code: String!) {
	verifySignIn(input: {proof: {totp: {factorId: $factor, code: $code}}}) { step { __typename } userErrors { code } }
}`

func TestACodeSignsInOnceHoweverManyAttemptsGiveItAtOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		app, factor, attempts := r.standingBeforeAFactor(crowd)
		before := r.count("sessions")
		answers := r.of(crowd, func(i int) *rig.Browser { return attempts[i] }, verify, map[string]any{"factor": factor, "code": app.Code()})
		// The others come too late; that is counted like any wrong code, and slows them down.
		if got := tally(answers, "verifySignIn.step.__typename"); got["SignInComplete"] != 1 || got["INVALID_CODE"]+got["TOO_MANY_ATTEMPTS"] != crowd-1 {
			t.Error(got)
		}
		if after := r.count("sessions"); after != before+1 {
			t.Errorf("%d sessions were opened", after-before)
		}
	})
}

func TestAnAttemptLeadsToOneSession(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("default", "Joosten", "joost@joosten.test")
		browser := r.Browser("default")
		browser.SignIn("joost@joosten.test", rig.Password)
		answers := r.of(crowd, func(int) *rig.Browser { return browser }, `mutation { postponeTwoFactor { step { __typename } userErrors { code } } }`, nil)
		// Who asks when it is over has no attempt any more, and is told so before the use case is asked.
		if got := tally(answers, "postponeTwoFactor.step.__typename"); got["SignInComplete"] != 1 || got["SIGN_IN_EXPIRED"]+got["UNAUTHENTICATED"] != crowd-1 {
			t.Error(got)
		}
		if sessions := r.count("sessions"); sessions != 1 {
			t.Errorf("%d sessions were opened", sessions)
		}
	}, rig.Portal("default", func(p *identity.Portal) {
		until := time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
		p.TwoFactor.PostponableUntil = &until
	}))
}

// standingBeforeAFactor makes an enrolled user and so many sign-ins of theirs that ask for the code.
func (r race) standingBeforeAFactor(attempts int) (rig.Authenticator, string, []*rig.Browser) {
	r.T.Helper()
	r.Organisation("tvm", "Joosten", "joost@joosten.test")
	app, confirmed := r.SignedIn("tvm", "joost@joosten.test").Enrol()
	r.Clock.Advance(time.Minute)
	browsers := make([]*rig.Browser, attempts)
	for i := range browsers {
		browsers[i] = r.Browser("tvm")
		if answer := browsers[i].SignIn("joost@joosten.test", rig.Password); answer.String("beginSignIn.step.__typename") != "SignInFactorRequired" {
			r.T.Fatal(answer.Text)
		}
	}
	return app, confirmed.String("confirmEnrolment.factor.id"), browsers
}

const choose = `mutation ($token: String!, $password: String!) {
	setPassword(input: {token: $token, newPassword: $password}) { step { __typename } userErrors { code } }
}`

func TestALinkChoosesOnePassword(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		r.SignedIn("tvm", "joost@joosten.test").Do(`mutation { inviteUser(input: {email: "sub@joosten.test", displayName: "Sub"}) { userErrors { code } } }`)
		links := map[string]string{"invitation": r.Mailbox.Expect(t, "sub@joosten.test").Token}
		r.Clock.Advance(2 * time.Minute)
		r.Browser("tvm").Do(`mutation { requestPasswordReset(input: {email: "joost@joosten.test"}) { accepted } }`)
		links["reset"] = r.Mailbox.Expect(t, "joost@joosten.test").Token
		for name, link := range links {
			passwords := make([]string, crowd)
			for i := range passwords {
				passwords[i] = fmt.Sprintf("Sleutel-bos %d Kade", i)
			}
			answers := rig.Crowd(crowd, func(i int) rig.Answer {
				return r.Browser("tvm").At(r.processes[i%len(r.processes)]).Ask(choose, map[string]any{"token": link, "password": passwords[i]})
			})
			t.Log(name)
			wantTally(t, answers, "setPassword.step", map[string]int{"": 1, "TOKEN_INVALID": crowd - 1})
		}
		accepted := "invitations WHERE accepted_at IS NOT NULL"
		if got := r.count(accepted); got != 2 {
			t.Errorf("%d invitations were accepted", got)
		}
	})
}

func TestAnEnrolmentIsConfirmedOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		browser := r.SignedIn("tvm", "joost@joosten.test")
		begun := browser.Do(`mutation { beginTotpEnrolment { enrolment { id secret } } }`)
		code := r.Authenticator(begun.String("beginTotpEnrolment.enrolment.secret")).Code()
		answers := r.of(crowd, func(int) *rig.Browser { return browser }, `mutation ($id: ID!, $code: String!) {
			confirmEnrolment(input: {enrolmentId: $id, code: $code}) { factor { kind } userErrors { code } }
		}`, map[string]any{"id": begun.String("beginTotpEnrolment.enrolment.id"), "code": code})
		counts := tally(answers, "confirmEnrolment.factor.kind")
		if counts["TOTP"] != 1 {
			t.Error(counts)
		}
		if factors, sessions := r.count("factors"), r.count("sessions"); factors != 1 || sessions != 1 {
			t.Errorf("%d factors, %d sessions", factors, sessions)
		}
	})
}

const activate = `mutation ($token: String!) {
	activateOrganisationTwoFactor(input: {previewToken: $token}) { affectedUserCount userErrors { code } }
}`

func TestAnActivationIsDoneOnceAndMailsEachUserOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		browser := r.SignedIn("tvm", "joost@joosten.test")
		people := []string{"joost@joosten.test", "a@joosten.test", "b@joosten.test"}
		for _, email := range people[1:] {
			browser.Invite(email, email, identity.SubUser)
		}
		token := browser.Do(`{ organisation { twoFactorActivationPreview { previewToken } } }`).String("organisation.twoFactorActivationPreview.previewToken")
		answers := r.of(crowd, func(int) *rig.Browser { return browser }, activate, map[string]any{"token": token})
		wantTally(t, answers, "activateOrganisationTwoFactor.affectedUserCount", map[string]int{"3": 1, "ALREADY_ACTIVE": crowd - 1})
		for _, email := range people {
			r.Mailbox.Expect(t, email)
		}
		if messages := r.count("messages WHERE kind = 'RE_REGISTRATION'"); messages != len(people) {
			t.Errorf("%d mails were ordered", messages)
		}
		r.settled()
		if total := r.Mailbox.Total(); total != 2*len(people) {
			t.Errorf("%d mails came", total)
		}
	})
}

// settled waits until the outbox has delivered everything.
func (r race) settled() {
	r.T.Helper()
	r.Mailbox.ExpectTotal(r.T, r.count("messages"))
}
