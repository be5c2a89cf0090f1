package sms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// Options say how to reach Twilio. AccountSID, AuthToken and one of From and MessagingServiceSID are required.
type Options struct {
	AccountSID, AuthToken string
	// From is the number or name that texts are from; MessagingServiceSID a service that picks one.
	From, MessagingServiceSID string
	// BaseURL is where the API is; "": Twilio's own.
	BaseURL string
	// Timeout bounds one request, connecting included; 0: ten seconds.
	Timeout time.Duration
}

const (
	twilio         = "https://api.twilio.com"
	defaultTimeout = 10 * time.Second
)

// Sender hands texts to Twilio. Safe for concurrent use. It prints as nothing: it holds the token.
type Sender struct {
	options   Options
	base      *url.URL
	http      *http.Client
	validator client.RequestValidator
}

// NewSender makes a sender. It connects when asked to, not before. It fails for options that can't be: no account or
// token, no sender or two, a base URL that isn't https or on this machine. No error repeats a value.
func NewSender(options Options) (*Sender, error) {
	if options.BaseURL == "" {
		options.BaseURL = twilio
	}
	if options.Timeout == 0 {
		options.Timeout = defaultTimeout
	}
	base, err := url.Parse(options.BaseURL)
	switch {
	case options.AccountSID == "" || options.AuthToken == "":
		return nil, errors.New("set up texts: the account's SID and its auth token are both needed")
	case (options.From == "") == (options.MessagingServiceSID == ""):
		return nil, errors.New("set up texts: either a sender or a messaging service is needed, and not both")
	case err != nil || base.Host == "" || base.Scheme != "https" && !isHere(base):
		return nil, errors.New("set up texts: the base URL begins with https://")
	}
	return &Sender{
		options: options, base: base, validator: client.NewRequestValidator(options.AuthToken),
		http: &http.Client{
			Timeout:   options.Timeout,
			Transport: trace.Transport("texts", http.DefaultTransport),
			// A redirect would carry the code to wherever it leads.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// isHere tells whether an address is this machine: tests and the demo have a Twilio of their own.
func isHere(base *url.URL) bool {
	return base.Scheme == "http" && (base.Hostname() == "localhost" || strings.HasPrefix(base.Hostname(), "127.") || base.Hostname() == "::1")
}

// Text is one text to one phone.
type Text struct {
	To   identity.PhoneNumber
	Body string
	// StatusURL is where Twilio tells what became of it.
	StatusURL string
	// Within is how long Twilio may keep it before it is sent: a code must not come when it no longer works. It is
	// rounded down to seconds, and to LongestValidity.
	Within time.Duration
}

// LongestValidity is how long Twilio keeps a text at most (the Messages API's ValidityPeriod: 1 to 36000 seconds).
const LongestValidity = 10 * time.Hour

// Send hands a text to Twilio and answers its id there. The error is a *Refusal.
func (s *Sender) Send(ctx context.Context, text Text) (string, error) {
	params := (&v2010.CreateMessageParams{}).SetTo(string(text.To)).SetBody(text.Body).SetStatusCallback(text.StatusURL).
		SetValidityPeriod(max(1, int(min(text.Within, LongestValidity)/time.Second)))
	if s.options.From != "" {
		params.SetFrom(s.options.From)
	} else {
		params.SetMessagingServiceSid(s.options.MessagingServiceSID)
	}
	message, err := v2010.NewApiServiceWithClient(&call{ctx, s}).CreateMessage(params)
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return "", refusal
	}
	if err != nil || message.Sid == nil || !strings.HasPrefix(*message.Sid, "SM") && !strings.HasPrefix(*message.Sid, "MM") {
		return "", &Refusal{Uncertain: true, Status: http.StatusOK, Stage: "not an answer of the provider's"}
	}
	if code := faultOf(message); code != 0 {
		return "", refused(http.StatusBadRequest, code)
	}
	return *message.Sid, nil
}

// faultOf is the code of a message that was taken and failed at once; 0 for all others.
func faultOf(message *v2010.ApiV2010Message) int {
	if message.Status == nil || *message.Status != string(identity.TextFailed) || message.ErrorCode == nil {
		return 0
	}
	return *message.ErrorCode
}

// String keeps the token out of logs.
func (s *Sender) String() string { return "sms.Sender" }

// Format prints String for every verb.
func (s *Sender) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }
