package graph_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
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
	ids      map[identity.FactorKind]string
	recovery []string
}

// proofField is one place where somebody proves something with a code.
type proofField struct {
	// document gives $code, and $id where something must be named.
	document string
	// done is what stands in the answer where the proof was taken.
	done string
	// stand brings somebody before the field: the browser to ask, what $id names, and the right code.
	stand func(p *prover) (browser *rig.Browser, id, code string)
}

const (
	verifying = `verifySignIn(input: {proof: {PROOF}}) { step { __typename } userErrors { code } }`
	reproving = `reauthenticate(input: {password: "Sleutel-bos 4711 Kade", proof: {PROOF}}) { session { id } userErrors { code } }`
	enrols    = `confirmEnrolment(input: {enrolmentId: $id, code: $code}) { factor { id } userErrors { code } }`
	moves     = `confirmContactChange(input: {changeId: $id, code: $code}) { change { id } userErrors { code } }`

	byApp      = "totp: {factorId: $id, code: $code}"
	byMail     = "code: {factorId: $id, code: $code}"
	byRecovery = "recoveryCode: $code"
)

var proofFields = map[string]proofField{
	"verifySignIn by app": {proved(verifying, byApp), "step", func(p *prover) (*rig.Browser, string, string) {
		return p.before(), p.ids[identity.TOTP], p.app.Code()
	}},
	"verifySignIn by mail": {proved(verifying, byMail), "step", func(p *prover) (*rig.Browser, string, string) {
		browser := p.before()
		return browser, p.ids[identity.Email], p.sentTo(browser)
	}},
	"verifySignIn by recovery code": {proved(verifying, byRecovery), "step", func(p *prover) (*rig.Browser, string, string) {
		return p.before(), "", p.nextRecovery()
	}},
	"reauthenticate by app": {proved(reproving, byApp), "session", func(p *prover) (*rig.Browser, string, string) {
		return p.browser, p.ids[identity.TOTP], p.app.Code()
	}},
	"reauthenticate by mail": {proved(reproving, byMail), "session", func(p *prover) (*rig.Browser, string, string) {
		return p.browser, p.ids[identity.Email], p.sentTo(p.browser)
	}},
	"reauthenticate by recovery code": {proved(reproving, byRecovery), "session", func(p *prover) (*rig.Browser, string, string) {
		return p.browser, "", p.nextRecovery()
	}},
	"confirmEnrolment of an app": {enrols, "factor", func(p *prover) (*rig.Browser, string, string) {
		begun := p.fresh().Do(`mutation { beginTotpEnrolment { enrolment { id secret } } }`)
		other := p.r.Authenticator(begun.String("beginTotpEnrolment.enrolment.secret"))
		return p.browser, begun.String("beginTotpEnrolment.enrolment.id"), other.Code()
	}},
	"confirmEnrolment of a mailbox": {enrols, "factor", func(p *prover) (*rig.Browser, string, string) {
		begun := p.fresh().Do(`mutation { beginEmailEnrolment { enrolment { id } } }`)
		return p.browser, begun.String("beginEmailEnrolment.enrolment.id"), p.mailed("is uw code", p.email)
	}},
	"confirmContactChange": {moves, "change", func(p *prover) (*rig.Browser, string, string) {
		to := "another-" + p.email
		begun := p.fresh().Do(`mutation ($to: EmailAddress!) { requestEmailChange(input: {email: $to}) { change { id } } }`, map[string]any{"to": to})
		return p.browser, begun.String("requestEmailChange.change.id"), p.mailed("is de code", to)
	}},
}

func proved(field, proof string) string { return strings.ReplaceAll(field, "PROOF", proof) }

// before begins a sign-in that stands before a factor.
func (p *prover) before() *rig.Browser {
	p.r.T.Helper()
	browser := p.r.Browser("default")
	if answer := browser.SignIn(p.email, rig.Password); answer.String("beginSignIn.step.__typename") != "SignInFactorRequired" {
		p.r.T.Fatal(answer.Text)
	}
	return browser
}

