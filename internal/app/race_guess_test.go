package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// Fewer would never meet the limits, and at once is how an attacker gets the most out of them.
const guesses = 10

// hasty takes the delays away, so that nothing but the limits stops a guesser.
func hasty(p *identity.Portal) { p.Lockout.FreeAttempts = 1000 }

func wrongCode(app rig.Authenticator) string {
	if code := app.Code(); code[0] != '0' {
		return "0" + code[1:]
	}
	return "1" + app.Code()[1:]
}

func TestAliasesInOneRequestAreAsManyGuesses(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		app, factor, attempts := r.standingBeforeAFactor(1)
		var aliases strings.Builder
		for i := range 5 {
			fmt.Fprintf(&aliases, "a%d: verifySignIn(input: {proof: {totp: {factorId: $factor, code: $code}}}) { userErrors { code } }\n", i)
		}
		answer := attempts[0].Do("mutation ($factor: ID!, $code: String!) {\n"+aliases.String()+"}", map[string]any{"factor": factor, "code": wrongCode(app)})
		if got := tally([]rig.Answer{answer}, ""); len(answer.Codes()) != 5 {
			t.Error(got, answer.Text)
		}
		if r.count("factors WHERE failures = 5") != 1 {
			t.Error("five guesses weren't counted as five")
		}
		passwords := strings.NewReplacer("verifySignIn(input: {proof: {totp: {factorId: $factor, code: $code}}})", `beginSignIn(input: {email: "joost@joosten.test", password: "wrong"})`)
		r.Browser("tvm").Do("mutation {\n" + passwords.Replace(aliases.String()) + "}")
		if r.count("password_failures WHERE failures = 5") != 1 {
			t.Error("five passwords weren't counted as five")
		}
	}, rig.Portal("tvm", hasty))
}

const begin = `mutation ($email: EmailAddress!, $password: String!) {
	beginSignIn(input: {email: $email, password: $password}) { step { __typename } userErrors { code retryAfterSeconds } }
}`

func TestGuessedPasswordsStopAtTheLimitForKnownAndUnknownNamesAlike(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		signedIn := r.SignedIn("tvm", "joost@joosten.test")
		limit := r.Portal("tvm").Lockout.PasswordLimit
		for _, email := range []string{"joost@joosten.test", "nobody@joosten.test"} {
			answers := r.of(3*crowd, func(int) *rig.Browser { return r.Browser("tvm") }, begin, map[string]any{"email": email, "password": "wrong"})
			wantTally(t, answers, "beginSignIn.step", map[string]int{"INVALID_CREDENTIALS": limit, "TOO_MANY_ATTEMPTS": 3*crowd - limit})
			after := r.Browser("tvm").SignIn(email, rig.Password)
			if after.Code() != "TOO_MANY_ATTEMPTS" || after.Int("beginSignIn.userErrors.0.retryAfterSeconds") != 3600 {
				t.Errorf("the right password of %s after too many wrong ones: %s", email, after.Text)
			}
		}
		if told := r.count("messages WHERE kind = 'PASSWORD_LOCKED'"); told != 1 {
			t.Errorf("the owner is told %d times", told)
		}
		r.ownerIsNotLockedOut(signedIn)
	}, rig.Portal("tvm", hasty))
}

// ownerIsNotLockedOut: outsiders who keep failing keep the owner neither from a session nor from coming back by mail.
func (r race) ownerIsNotLockedOut(signedIn *rig.Browser) {
	r.T.Helper()
	proven := signedIn.Do(`mutation ($password: String!) { reauthenticate(input: {password: $password}) { session { id } userErrors { code } } }`,
		map[string]any{"password": rig.Password})
	if proven.Code() != "" {
		r.T.Errorf("the owner's session: %s", proven.Text)
	}
	r.Mailbox.Expect(r.T, "joost@joosten.test") // that the name is locked
	r.Clock.Advance(2 * time.Minute)
	r.Browser("tvm").Do(`mutation { requestPasswordReset(input: {email: "joost@joosten.test"}) { accepted } }`)
	r.Browser("tvm").ChoosePassword(r.Mailbox.Expect(r.T, "joost@joosten.test").Token, rig.Password)
	r.SignedIn("tvm", "joost@joosten.test")
}

func TestDelaysHoldWhoeverAsksAtOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		app, factor, attempts := r.standingBeforeAFactor(1)
		policy := r.Portal("tvm").Lockout
		for round, tries := range []int{policy.FreeAttempts + 1, 1, 1} {
			answers := r.of(crowd, func(int) *rig.Browser { return attempts[0] }, verify, map[string]any{"factor": factor, "code": wrongCode(app)})
			wantTally(t, answers, "", map[string]int{"INVALID_CODE": tries, "TOO_MANY_ATTEMPTS": crowd - tries})
			r.Clock.Advance(policy.FirstDelay << round)
		}
	})
}
