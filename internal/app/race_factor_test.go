package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// keys is what somebody with one of every kind of factor proves themselves by.
type keys struct {
	app      rig.Authenticator
	factors  map[identity.FactorKind]string
	recovery []any
}

// guessed are the kinds of factors whose codes can be guessed, with the proof of one, a wrong code, and the right one, which
// is made after the sign-in stands before the factor.
var guessed = map[identity.FactorKind]struct {
	proof string
	wrong func(k keys) string
	right func(r race, k keys, standing *rig.Browser) string
}{
	identity.TOTP: {
		`totp: {factorId: $factor, code: $code}`, func(k keys) string { return wrongCode(k.app) },
		func(_ race, k keys, _ *rig.Browser) string { return k.app.Code() },
	},
	identity.Email: {
		`code: {factorId: $factor, code: $code}`, func(keys) string { return "00000" }, // no code has five digits
		func(r race, k keys, standing *rig.Browser) string {
			standing.Do(`mutation ($factor: ID!) { sendSignInCode(input: {factorId: $factor}) { userErrors { code } } }`, map[string]any{"factor": k.factors[identity.Email]})
			code, _, _ := strings.Cut(r.Mailbox.ExpectSubject(r.T, "joost@joosten.test", "is uw code").Subject, " ")
			return code
		},
	},
	identity.SMS: {
		`code: {factorId: $factor, code: $code}`, func(keys) string { return "00000" },
		func(r race, k keys, standing *rig.Browser) string {
			standing.Do(`mutation ($factor: ID!) { sendSignInCode(input: {factorId: $factor}) { userErrors { code } } }`, map[string]any{"factor": k.factors[identity.SMS]})
			return r.Phones.Expect(r.T, mobile).Code()
		},
	},
	identity.RecoveryCode: {
		`recoveryCode: $code`, func(keys) string { return "AAAA-BBBB-CCCC-DDDD" },
		func(_ race, k keys, _ *rig.Browser) string { return k.recovery[0].(string) },
	},
}

const mobile = "+31612345678"

// everyKind offers all of them.
func everyKind(p *identity.Portal) {
	hasty(p)
	p.Factors.Kinds, p.Factors.RecoveryCodes = []identity.FactorKind{identity.TOTP, identity.SMS, identity.Email}, true
}

// keysOf enrols somebody with everything, and leaves no mail of it unread.
func (r race) keysOf(browser *rig.Browser) keys {
	r.T.Helper()
	app, _ := browser.Enrol()
	k := keys{app: app, factors: map[identity.FactorKind]string{}}
	k.recovery = browser.Do(`mutation { generateRecoveryCodes { recoveryCodes } }`).List("generateRecoveryCodes.recoveryCodes")
	texted := browser.Do(`mutation ($to: PhoneNumber!) { beginSmsEnrolment(input: {phoneNumber: $to}) { enrolment { id } userErrors { code } } }`, map[string]any{"to": mobile})
	browser.Do(`mutation ($id: ID!, $code: String!) { confirmEnrolment(input: {enrolmentId: $id, code: $code}) { userErrors { code } } }`,
		map[string]any{"id": texted.String("beginSmsEnrolment.enrolment.id"), "code": r.Phones.Expect(r.T, mobile).Code()})
	begun := browser.Do(`mutation { beginEmailEnrolment { enrolment { id } userErrors { code } } }`)
	code, _, _ := strings.Cut(r.Mailbox.ExpectSubject(r.T, "joost@joosten.test", "is uw code").Subject, " ")
	browser.Do(`mutation ($id: ID!, $code: String!) { confirmEnrolment(input: {enrolmentId: $id, code: $code}) { userErrors { code } } }`,
		map[string]any{"id": begun.String("beginEmailEnrolment.enrolment.id"), "code": code})
	for _, factor := range browser.Do(`{ viewer { factors { id kind } } }`).List("viewer.factors") {
		fields := factor.(map[string]any)
		k.factors[identity.FactorKind(fields["kind"].(string))] = fields["id"].(string)
	}
	if len(k.factors) != len(guessed) || len(k.recovery) == 0 {
		r.T.Fatalf("not everything was enrolled: %+v", k)
	}
	return k
}

