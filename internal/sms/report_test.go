package sms_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/sms"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestAReportIsBelievedByItsSignatureOverTheAddressThatWasConfigured(t *testing.T) {
	t.Parallel()
	s := newSender(t, sms.Options{AccountSID: testrig.TwilioAccount, AuthToken: testrig.TwilioToken, From: "x"})
	text := testrig.Sms{ID: "SM1", To: number, From: testrig.TwilioFrom}
	form := testrig.Report(text, "undelivered", 30005)
	right := testrig.Sign(testrig.TwilioToken, statusURL, form)
	got, ok := s.Report(statusURL, []byte(form.Encode()), right)
	if want := (identity.TextReport{ProviderID: "SM1", Status: identity.TextUndelivered, Fault: 30005, OfNumber: true}); !ok || got != want {
		t.Errorf("%+v, %t", got, ok)
	}
	changed := func(name, value string) string {
		other := url.Values{}
		for key, values := range form {
			other[key] = values
		}
		other.Set(name, value)
		return other.Encode()
	}
	foreign := testrig.Report(text, "delivered", 0)
	foreign.Set("AccountSid", "AC00000000000000000000000000000002")
	nameless := testrig.Report(testrig.Sms{}, "delivered", 0)
	for name, row := range map[string]struct{ address, body, signature string }{
		"not signed":         {statusURL, form.Encode(), ""},
		"signed by another":  {statusURL, form.Encode(), testrig.Sign("another token", statusURL, form)},
		"another status":     {statusURL, changed("MessageStatus", "delivered"), right},
		"another field":      {statusURL, changed("More", "1"), right},
		"a field twice":      {statusURL, form.Encode() + "&MessageStatus=delivered", right},
		"of another text":    {strings.Replace(statusURL, "msg_", "msg_0", 1), form.Encode(), right},
		"of another host":    {strings.Replace(statusURL, "portal.", "evil.", 1), form.Encode(), right},
		"by http":            {strings.Replace(statusURL, "https", "http", 1), form.Encode(), right},
		"of another account": {statusURL, foreign.Encode(), testrig.Sign(testrig.TwilioToken, statusURL, foreign)},
		"of no text":         {statusURL, nameless.Encode(), testrig.Sign(testrig.TwilioToken, statusURL, nameless)},
		"no form":            {statusURL, "%zz", right},
		"nothing":            {statusURL, "", right},
	} {
		if report, ok := s.Report(row.address, []byte(row.body), row.signature); ok {
			t.Errorf("%s is believed: %+v", name, report)
		}
	}
	for _, status := range []string{"accepted", "queued", "sending", "sent", "whatever"} {
		form := testrig.Report(text, status, 0)
		report, ok := s.Report(statusURL, []byte(form.Encode()), testrig.Sign(testrig.TwilioToken, statusURL, form))
		if !ok || report != (identity.TextReport{ProviderID: "SM1"}) {
			t.Errorf("%s is no end, and is %+v, %t", status, report, ok)
		}
	}
}

// TestTheSignatureIsThatOfTwiliosDocumentation is the example that Twilio's documentation works out.
func TestTheSignatureIsThatOfTwiliosDocumentation(t *testing.T) {
	t.Parallel()
	form := url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"},
	}
	if got := testrig.Sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form); got != "RSOYDt4T1cUTdK1PDd93/VVr8B8=" {
		t.Error(got)
	}
}
