package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// textingTo lets people have codes by text in these countries.
func textingTo(countries ...identity.Country) rig.Option {
	return rig.Portal("default", func(p *identity.Portal) {
		patient(p)
		p.Factors.Kinds = []identity.FactorKind{identity.TOTP, identity.SMS}
		p.SMS.Countries = countries
	})
}

func TestAnOldNumberThatThePortalNoLongerTextsIsLeftToTheMail(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		const old, number = "+31612345678", "+32470123456"
		r.Organisation("default", "Kantoor", "mies@kantoor.test")
		browser := r.Browser("default")
		browser.SignIn("mies@kantoor.test", rig.Password)
		begun := browser.Do(`mutation ($n: PhoneNumber!) { beginSmsEnrolment(input: {phoneNumber: $n}) { enrolment { id } } }`, map[string]any{"n": old})
		browser.Do(`mutation ($id: ID!, $code: String!) { confirmEnrolment(input: {enrolmentId: $id, code: $code}) { userErrors { code } } }`,
			map[string]any{"id": begun.String("beginSmsEnrolment.enrolment.id"), "code": r.Phones.Expect(t, old).Code()})
		r.Clock.Advance(time.Minute)

		here := browser.At(r.Another(textingTo("BE")))
		asked := here.Do(`mutation ($n: PhoneNumber!) { requestPhoneChange(input: {phoneNumber: $n}) { change { id } userErrors { code } } }`, map[string]any{"n": number})
		confirmed := here.Do(`mutation ($id: ID!, $code: String!) { confirmContactChange(input: {changeId: $id, code: $code}) { change { state } userErrors { code } } }`,
			map[string]any{"id": asked.String("requestPhoneChange.change.id"), "code": r.Phones.Expect(t, number).Code()})
		if got := confirmed.String("confirmContactChange.change.state"); got != "CHANGED" {
			t.Fatal(confirmed.Text)
		}
		r.Mailbox.ExpectSubject(t, "mies@kantoor.test", "telefoonnummer")
		if told := one(r, "SELECT count(*) FROM messages WHERE kind = 'TEXT_PHONE_CHANGED'"); told != "0" {
			t.Error("a text goes where the portal sends none")
		}
	}, textingTo("NL", "BE"))
}

func TestWhatTellsTheOldNumberHoldsNothingThatOpens(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		p := newProver(r, "mies@kantoor.test")
		_, id, code := proofFields["confirmContactChange of a number"].stand(p)
		if answer := p.browser.Do("mutation ($id: ID!, $code: String!) { "+moves+" }", map[string]any{"id": id, "code": code}); answer.Code() != "" {
			t.Fatal(answer.Text)
		}
		undo := r.Mailbox.ExpectSubject(t, p.email, "telefoonnummer").Token
		r.Settle()
		var notice testrig.Sms
		for _, text := range r.Phones.All() {
			if text.To == p.phone() && text.Code() == "" {
				notice = text
			}
		}
		for name, secret := range map[string]string{"the link's token": undo, "a link": "http", "the code": code.(string), "the new number": p.another()[3:]} {
			if notice.Body == "" || strings.Contains(notice.Body, secret) {
				t.Errorf("%s is in «%s»", name, notice.Body)
			}
		}
		if jobs := one(r, "SELECT count(*) FROM messages WHERE kind = 'TEXT_PHONE_CHANGED' AND sealed_token IS NULL AND sealed_number IS NULL"); jobs != "1" {
			t.Error("the message still holds the number, or a secret")
		}
	}, rig.Portal("default", provable))
}