// fresh proves the signed-in browser anew, by the app.
func (p *prover) fresh() *rig.Browser {
	p.r.T.Helper()
	p.r.Clock.Advance(time.Minute)
	answer := p.browser.Do("mutation ($id: ID!, $code: String!) { "+proved(reproving, byApp)+" }",
		map[string]any{"id": p.ids[identity.TOTP], "code": p.app.Code()})
	if answer.Code() != "" {
		p.r.T.Fatal(answer.Text)
	}
	return p.browser
}

// sentTo lets a browser ask for a code by mail.
func (p *prover) sentTo(browser *rig.Browser) string {
	p.r.T.Helper()
	answer := browser.Do(`mutation ($id: ID!) { sendSignInCode(input: {factorId: $id}) { userErrors { code } } }`, map[string]any{"id": p.ids[identity.Email]})
	if answer.Code() != "" {
		p.r.T.Fatal(answer.Text)
	}
	return p.mailed("is uw code", p.email)
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
	p.browser.Do(`mutation ($id: ID!, $code: String!) { confirmEnrolment(input: {enrolmentId: $id, code: $code}) { userErrors { code } } }`,
		map[string]any{"id": begun.String("beginEmailEnrolment.enrolment.id"), "code": p.mailed("is uw code", email)})
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
	p.Factors.Kinds, p.Factors.RecoveryCodes = []identity.FactorKind{identity.TOTP, identity.Email}, true
}

func TestNoProofFieldTakesAnythingButTheRightCodeOnce(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(proofFields)) {
		field := proofFields[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, r *rig.Rig) {
				mine, theirs := newProver(r, "mies@kantoor.test"), newProver(r, "jaap@elders.test")
				_, _, old := field.stand(mine)
				_, _, foreign := field.stand(theirs)
				r.Clock.Advance(time.Minute) // a new code voids the old; an app's has run out
				browser, id, right := field.stand(mine)
				if strings.Contains(name, "recovery code") {
					old = "AAAA-BBBB-CCCC-DDDD"
				}
				for what, code := range map[string]any{
					"old": old, "foreign": foreign, "wrong": changed(right), "blank": "", "space": " ", "null": nil, "oversize": strings.Repeat("1", 60_000),
					"cut": right[1:], "twice": right + right, "array": []string{right}, "object": map[string]any{"code": right}, "number": 123456,
				} {
					if answer := field.ask(browser, id, code); taken(answer, field) || answer.Code() == "" {
						t.Errorf("%s: a code that is %s: %.300s", name, what, answer.Text)
					}
				}
				answer := browser.Do("mutation ($code: String!"+field.named()+") { first: "+field.document+" again: "+field.document+" }", field.variables(id, right))
				if (answer.At("first."+field.done) == nil) == (answer.At("again."+field.done) == nil) {
					t.Errorf("%s: the right code, twice in one request: %s", name, answer.Text)
				}
			}, rig.Portal("default", provable))
		})
	}
}

func (f proofField) named() string {
	if strings.Contains(f.document, "$id") {
		return ", $id: ID!"
	}
	return ""
}

func (f proofField) variables(id string, code any) map[string]any {
	variables := map[string]any{"code": code}
	if f.named() != "" {
		variables["id"] = id
	}
	return variables
}

func (f proofField) ask(browser *rig.Browser, id string, code any) rig.Answer {
	return browser.Do("mutation ($code: String!"+f.named()+") { answer: "+f.document+" }", f.variables(id, code))
}

func taken(answer rig.Answer, f proofField) bool { return answer.At("answer."+f.done) != nil }

// changed is a code of the same shape that differs in its last sign.
func changed(code string) string {
	last := "0"
	if strings.HasSuffix(code, last) {
		last = "1"
	}
	return code[:len(code)-1] + last
}
