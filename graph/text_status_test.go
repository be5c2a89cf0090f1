package graph_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// texting lets tvm's people choose codes by SMS.
func texting(p *identity.Portal) { p.Factors.Kinds = append(p.Factors.Kinds, identity.SMS) }

// texted is a text that somebody asked for, in a session.
func texted(r *rig.Rig, email, number string) testrig.Sms {
	r.T.Helper()
	answer := r.SignedIn("tvm", email).Do(`mutation ($n: PhoneNumber!) { beginSmsEnrolment(input: {phoneNumber: $n}) { enrolment { id } userErrors { code } } }`,
		map[string]any{"n": number})
	if answer.Code() != "" {
		r.T.Fatal(answer.Text)
	}
	return r.Phones.Expect(r.T, number)
}

func TestOnlyWhatTwilioSignedIsHeardOfATextAndHearingItTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		r.Organisation("tvm", "Org", "main@org.test")
		text := texted(r, "main@org.test", "+31612345678")
		r.Settle()
		post := func(address string, form url.Values, signature string) int {
			status, err := testrig.PostReport(r.URL, address, form, signature)
			if err != nil {
				t.Fatal(err)
			}
			return status
		}
		delivered := testrig.Report(text, "delivered", 0)
		sign := func(address string, form url.Values) string { return testrig.Sign(testrig.TwilioToken, address, form) }
		right := sign(text.StatusURL, delivered)
		unknown := text.StatusURL[:len(text.StatusURL)-1] + "0"
		other := text
		other.ID = "SM99999999999999999999999999999999"
		foreign := testrig.Report(other, "failed", 30005)
		long := testrig.Report(text, "delivered", 0)
		long.Set("More", strings.Repeat("x", 20<<10))
		malformed := "https://mijn.tvm.example/twilio/status/org_1/msg_1"
		for name, got := range map[string]int{
			"forged":          post(text.StatusURL, delivered, sign(text.StatusURL, foreign)),
			"not signed":      post(text.StatusURL, delivered, ""),
			"another account": post(text.StatusURL, delivered, testrig.Sign("another", text.StatusURL, delivered)),
			"another host":    post(strings.Replace(text.StatusURL, "mijn.tvm.example", "portal.example", 1), delivered, right),
			"an unknown text": post(unknown, delivered, sign(unknown, delivered)),
			"no ids":          post(malformed, delivered, sign(malformed, delivered)),
			"a foreign text":  post(text.StatusURL, foreign, sign(text.StatusURL, foreign)),
			"too long":        post(text.StatusURL, long, sign(text.StatusURL, long)),
			"with a query":    post(text.StatusURL+"?x=1", delivered, sign(text.StatusURL+"?x=1", delivered)),
		} {
			if got != http.StatusForbidden {
				t.Errorf("%s: %d", name, got)
			}
		}
		state := func() string {
			return one(r, "SELECT state || ' ' || provider_status FROM messages WHERE kind = 'TEXT_CODE'")
		}
		if got := state(); got != "DELIVERED " {
			t.Errorf("what was refused left %q", got)
		}
		for _, status := range []string{"sent", "delivered", "delivered", "sent", "failed"} {
			if got := r.ReportText(text, status, 0); got != http.StatusNoContent {
				t.Errorf("%s: %d", status, got)
			}
		}
		if got := state(); got != "DELIVERED delivered" {
			t.Errorf("want the first end, got %q", got)
		}
		if answer, err := http.Get(r.URL + "/portals/tvm/twilio/status/org_1/msg_1"); err != nil || answer.StatusCode != http.StatusMethodNotAllowed {
			t.Error("a GET is answered otherwise", err)
		}
	}, rig.Portal("tvm", texting))
}

func TestTheStatusOfATextIsHeardUnderThePortalsPrefixToo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *rig.Rig) {
		r.Organisation("tvm", "Org", "main@org.test")
		text := texted(r, "main@org.test", "+31612345678")
		form := testrig.Report(text, "undelivered", 30005)
		// A proxy may put the prefix in front; what is signed is the address that was given to Twilio all the same.
		inside := strings.Replace(text.StatusURL, "/twilio/", "/portals/tvm/twilio/", 1)
		status, err := testrig.PostReport(r.URL, strings.Replace(inside, "mijn.tvm.example", "internal", 1), form, testrig.Sign(testrig.TwilioToken, text.StatusURL, form))
		if err != nil || status != http.StatusNoContent {
			t.Error(status, err)
		}
	}, rig.Portal("tvm", texting))
}
