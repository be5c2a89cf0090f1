package graph_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// proofField is one place where somebody proves something with a code, or with what a security key answers.
type proofField struct {
	// document gives $code, and $id where something must be named.
	document string
	// done is what stands in the answer where the proof was taken.
	done string
	// stand brings somebody before the field: the browser to ask, what $id names, and the right code or answer.
	stand func(p *prover) (browser *rig.Browser, id string, right any)
}

const (
	verifying = `verifySignIn(input: {proof: {PROOF}}) { step { __typename } userErrors { code } }`
	reproving = `reauthenticate(input: {password: "Sleutel-bos 4711 Kade", proof: {PROOF}}) { session { id } userErrors { code } }`
	enrols    = `confirmEnrolment(input: {enrolmentId: $id, code: $code}) { factor { id } userErrors { code } }`
	enrolsKey = `confirmEnrolment(input: {enrolmentId: $id, webAuthn: $code}) { factor { id } userErrors { code } }`
	moves     = `confirmContactChange(input: {changeId: $id, code: $code}) { change { id } userErrors { code } }`

	byApp      = "totp: {factorId: $id, code: $code}"
	byMail     = "code: {factorId: $id, code: $code}"
	byRecovery = "recoveryCode: $code"
	byKey      = "webAuthn: $code"
)

var proofFields = map[string]proofField{
	"verifySignIn by app": {proved(verifying, byApp), "step", func(p *prover) (*rig.Browser, string, any) {
		return p.before(), p.ids[identity.TOTP], p.app.Code()
	}},
	"verifySignIn by mail": {proved(verifying, byMail), "step", func(p *prover) (*rig.Browser, string, any) {
		browser := p.before()
		return browser, p.ids[identity.Email], p.sentTo(browser, identity.Email)
	}},
	"verifySignIn by text": {proved(verifying, byMail), "step", func(p *prover) (*rig.Browser, string, any) {
		browser := p.before()
		return browser, p.ids[identity.SMS], p.sentTo(browser, identity.SMS)
	}},
	"verifySignIn by key": {proved(verifying, byKey), "step", func(p *prover) (*rig.Browser, string, any) {
		browser := p.before()
		return browser, "", p.key.Get(browser.AskKey())
	}},
	"verifySignIn by recovery code": {proved(verifying, byRecovery), "step", func(p *prover) (*rig.Browser, string, any) {
		return p.before(), "", p.nextRecovery()
	}},
	"reauthenticate by app": {proved(reproving, byApp), "session", func(p *prover) (*rig.Browser, string, any) {
		return p.browser, p.ids[identity.TOTP], p.app.Code()
	}},
	"reauthenticate by mail": {proved(reproving, byMail), "session", func(p *prover) (*rig.Browser, string, any) {
		return p.browser, p.ids[identity.Email], p.sentTo(p.browser, identity.Email)
	}},
	"reauthenticate by text": {proved(reproving, byMail), "session", func(p *prover) (*rig.Browser, string, any) {
		return p.browser, p.ids[identity.SMS], p.sentTo(p.browser, identity.SMS)
	}},
	"reauthenticate by key": {proved(reproving, byKey), "session", func(p *prover) (*rig.Browser, string, any) {
		return p.browser, "", p.key.Get(p.browser.AskKey())
	}},
	"reauthenticate by recovery code": {proved(reproving, byRecovery), "session", func(p *prover) (*rig.Browser, string, any) {
		return p.browser, "", p.nextRecovery()
	}},
	"confirmEnrolment of an app": {enrols, "factor", func(p *prover) (*rig.Browser, string, any) {
		begun := p.fresh().Do(`mutation { beginTotpEnrolment { enrolment { id secret } } }`)
		other := p.r.Authenticator(begun.String("beginTotpEnrolment.enrolment.secret"))
		return p.browser, begun.String("beginTotpEnrolment.enrolment.id"), other.Code()
	}},
	"confirmEnrolment of a mailbox": {enrols, "factor", func(p *prover) (*rig.Browser, string, any) {
		begun := p.fresh().Do(`mutation { beginEmailEnrolment { enrolment { id } } }`)
		return p.browser, begun.String("beginEmailEnrolment.enrolment.id"), p.mailed("is uw code", p.email)
	}},
	"confirmEnrolment of a number": {enrols, "factor", func(p *prover) (*rig.Browser, string, any) {
		p.fresh()
		id, code := p.texting(p.another())
		return p.browser, id, code
	}},
	"confirmEnrolment of a key": {enrolsKey, "factor", func(p *prover) (*rig.Browser, string, any) {
		options, id := p.fresh().BeginKey("Nog een")
		return p.browser, id, p.r.Key("default").Create(options)
	}},
	"confirmContactChange of a number": {moves, "change", func(p *prover) (*rig.Browser, string, any) {
		begun := p.fresh().Do(`mutation ($to: PhoneNumber!) { requestPhoneChange(input: {phoneNumber: $to}) { change { id } } }`, map[string]any{"to": p.another()})
		return p.browser, begun.String("requestPhoneChange.change.id"), p.texted(p.another())
	}},
	"confirmContactChange of an address": {moves, "change", func(p *prover) (*rig.Browser, string, any) {
		to := "another-" + p.email
		begun := p.fresh().Do(`mutation ($to: EmailAddress!) { requestEmailChange(input: {email: $to}) { change { id } } }`, map[string]any{"to": to})
		return p.browser, begun.String("requestEmailChange.change.id"), p.mailed("is de code", to)
	}},
}

