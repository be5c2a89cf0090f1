package sms

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
)

// Refusal is why a text was not taken. It repeats nothing of what Twilio said but its numbers: Twilio's words name the
// recipient.
type Refusal struct {
	// Final: no further try can help. Otherwise the network or Twilio failed, or there was too much at once.
	Final bool
	// OfNumber: it is the number that takes no texts. A final refusal that isn't of the number is ours to mend: the
	// account, the sender, a country that isn't switched on.
	OfNumber bool
	// Uncertain: Twilio may have taken the text and only the answer got lost.
	Uncertain bool
	// Status is HTTP's, Code Twilio's own; 0 where there was none.
	Status, Code int
	// Stage says in a word or two what failed: for logs.
	Stage string
	cause error
}

// Error tells stage and numbers.
func (r *Refusal) Error() string {
	text := "text not taken: " + r.Stage
	if r.Status != 0 {
		text += fmt.Sprintf(", HTTP %d", r.Status)
	}
	if r.Code != 0 {
		text += fmt.Sprintf(", Twilio %d", r.Code)
	}
	return text
}

// Unwrap gives what happened on the connection: context.Canceled, a net.Error, …; nil where Twilio refused.
func (r *Refusal) Unwrap() error { return r.cause }

// ofNumber are Twilio's codes that say that a number takes no texts: in answers (21…) and in status callbacks (30…).
var ofNumber = []int{
	21211, // no valid number
	21214, // can't be reached
	21217, // no valid number
	21610, // has answered STOP
	21614, // no mobile number
	21635, // a landline
	30005, // unknown, or no longer there
	30006, // a landline, or a carrier that can't be reached
}

// overloaded is Twilio's code of too many requests, which has come with other statuses than 429.
const overloaded = 20429

// refused classifies an answer that isn't a success. A gateway that fails in front of Twilio may have let the request
// through; Twilio's own refusals haven't taken anything.
func refused(status, code int) *Refusal {
	r := &Refusal{Status: status, Code: code, Stage: "refused"}
	switch {
	case status == http.StatusTooManyRequests, code == overloaded:
		r.Stage = "too many at once"
	case status >= http.StatusInternalServerError, status == http.StatusRequestTimeout:
		r.Uncertain, r.Stage = true, "provider fails"
	case status < http.StatusBadRequest:
		r.Uncertain, r.Stage = true, "not an answer of the provider's"
	default:
		r.Final, r.OfNumber = true, slices.Contains(ofNumber, code)
	}
	return r
}

// broken classifies a connection that failed. Where none was made, nothing was taken.
func broken(err error) *Refusal {
	r := &Refusal{Uncertain: true, Stage: "connection", cause: err}
	if failed, ok := errors.AsType[*net.OpError](err); ok && failed.Op == "dial" {
		r.Uncertain = false
	}
	return r
}
