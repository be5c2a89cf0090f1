package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// changes are what happens to an enrolled user while a sign-in of theirs, right password given, waits for the code.
var changes = map[string]func(r *rig.Rig, main, own *rig.Browser, id string){
	"blocked": func(_ *rig.Rig, main, _ *rig.Browser, id string) {
		main.Do(`mutation ($id: ID!) { blockUser(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": id})
	},
	"blocked and unblocked": func(_ *rig.Rig, main, _ *rig.Browser, id string) {
		main.Do(`mutation ($id: ID!) { blockUser(input: {id: $id}) { userErrors { code } } unblockUser(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": id})
	},
	"removed": func(_ *rig.Rig, main, _ *rig.Browser, id string) {
		main.Do(`mutation ($id: ID!) { removeUser(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": id})
	},
	"of another password": func(_ *rig.Rig, _, own *rig.Browser, _ string) {
		own.Do(`mutation { changePassword(input: {newPassword: "Another-4712-Kade"}) { userErrors { code } } }`)
	},
	"without the factor": func(r *rig.Rig, _, own *rig.Browser, _ string) {
		removed := own.Do(`mutation ($id: ID!) { removeFactor(input: {id: $id}) { removedId userErrors { code } } }`,
			map[string]any{"id": one(r, "SELECT id FROM factors")})
		if removed.String("removeFactor.removedId") == "" {
			r.T.Fatal(removed.Text)
		}
	},
	"with another app": func(_ *rig.Rig, _, own *rig.Browser, _ string) { own.Enrol() },
	"of another address": func(r *rig.Rig, _, own *rig.Browser, _ string) {
		asked := own.Do(`mutation { requestEmailChange(input: {email: "sub@elsewhere.test"}) { change { id } userErrors { code } } }`)
		code, _, _ := strings.Cut(r.Mailbox.Expect(r.T, "sub@elsewhere.test").Subject, " ")
		moved := own.Do(`mutation ($id: ID!, $code: String!) { confirmContactChange(input: {changeId: $id, code: $code}) { userErrors { code } } }`,
			map[string]any{"id": asked.String("requestEmailChange.change.id"), "code": code})
		if moved.Code() != "" {
			r.T.Fatal(moved.Text)
		}
	},
	"back through a link": func(r *rig.Rig, _, _ *rig.Browser, _ string) {
		r.Browser("tvm").Do(`mutation { requestPasswordReset(input: {email: "sub@office.test"}) { accepted } }`)
		mail := r.Mailbox.Expect(r.T, "sub@office.test")
		for mail.Token == "" {
			mail = r.Mailbox.Expect(r.T, "sub@office.test")
		}
		r.Browser("tvm").ChoosePassword(mail.Token, rig.Password)
	},
	"activated": func(_ *rig.Rig, main, _ *rig.Browser, _ string) {
		token := main.Do(`{ organisation { twoFactorActivationPreview { previewToken } } }`).String("organisation.twoFactorActivationPreview.previewToken")
		main.Do(`mutation ($t: String!) { activateOrganisationTwoFactor(input: {previewToken: $t}) { affectedUserCount userErrors { code } } }`, map[string]any{"t": token})
	},
	"too late": func(r *rig.Rig, _, _ *rig.Browser, _ string) { r.Clock.Advance(identity.SignInLifetime) },
}

func TestASignInDiesWhenWhatItRestsOnChanges(t *testing.T) {
	t.Parallel()
	for change, happens := range changes {
		t.Run(change, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, r *rig.Rig) {
				if answer := signInWhile(r, happens); answer.Code() != "SIGN_IN_EXPIRED" {
					t.Errorf("%s, and yet: %s", change, answer.Text)
				}
			}, rig.Portal("tvm", changeable))
		})
	}
	t.Run("unchanged", func(t *testing.T) {
		t.Parallel()
		onBoth(t, func(t *testing.T, r *rig.Rig) {
			answer := signInWhile(r, func(*rig.Rig, *rig.Browser, *rig.Browser, string) {})
			if answer.String("verifySignIn.step.__typename") != "SignInComplete" {
				t.Error(answer.Text)
			}
		})
	})
}

// changeable lets users change their factors themselves, and take the last one away.
func changeable(p *identity.Portal) {
	p.Factors.Change, p.TwoFactor.RequiredFrom = identity.ChangedByUser, nil
}

// signInWhile begins a sign-in, lets something happen, and gives the right code.
func signInWhile(r *rig.Rig, happens func(*rig.Rig, *rig.Browser, *rig.Browser, string)) rig.Answer {
	r.T.Helper()
	r.Organisation("tvm", "Office", "main@office.test")
	main := r.SignedIn("tvm", "main@office.test")
	main.Invite("sub@office.test", "Sub", identity.SubUser)
	own := r.SignedIn("tvm", "sub@office.test")
	app, confirmed := own.Enrol()
	r.Clock.Advance(2 * time.Minute)
	waiting := r.Browser("tvm")
	if answer := waiting.SignIn("sub@office.test", rig.Password); answer.String("beginSignIn.step.__typename") != "SignInFactorRequired" {
		r.T.Fatal(answer.Text)
	}
	happens(r, main, own, one(r, "SELECT id FROM users WHERE email = 'sub@office.test'"))
	return waiting.Verify(confirmed.String("confirmEnrolment.factor.id"), app.Code())
}

func TestARightPasswordAloneOpensNothingOfAnEnrolledUser(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		r.Organisation("tvm", "Office", "main@office.test")
		r.SignedIn("tvm", "main@office.test").Enrol()
		waiting := r.Browser("tvm")
		begun := waiting.SignIn("main@office.test", rig.Password)
		for document, want := range map[string]string{
			`{ viewer { user { id } } }`: "",
			`{ organisation { id } }`:    "UNAUTHENTICATED",
			`mutation { beginTotpEnrolment { enrolment { secret } userErrors { code } } }`:                        "FORBIDDEN",
			`mutation { confirmEnrolment(input: {enrolmentId: "x", code: "000000"}) { userErrors { code } } }`:    "FORBIDDEN",
			`mutation { postponeTwoFactor { step { __typename } userErrors { code } } }`:                          "POSTPONEMENT_NOT_ALLOWED",
			`mutation { changePassword(input: {newPassword: "Another-4712-Kade"}) { userErrors { code } } }`:      "UNAUTHENTICATED",
			`mutation { reauthenticate(input: {password: "Sleutel-bos 4711 Kade"}) { userErrors { code } } }`:     "UNAUTHENTICATED",
			`mutation { createApiToken(input: {name: "t", scopes: [USERS_READ]}) { token userErrors { code } } }`: "UNAUTHENTICATED",
			`mutation { inviteUser(input: {email: "x@office.test", displayName: "X"}) { userErrors { code } } }`:  "UNAUTHENTICATED",
		} {
			answer := waiting.Do(document)
			if answer.Code() != want || answer.At("viewer") != nil {
				t.Errorf("%s: want %q, got %s", document, want, answer.Text)
			}
		}
		if step := waiting.Do(`{ currentSignIn { __typename ... on SignInFactorRequired { factors { id } } } }`); step.String("currentSignIn.__typename") != "SignInFactorRequired" ||
			step.String("currentSignIn.factors.0.id") != begun.String("beginSignIn.step.factors.0.id") {
			t.Errorf("the sign-in doesn't go on: %s", step.Text)
		}
		if factors := one(r, "SELECT count(*) FROM factors"); factors != "1" || one(r, "SELECT count(*) FROM enrolments") != "0" {
			t.Errorf("%s factors", factors)
		}
	})
}