func proved(field, proof string) string { return strings.ReplaceAll(field, "PROOF", proof) }

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
				field.refuse(t, browser, id, "old", old)
				field.refuse(t, browser, id, "foreign", foreign)
				for _, what := range slices.Sorted(maps.Keys(bent)) {
					if field.ofKey() { // one challenge takes one answer, right or wrong
						browser, id, right = field.stand(mine)
					}
					field.refuse(t, browser, id, what, bent[what](right))
				}
				if field.ofKey() {
					browser, id, right = field.stand(mine)
				}
				answer := browser.Do(field.mutation("first: "+field.document+" again: "+field.document), field.variables(id, right))
				if (answer.At("first."+field.done) == nil) == (answer.At("again."+field.done) == nil) {
					t.Errorf("the right proof, twice in one request: %s", answer.Text)
				}
				field.refuse(t, browser, id, "right, and was used in another request", right)
			}, rig.Portal("default", provable))
		})
	}
}

// bent are what becomes of a right proof that is changed, or of another shape.
var bent = map[string]func(right any) any{
	"wrong": wrong,
	"blank": func(right any) any { return shaped(right, "", map[string]any{}) },
	"space": func(right any) any { return shaped(right, " ", map[string]any{" ": " "}) },
	"null":  func(any) any { return nil },
	"oversize": func(right any) any {
		return shaped(right, strings.Repeat("1", 60_000), with(right, strings.Repeat("A", 60_000)))
	},
	"cut": func(right any) any { return shaped(right, cut(right), with(right, nil)) },
	"twice": func(right any) any {
		return shaped(right, fmt.Sprint(right, right), map[string]any{"first": right, "again": right})
	},
	"array":  func(right any) any { return []any{right} },
	"object": func(right any) any { return map[string]any{"code": right} },
	"number": func(any) any { return 123456 },
	"string": func(right any) any { return shaped(right, fmt.Sprintf("%q", right), "{}") },
}

// shaped is one for a code, and another for what a key answers.
func shaped(right any, code string, answer any) any {
	if _, sent := right.(string); sent {
		return code
	}
	return answer
}

func cut(right any) string {
	code, _ := right.(string)
	return code[min(1, len(code)):]
}

// with is a key's answer with something else for what it signed.
func with(right, response any) any {
	answer, _ := right.(map[string]any)
	answer = maps.Clone(answer)
	if answer != nil {
		answer["response"] = response
	}
	return answer
}

// wrong is a proof of the same shape: a code that differs in its last sign, an answer to a page elsewhere.
func wrong(right any) any {
	code, sent := right.(string)
	if sent {
		return changed(code)
	}
	response := maps.Clone(right.(map[string]any)["response"].(map[string]any))
	client, err := base64.RawURLEncoding.DecodeString(response["clientDataJSON"].(string))
	if err != nil {
		panic(err)
	}
	elsewhere := strings.ReplaceAll(string(client), "https://portal.example", "https://evil.example")
	response["clientDataJSON"] = base64.RawURLEncoding.EncodeToString([]byte(elsewhere))
	return with(right, response)
}

// ofKey tells whether a security key's answer is the proof.
func (f proofField) ofKey() bool { return strings.Contains(f.document, "webAuthn") }

// form is the type of $code.
func (f proofField) form() string {
	if f.ofKey() {
		return "JSON"
	}
	return "String"
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

func (f proofField) mutation(fields string) string {
	return "mutation ($code: " + f.form() + "!" + f.named() + ") { " + fields + " }"
}

func (f proofField) refuse(t *testing.T, browser *rig.Browser, id, what string, proof any) {
	t.Helper()
	if answer := f.ask(browser, id, proof); f.took(answer) || answer.Code() == "" {
		t.Errorf("a proof that is %s: %.300s", what, answer.Text)
	}
}

func (f proofField) ask(browser *rig.Browser, id string, proof any) rig.Answer {
	return browser.Do(f.mutation("answer: "+f.document), f.variables(id, proof))
}

func (f proofField) took(answer rig.Answer) bool { return answer.At("answer."+f.done) != nil }

// changed is a code of the same shape that differs in its last sign.
func changed(code string) string {
	last := "0"
	if strings.HasSuffix(code, last) {
		last = "1"
	}
	return code[:len(code)-1] + last
}
