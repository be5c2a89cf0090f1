package graph_test

import (
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// prover is somebody who has one of every kind of factor.
type prover struct {
	r        *rig.Rig
	email    string
	browser  *rig.Browser // signed in
	app      rig.Authenticator
	key      *rig.Key
	ids      map[identity.FactorKind]string
	recovery []string
}

// before begins a sign-in that stands before a factor.
func (p *prover) before() *rig.Browser {
	p.r.T.Helper()
	browser := p.r.Browser("default")
	if answer := browser.SignIn(p.email, rig.Password); answer.String("beginSignIn.step.__typename") != "SignInFactorRequired" {
		p.r.T.Fatal(answer.Text)
	}
	return browser
}

// fresh proves the signed-in browser anew, by the strongest that it has.
func (p *prover) fresh() *rig.Browser {
	p.r.T.Helper()
	p.r.Clock.Advance(time.Minute)
	answer := p.browser.Do("mutation ($code: JSON!) { "+proved(reproving, byKey)+" }", map[string]any{"code": p.key.Get(p.browser.AskKey())})
	if answer.Code() != "" {
		p.r.T.Fatal(answer.Text)
	}
	return p.browser
}

// sentTo lets a browser ask for a code, by mail or by text.
func (p *prover) sentTo(browser *rig.Browser, kind identity.FactorKind) string {
	p.r.T.Helper()
	answer := browser.Do(`mutation ($id: ID!) { sendSignInCode(input: {factorId: $id}) { userErrors { code } } }`, map[string]any{"id": p.ids[kind]})
	if answer.Code() != "" {
		p.r.T.Fatal(answer.Text)
	}
	if kind == identity.SMS {
		return p.texted(p.phone())
	}
	return p.mailed("is uw code", p.email)
}

// phone is the number of a prover, and another the one that they may move to.
func (p *prover) phone() string   { return "+3161234567" + string('0'+p.email[0]%5) }
func (p *prover) another() string { return "+3162234567" + string('0'+p.email[0]%5) }

func (p *prover) texted(to string) string {
	p.r.T.Helper()
	return p.r.Phones.Expect(p.r.T, to).Code()
}

// texting begins to enrol a number.
func (p *prover) texting(to string) (id, code string) {
	p.r.T.Helper()
	begun := p.browser.Do(`mutation ($to: PhoneNumber!) { beginSmsEnrolment(input: {phoneNumber: $to}) { enrolment { id } userErrors { code } } }`, map[string]any{"to": to})
	return begun.String("beginSmsEnrolment.enrolment.id"), p.texted(to)
}

func (p *prover) mailed(words, to string) string {
	code, _, _ := strings.Cut(p.r.Mailbox.ExpectSubject(p.r.T, to, words).Subject, " ")
	return code
}

func (p *prover) nextRecovery() string {
	code := p.recovery[0]
	p.recovery = p.recovery[1:]
	return code
}

// newProver registers somebody and enrols everything.
func newProver(r *rig.Rig, email string) *prover {
	r.T.Helper()
	r.Organisation("default", email, email)
	p := &prover{r: r, email: email, browser: r.Browser("default"), ids: map[identity.FactorKind]string{}}
	p.browser.SignIn(email, rig.Password)
	p.app, _ = p.browser.Enrol()
	for _, code := range p.browser.Do(`mutation { generateRecoveryCodes { recoveryCodes } }`).List("generateRecoveryCodes.recoveryCodes") {
		p.recovery = append(p.recovery, code.(string))
	}
	begun := p.browser.Do(`mutation { beginEmailEnrolment { enrolment { id } } }`)
	confirm := "mutation ($id: ID!, $code: String!) { " + enrols + " }"
	p.browser.Do(confirm, map[string]any{"id": begun.String("beginEmailEnrolment.enrolment.id"), "code": p.mailed("is uw code", email)})
	id, code := p.texting(p.phone())
	p.browser.Do(confirm, map[string]any{"id": id, "code": code})
	p.key, _ = p.browser.EnrolKey("Sleutel")
	for _, factor := range p.browser.Do(`{ viewer { factors { id kind } } }`).List("viewer.factors") {
		fields := factor.(map[string]any)
		p.ids[identity.FactorKind(fields["kind"].(string))] = fields["id"].(string)
	}
	r.Clock.Advance(time.Minute)
	return p
}

// provable offers every kind, without delays.
func provable(p *identity.Portal) {
	patient(p)
	p.Factors.Kinds, p.Factors.RecoveryCodes = []identity.FactorKind{identity.TOTP, identity.Email, identity.SMS, identity.WebAuthn}, true
}