func TestWrongCodesAreCountedPerAccountThroughWhateverAttemptTheyCome(t *testing.T) {
	t.Parallel()
	for kind, way := range guessed {
		t.Run(string(kind), func(t *testing.T) { // one kind after another: each is a crowd
			raceOnBoth(t, func(t *testing.T, r race) {
				r.Organisation("default", "Joosten", "joost@joosten.test")
				k := r.keysOf(r.enrolling("default", "joost@joosten.test"))
				r.Clock.Advance(time.Minute)
				attempts := make([]*rig.Browser, crowd)
				for i := range attempts {
					attempts[i] = r.Browser("default")
					attempts[i].SignIn("joost@joosten.test", rig.Password)
				}
				right := way.right(r, k, attempts[0])
				r.guess(t, kind, way.proof, way.wrong(k), k, attempts)
				for _, browser := range attempts[:2] {
					if answer := r.prove(browser, way.proof, k.factors[kind], right); answer.Code() != "TOO_MANY_ATTEMPTS" {
						t.Errorf("the right code after too many wrong ones: %s", answer.Text)
					}
				}
				other := identity.TOTP // what is counted against one factor is not counted against another
				if kind == identity.TOTP {
					other = identity.RecoveryCode
				}
				answer := r.prove(attempts[2], guessed[other].proof, k.factors[other], guessed[other].right(r, k, attempts[2]))
				if answer.String("verifySignIn.step.__typename") != "SignInComplete" {
					t.Errorf("another factor: %s", answer.Text)
				}
			}, rig.Portal("default", everyKind))
		})
	}
}

// guess lets fifty sign-ins give ten wrong codes each, all at once: the account's limit holds, whatever comes of them.
func (r race) guess(t *testing.T, kind identity.FactorKind, proof, wrong string, k keys, attempts []*rig.Browser) {
	t.Helper()
	limit := r.Portal("default").Lockout.CodeLimit
	answers := rig.Crowd(crowd*guesses, func(i int) rig.Answer {
		return attempts[i%crowd].At(r.processes[i%len(r.processes)]).Ask(proving(proof), given(proof, k.factors[kind], wrong))
	})
	wantTally(t, answers, "verifySignIn.step", map[string]int{"INVALID_CODE": limit, "TOO_MANY_ATTEMPTS": crowd*guesses - limit})
	if failures := r.count("factors WHERE failures = 10 AND disabled_at IS NOT NULL AND kind = '" + string(kind) + "'"); failures != 1 {
		t.Error("the factor isn't disabled at its limit")
	}
	if told := r.count("messages WHERE kind = 'FACTOR_DISABLED'"); told != 1 {
		t.Errorf("the owner is told %d times", told)
	}
}

func proving(proof string) string {
	parameters := "$code: String!"
	if strings.Contains(proof, "$factor") {
		parameters += ", $factor: ID!"
	}
	return "mutation (" + parameters + ") { verifySignIn(input: {proof: {" + proof + "}}) { step { __typename } userErrors { code } } }"
}

func given(proof, factor, code string) map[string]any {
	variables := map[string]any{"code": code}
	if strings.Contains(proof, "$factor") {
		variables["factor"] = factor
	}
	return variables
}

func (r race) prove(browser *rig.Browser, proof, factor, code string) rig.Answer {
	return browser.Do(proving(proof), given(proof, factor, code))
}

// enrolling signs somebody in as far as enrolment.
func (r race) enrolling(portal, email string) *rig.Browser {
	r.T.Helper()
	browser := r.Browser(portal)
	if answer := browser.SignIn(email, rig.Password); answer.String("beginSignIn.step.__typename") != "SignInEnrolmentRequired" {
		r.T.Fatal(answer.Text)
	}
	return browser
}

func TestASetOfRecoveryCodesThatIsUsedUpIsNotOffered(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("default", "Joosten", "joost@joosten.test")
		k := r.keysOf(r.enrolling("default", "joost@joosten.test"))
		browser := r.Browser("default")
		for i, code := range k.recovery {
			offered := browser.SignIn("joost@joosten.test", rig.Password).List("beginSignIn.step.factors")
			if len(offered) != 4 {
				t.Fatalf("before code %d: %v", i, offered)
			}
			if proved := r.prove(browser, `recoveryCode: $code`, "", code.(string)); proved.Code() != "" {
				t.Fatal(proved.Text)
			}
		}
		left := browser.Do(`{ viewer { recoveryCodesRemaining factors { kind } user { twoFactor { kinds } } } }`)
		if left.Int("viewer.recoveryCodesRemaining") != 0 || len(left.List("viewer.factors")) != 3 || len(left.List("viewer.user.twoFactor.kinds")) != 3 {
			t.Errorf("all codes are used: %s", left.Text)
		}
		if offered := r.Browser("default").SignIn("joost@joosten.test", rig.Password).List("beginSignIn.step.factors"); len(offered) != 3 {
			t.Errorf("none is left, and offered are %v", offered)
		}
	}, rig.Portal("default", everyKind))
}
