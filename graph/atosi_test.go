package graph_test

import (
	"regexp"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
	"time"
)

func TestAtosiSmoke(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		db.Clock.Set(time.Date(2022, 1, 10, 12, 0, 0, 0, time.UTC))
		r := rig.New(t, db)
		partner := r.Partner("atosi", r.Token("atosi", identity.OrganisationsWrite))
		t.Log(partner.Do(`mutation { createOrganisation(input: {name: "Kantoor", code: "K01", mainUser: {email: "m@k.test", displayName: "Mies", username: "mies"}}) { organisation { id } userErrors { code path } } }`).Text)
		b := r.Browser("atosi")
		t.Log(b.ChoosePassword(r.Mailbox.Expect(t, "m@k.test").Token, rig.Password).Text)
		in := `mutation { beginSignIn(input: {organisationCode: "k01", username: "MIES", password: "` + rig.Password + `"}) { step { __typename ... on SignInEnrolmentRequired { kinds postponableUntil reason } ... on SignInComplete { enrolBefore } ... on SignInFactorRequired { factors { id kind destinationHint } } } userErrors { code } } }`
		b = r.Browser("atosi")
		t.Log(b.Do(in).Text)
		t.Log(b.Do(`mutation { postponeTwoFactor { step { __typename ... on SignInComplete { enrolBefore } } userErrors { code } } }`).Text)
		t.Log(r.Browser("atosi").Do(in).Text)
		r.Clock.Set(time.Date(2022, 2, 1, 12, 0, 0, 0, time.UTC))
		b = r.Browser("atosi")
		t.Log(b.Do(in).Text)
		a := b.Do(`mutation { beginEmailEnrolment { enrolment { id destinationHint codeSent { resendAllowedAt } } userErrors { code } } }`)
		t.Log(a.Text)
		code := regexp.MustCompile(`\d{6}`).FindString(r.Mailbox.Expect(t, "m@k.test").Subject)
		t.Log(b.Do(`mutation($i: ID!, $c: String!) { confirmEnrolment(input: {enrolmentId: $i, code: $c}) { factor { kind } step { __typename } userErrors { code } } }`, map[string]any{"i": a.String("beginEmailEnrolment.enrolment.id"), "c": code}).Text)
		t.Log(r.Mailbox.Expect(t, "m@k.test").Subject)
		r.Clock.Advance(time.Minute)
		b = r.Browser("atosi")
		a = b.Do(in)
		t.Log(a.Text)
		f := a.String("beginSignIn.step.factors.0.id")
		t.Log(b.Do(`mutation($f: ID!) { sendSignInCode(input: {factorId: $f}) { step { __typename ... on SignInFactorRequired { codeSent { sentAt resendsRemaining } } } userErrors { code } } }`, map[string]any{"f": f}).Text)
		code = regexp.MustCompile(`\d{6}`).FindString(r.Mailbox.Expect(t, "m@k.test").Subject)
		t.Log(b.Do(`mutation($f: ID!, $c: String!) { verifySignIn(input: {proof: {code: {factorId: $f, code: $c}}}) { step { __typename } userErrors { code } } }`, map[string]any{"f": f, "c": code}).Text)
		t.Log(b.Do(`mutation { requestUsername(input: {email: "m@k.test"}) { accepted } }`).Text)
		t.Log(r.Mailbox.Expect(t, "m@k.test").Text)
	})
}
