package sms_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/sms"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

const (
	number    = "+31612345678"
	statusURL = "https://portal.example/twilio/status/org_01jxfds1g01mvcgjbdpzzfaqz0/msg_01jxfds1g0gkbz0pa28yyft45k"
)

func options(phones *testrig.Phones) sms.Options {
	return sms.Options{AccountSID: testrig.TwilioAccount, AuthToken: testrig.TwilioToken, From: testrig.TwilioFrom, BaseURL: phones.URL()}
}

func newSender(t *testing.T, o sms.Options) *sms.Sender {
	t.Helper()
	s, err := sms.NewSender(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func send(ctx context.Context, s *sms.Sender) (string, error) {
	return s.Send(ctx, sms.Text{To: number, Body: "123456 is uw code voor Acme.", StatusURL: statusURL, Within: 90*time.Second + time.Millisecond})
}

func TestATextReachesTheMessagesAPIAsItsFormSays(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ from, service string }{{testrig.TwilioFrom, ""}, {"", "MG00000000000000000000000000000009"}} {
		phones := testrig.NewPhones(t) // which fails the test where path, sign-in, type or a field is another
		o := options(phones)
		o.From, o.MessagingServiceSID = row.from, row.service
		sid, err := send(t.Context(), newSender(t, o))
		if err != nil {
			t.Fatal(err)
		}
		want := testrig.Sms{
			ID: sid, To: number, From: row.from + row.service, Body: "123456 is uw code voor Acme.", StatusURL: statusURL, Within: 90 * time.Second,
		}
		if diff := cmp.Diff(want, phones.Expect(t, number)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestATextIsKeptNoLongerThanTheMessagesAPITakes(t *testing.T) {
	t.Parallel()
	phones := testrig.NewPhones(t)
	text := sms.Text{To: number, Body: "Op …", StatusURL: statusURL, Within: 7 * 24 * time.Hour}
	if _, err := newSender(t, options(phones)).Send(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	if got := phones.Expect(t, number).Within; got != 10*time.Hour {
		t.Errorf("it may be kept for %s", got)
	}
}

func TestWhatTwilioAnswersIsTheNumbersFaultOursOrNobodys(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence     string
		status, code int
		want         sms.Refusal
	}{
		{"no valid number", 400, 21211, sms.Refusal{Final: true, OfNumber: true, Stage: "refused"}},
		{"has answered STOP", 400, 21610, sms.Refusal{Final: true, OfNumber: true, Stage: "refused"}},
		{"no mobile number", 400, 21614, sms.Refusal{Final: true, OfNumber: true, Stage: "refused"}},
		{"a country that isn't switched on", 400, 21408, sms.Refusal{Final: true, Stage: "refused"}},
		{"a sender that isn't ours", 400, 21606, sms.Refusal{Final: true, Stage: "refused"}},
		{"another token", 401, 20003, sms.Refusal{Final: true, Stage: "refused"}},
		{"an account that there isn't", 404, 20404, sms.Refusal{Final: true, Stage: "refused"}},
		{"too much at once", 429, 20429, sms.Refusal{Stage: "too many at once"}},
		{"too much at once, by its code", 400, 20429, sms.Refusal{Stage: "too many at once"}},
		{"a fault", 500, 20500, sms.Refusal{Uncertain: true, Stage: "provider fails"}},
		{"down", 503, 20503, sms.Refusal{Uncertain: true, Stage: "provider fails"}},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			phones := testrig.NewPhones(t)
			phones.Refuse(number, row.status, row.code, -1)
			_, err := send(t.Context(), newSender(t, options(phones)))
			row.want.Status, row.want.Code = row.status, row.code
			wantRefusal(t, err, row.want)
		})
	}
}

func wantRefusal(t *testing.T, err error, want sms.Refusal) {
	t.Helper()
	got, ok := errors.AsType[*sms.Refusal](err)
	if !ok {
		t.Fatalf("no refusal: %v", err)
	}
	shown := sms.Refusal{Final: got.Final, OfNumber: got.OfNumber, Uncertain: got.Uncertain, Status: got.Status, Code: got.Code, Stage: got.Stage}
	if diff := cmp.Diff(fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", shown)); diff != "" {
		t.Error(diff)
	}
	if text := err.Error(); strings.Contains(text, number[1:]) || strings.Contains(text, testrig.TwilioToken) || strings.Contains(text, testrig.TwilioAccount) {
		t.Errorf("it repeats what is nobody's business: %s", text)
	}
}

func TestAnAnswerThatIsNotTwiliosLeavesItUncertain(t *testing.T) {
	t.Parallel()
	phones := testrig.NewPhones(t)
	s := newSender(t, options(phones))
	phones.AnswerHTML(number, http.StatusBadGateway, 1)
	_, err := send(t.Context(), s)
	wantRefusal(t, err, sms.Refusal{Uncertain: true, Status: 502, Stage: "provider fails"})
	phones.AnswerHTML(number, http.StatusOK, 1)
	_, err = send(t.Context(), s)
	wantRefusal(t, err, sms.Refusal{Uncertain: true, Status: 200, Stage: "not an answer of the provider's"})
	phones.AnswerHTML(number, http.StatusFound, 1)
	_, err = send(t.Context(), s)
	wantRefusal(t, err, sms.Refusal{Uncertain: true, Status: 302, Stage: "not an answer of the provider's"})
	phones.LoseAnswers(number, 1)
	_, err = send(t.Context(), s)
	wantRefusal(t, err, sms.Refusal{Uncertain: true, Stage: "connection"})
}

func TestOnlyTheFirstOfTwoAnswersCounts(t *testing.T) {
	t.Parallel()
	phones := testrig.NewPhones(t)
	phones.AnswerTwice(number)
	sid, err := send(t.Context(), newSender(t, options(phones)))
	if err != nil || sid != phones.All()[0].ID {
		t.Errorf("%q, %v", sid, err)
	}
}

func TestATextThatFailsAtOnceIsRefused(t *testing.T) {
	t.Parallel()
	phones := testrig.NewPhones(t)
	phones.FailAtOnce(number, 21614)
	_, err := send(t.Context(), newSender(t, options(phones)))
	wantRefusal(t, err, sms.Refusal{Final: true, OfNumber: true, Status: 400, Code: 21614, Stage: "refused"})
}

func TestNobodyWaitsLongerThanTheTimeoutOrTheContext(t *testing.T) {
	t.Parallel()
	phones := testrig.NewPhones(t)
	release := phones.Hang()
	defer release()
	o := options(phones)
	o.Timeout = 50 * time.Millisecond
	_, err := send(t.Context(), newSender(t, o))
	wantRefusal(t, err, sms.Refusal{Uncertain: true, Stage: "connection"})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err = send(ctx, newSender(t, options(phones)))
	wantRefusal(t, err, sms.Refusal{Uncertain: true, Stage: "connection"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestWhereNobodyAnswersNothingWasTaken(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	o := sms.Options{AccountSID: "AC1", AuthToken: "t", From: "x", BaseURL: "http://" + closed.Addr().String()}
	_, err = send(t.Context(), newSender(t, o))
	wantRefusal(t, err, sms.Refusal{Stage: "connection"})
}

func TestAnEndlessAnswerIsCutAndARedirectNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/there/") {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
			return
		}
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat(" ", 4096))); err != nil {
				return
			}
		}
	}))
	defer served.Close()
	for _, path := range []string{"", "/there/"} {
		o := sms.Options{AccountSID: "AC1", AuthToken: "t", From: "x", BaseURL: served.URL + path, Timeout: 10 * time.Second}
		began := time.Now()
		_, err := send(t.Context(), newSender(t, o))
		if refusal, ok := errors.AsType[*sms.Refusal](err); !ok || !refusal.Uncertain || time.Since(began) > 5*time.Second {
			t.Errorf("%s: %v after %s", path, err, time.Since(began))
		}
	}
}

func TestASenderThatCannotBeIsRefusedWithoutRepeatingAnything(t *testing.T) {
	t.Parallel()
	for _, o := range []sms.Options{
		{},
		{AccountSID: "AC1"},
		{AccountSID: "AC1", AuthToken: "marker"},
		{AuthToken: "marker", From: "x"},
		{AccountSID: "AC1", AuthToken: "marker", From: "x", MessagingServiceSID: "MG1"},
		{AccountSID: "AC1", AuthToken: "marker", From: "x", BaseURL: "http://api.example"},
		{AccountSID: "AC1", AuthToken: "marker", From: "x", BaseURL: "ftp://api.example"},
		{AccountSID: "AC1", AuthToken: "marker", From: "x", BaseURL: ":"},
	} {
		s, err := sms.NewSender(o)
		if err == nil || s != nil || strings.Contains(err.Error(), "marker") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	s := newSender(t, sms.Options{AccountSID: "AC1", AuthToken: "marker", From: "x"})
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "sender", s)
	if shown := fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s) + log.String(); strings.Contains(shown, "marker") {
		t.Error(shown)
	}
}
