package app_test

import (
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func withKeys(p *identity.Portal) {
	p.Factors.Kinds = []identity.FactorKind{identity.WebAuthn}
	p.Lockout.FreeAttempts, p.Lockout.CodeLimit = 2*crowd, 3*crowd
}

func TestAnAnswerOfAKeySignsInOnceHoweverOftenItIsGivenAtOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("default", "Joosten", "joost@joosten.test")
		browser := r.Browser("default")
		browser.SignIn("joost@joosten.test", rig.Password)
		key, _ := browser.EnrolKey("Sleutel")
		browser = r.Browser("default")
		browser.SignIn("joost@joosten.test", rig.Password)
		before := r.count("sessions")
		answers := r.of(crowd, func(int) *rig.Browser { return browser }, rig.VerifyKey, map[string]any{"answer": key.Get(browser.AskKey())})
		if got := tally(answers, "verifySignIn.step.__typename"); got["SignInComplete"] != 1 || got["SIGN_IN_EXPIRED"]+got["INVALID_CODE"] != crowd-1 {
			t.Error(got)
		}
		if after := r.count("sessions"); after != before+1 {
			t.Errorf("%d sessions were opened", after-before)
		}
	}, rig.Portal("default", withKeys))
}

func TestAKeyProvesASessionOnceHoweverOftenItsAnswerIsGivenAtOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("default", "Joosten", "joost@joosten.test")
		browser := r.Browser("default")
		browser.SignIn("joost@joosten.test", rig.Password)
		key, _ := browser.EnrolKey("Sleutel")
		answers := r.of(crowd, func(int) *rig.Browser { return browser }, `mutation ($password: String!, $answer: JSON!) {
			reauthenticate(input: {password: $password, proof: {webAuthn: $answer}}) { session { strength } userErrors { code } }
		}`, map[string]any{"password": rig.Password, "answer": key.Get(browser.AskKey())})
		got := tally(answers, "reauthenticate.session.strength")
		if got["PHISHING_RESISTANT"] != 1 {
			t.Error(got)
		}
	}, rig.Portal("default", withKeys))
}

func TestAKeyIsEnrolledOnceHoweverOftenItsAnswerIsGivenAtOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.Organisation("default", "Joosten", "joost@joosten.test")
		browser := r.Browser("default")
		browser.SignIn("joost@joosten.test", rig.Password)
		options, id := browser.BeginKey("Sleutel")
		answers := r.of(crowd, func(int) *rig.Browser { return browser }, `mutation ($id: ID!, $answer: JSON!) {
			confirmEnrolment(input: {enrolmentId: $id, webAuthn: $answer}) { factor { kind } userErrors { code } }
		}`, map[string]any{"id": id, "answer": r.Key("default").Create(options)})
		if got := tally(answers, "confirmEnrolment.factor.kind"); got["WEBAUTHN"] != 1 {
			t.Error(got)
		}
		if factors, credentials := r.count("factors"), r.count("webauthn_credentials"); factors != 1 || credentials != 1 {
			t.Errorf("%d factors, %d credentials", factors, credentials)
		}
	}, rig.Portal("default", withKeys))
}
