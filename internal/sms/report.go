package sms

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Report reads a status callback: a form that was posted to the address, with Twilio's signature over both
// (X-Twilio-Signature: HMAC-SHA1 under the account's token). address is the one that the text was sent with, as the
// server's configuration has it, and not as the request says. It answers false for whatever isn't signed, isn't of this
// account, or says something twice, which the signature doesn't cover.
func (s *Sender) Report(address string, body []byte, signature string) (identity.TextReport, bool) {
	form, err := url.ParseQuery(string(body))
	if err != nil || signature == "" {
		return identity.TextReport{}, false
	}
	for _, values := range form {
		if len(values) > 1 {
			return identity.TextReport{}, false
		}
	}
	if !s.validator.ValidateBody(address, body, signature) || form.Get("AccountSid") != s.options.AccountSID || form.Get("MessageSid") == "" {
		return identity.TextReport{}, false
	}
	report := identity.TextReport{ProviderID: form.Get("MessageSid")}
	switch status := identity.TextStatus(form.Get("MessageStatus")); status {
	case identity.TextDelivered, identity.TextUndelivered, identity.TextFailed:
		report.Status = status
	}
	if fault, err := strconv.Atoi(form.Get("ErrorCode")); err == nil {
		report.Fault, report.OfNumber = fault, slices.Contains(ofNumber, fault)
	}
	return report, true
}
