package graph_test

import (
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// besiegeable locks a name after five wrong passwords, and offers every kind of code.
func besiegeable(p *identity.Portal) {
	provable(p)
	p.Lockout.FreeAttempts, p.Lockout.PasswordLimit = 5, 5
}

// besiege does what somebody can who knows an address and nothing else, until the name is locked.
func besiege(t *testing.T, r *rig.Rig, email string) {
	t.Helper()
	outsider := r.Browser("default")
	for range 6 {
		outsider.SignIn(email, "Not-the-password-1")
		outsider.Do(`mutation ($e: EmailAddress!) {
			requestPasswordReset(input: {email: $e}) { accepted } requestUsername(input: {email: $e}) { accepted }
			setPassword(input: {token: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", newPassword: "Nieuw-Wachtwoord-1"}) { userErrors { code } }
			recoveryCode: verifySignIn(input: {proof: {recoveryCode: "AAAA-BBBB-CCCC-DDDD"}}) { userErrors { code } }
		}`, map[string]any{"e": email})
	}
	if locked := r.Browser("default").SignIn(email, rig.Password); locked.Code() != "TOO_MANY_ATTEMPTS" {
		t.Fatal("the name isn't locked: " + locked.Text)
	}
}

func TestAnOutsiderLocksTheOwnerOutOfNeitherTheSessionNorRecovery(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		const email = "mies@kantoor.test"
		p := newProver(r, email)
		send := func(kind identity.FactorKind) (id, code string) {
			r.Clock.Advance(time.Minute)
			return p.ids[kind], p.sentTo(p.browser, kind)
		}
		besiege(t, r, email)
		for _, stand := range []func() (proof, id, code string){
			func() (string, string, string) {
				r.Clock.Advance(time.Minute)
				return byApp, p.ids[identity.TOTP], p.app.Code()
			},
			func() (string, string, string) {
				id, code := send(identity.Email)
				return byMail, id, code
			},
			func() (string, string, string) {
				id, code := send(identity.SMS)
				return byMail, id, code
			},
			func() (string, string, string) { return byRecovery, "", p.nextRecovery() },
		} {
			proof, id, code := stand()
			field := proofField{document: proved(reproving, proof), done: "session"}
			if answer := field.ask(p.browser, id, code); !field.took(answer) {
				t.Errorf("the session isn't proved anew by «%s»: %s", proof, answer.Text)
			}
		}
		besiege(t, r, email)
		r.Clock.Advance(time.Minute)
		r.Settle() // what the outsider asked for is mailed: the next link is the owner's
		before, owner := len(r.Mailbox.All()), r.Browser("default")
		owner.Do(`mutation { requestPasswordReset(input: {email: "mies@kantoor.test"}) { accepted } }`)
		r.Settle()
		token := ""
		for _, mail := range r.Mailbox.All()[before:] {
			token += mail.Token
		}
		owner.ChoosePassword(token, "Grachtengordel-1653-Brug")
		if answer := owner.SignIn(email, "Grachtengordel-1653-Brug"); answer.String("beginSignIn.step.__typename") != "SignInFactorRequired" {
			t.Errorf("after the reset the owner is still locked out: %s", answer.Text)
		}
	}, rig.Portal("default", besiegeable))
}
