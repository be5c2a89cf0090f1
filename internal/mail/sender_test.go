package mail

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func exampleLetter(t testing.TB) *Letter {
	return mustRender(t, examplePortal(t), exampleMessage(identity.InvitationMessage, identity.Dutch))
}

func mustOpen(t testing.TB, options Options) *Conn {
	t.Helper()
	conn, err := NewSender(options).Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func TestManyLettersGoOverOneConnection(t *testing.T) {
	t.Parallel()
	server := new(desk)
	conn := mustOpen(t, server.open(t, NoTLS, false))
	for i := range 20 {
		letter := exampleLetter(t)
		letter.To.Address = fmt.Sprintf("user%d@transport.test", i)
		if err := conn.Send(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		// The answer is known at once.
		if got := len(server.received()); got != i+1 {
			t.Fatalf("%d letters received after %d were sent", got, i+1)
		}
	}
	conn.Close()
	if heard := server.heard(); strings.Count(heard, "hello") != 1 || !strings.Contains(heard, "to=user19@transport.test") {
		t.Error("want one session, heard:", heard)
	}
	if got := strings.ReplaceAll(server.received()[7], "user7@", "jonnie@"); got != written(t, exampleLetter(t)) {
		t.Error("the letter changed on its way:", got)
	}
	if err := conn.Send(t.Context(), exampleLetter(t)); err == nil || !conn.Broken() {
		t.Error("want a refusal after Close, got", err)
	}
}

func TestStartTLSProtectsTheConnection(t *testing.T) {
	t.Parallel()
	server := &desk{offersAuth: true}
	options := server.open(t, StartTLS, true)
	options.Username, options.Password = "postbode", "geheim-woord"
	if err := mustOpen(t, options).Send(t.Context(), exampleLetter(t)); err != nil {
		t.Fatal(err)
	}
	if heard := server.heard(); !strings.Contains(heard, "auth=postbode") {
		t.Error("want a sign-in, heard:", heard)
	}
}

func TestImplicitTLSProtectsTheConnection(t *testing.T) {
	t.Parallel()
	server := &desk{offersAuth: true}
	options := server.open(t, ImplicitTLS, true)
	options.Username, options.Password = "postbode", "geheim-woord"
	if err := mustOpen(t, options).Send(t.Context(), exampleLetter(t)); err != nil {
		t.Fatal(err)
	}
	if heard := server.heard(); !strings.Contains(heard, "auth=postbode") {
		t.Error("want a sign-in, heard:", heard)
	}
}

func TestNothingIsSaidToAServerWithoutStartTLS(t *testing.T) {
	t.Parallel()
	server := &desk{offersAuth: true}
	options := server.open(t, StartTLS, false)
	options.Username, options.Password = "postbode", "geheim-woord"
	_, err := NewSender(options).Open(t.Context())
	if refusal := asRefusal(t, err); refusal.Permanent || !strings.Contains(refusal.Text, "STARTTLS") {
		t.Error("want a temporary refusal that names STARTTLS, got", err)
	}
	if heard := server.heard(); strings.Contains(heard, "auth") || strings.Contains(heard, "from") {
		t.Error("heard in the clear:", heard)
	}
}

func TestAServerThatNobodyVouchesForGetsNothing(t *testing.T) {
	t.Parallel()
	for _, security := range []Security{StartTLS, ImplicitTLS} {
		options := new(desk).open(t, security, true)
		options.RootCAs = nil
		_, err := NewSender(options).Open(t.Context())
		if refusal := asRefusal(t, err); refusal.Permanent || !strings.Contains(refusal.Text, "certificate") {
			t.Errorf("%s: want a temporary refusal of the certificate, got %v", security, err)
		}
	}
}

func TestCheckTellsWhetherLettersCouldBeDelivered(t *testing.T) {
	t.Parallel()
	server := &desk{offersAuth: true, refuse: func(stage, given string) error {
		if stage == "auth" && given != "geheim-woord" {
			return smtp.ErrAuthFailed
		}
		return nil
	}}
	options := server.open(t, StartTLS, true)
	options.Username, options.Password = "postbode", "geheim-woord"
	if err := NewSender(options).Check(t.Context()); err != nil {
		t.Error(err)
	}
	options.Password = "verkeerd"
	refusal := asRefusal(t, NewSender(options).Check(t.Context()))
	if refusal.Code != 535 || refusal.Permanent || refusal.Stage != AtConnection {
		t.Errorf("want a temporary 535, got %+v", refusal)
	}
}

func TestWhoRefusedWhatDecidesWhetherAnotherTryMakesSense(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		at        string
		code      int
		stage     Stage
		permanent bool
	}{
		{"hello", 554, AtConnection, false}, // our address is on a list: not the recipient's fault
		{"hello", 421, AtConnection, false},
		{"auth", 535, AtConnection, false},
		{"auth", 454, AtConnection, false},
		{"MAIL", 550, AtSender, false}, // we may not send from there: a configuration fault of ours
		{"MAIL", 451, AtSender, false},
		{"RCPT", 550, AtRecipient, true},
		{"RCPT", 450, AtRecipient, false},
		{"DATA", 554, AtContent, true},
		{"DATA", 452, AtContent, false},
	} {
		t.Run(fmt.Sprintf("%d at %s", test.code, test.at), func(t *testing.T) {
			t.Parallel()
			server := &desk{offersAuth: true, refuse: refuseAt(test.at, test.code, "No, <jonnie@transport.test>")}
			options := server.open(t, StartTLS, true)
			options.Username, options.Password = "postbode", "geheim-woord"
			conn, err := NewSender(options).Open(t.Context())
			if err == nil {
				t.Cleanup(conn.Close)
				err = conn.Send(t.Context(), exampleLetter(t))
			}
			refusal := asRefusal(t, err)
			if refusal.Permanent != test.permanent || refusal.Code != test.code || refusal.Stage != test.stage {
				t.Errorf("got %+v", refusal)
			}
			if test.stage != AtConnection && (refusal.Text != "No, <[hidden]>" || refusal.Unwrap() != nil) {
				t.Errorf("want the server's words without the address, got %q (%v)", refusal.Text, refusal.Unwrap())
			}
			if len(server.received()) != 0 {
				t.Error("the letter was received")
			}
		})
	}
}

func TestARefusedLetterLeavesTheConnectionToTheNext(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"MAIL", "RCPT", "DATA"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			refused := 0
			server := &desk{refuse: func(stage, given string) error {
				if stage == at && refused < 3 {
					refused++
					return &smtp.SMTPError{Code: 550, Message: "no"}
				}
				return nil
			}}
			conn := mustOpen(t, server.open(t, NoTLS, false))
			for range 3 {
				asRefusal(t, conn.Send(t.Context(), exampleLetter(t)))
			}
			if err := conn.Send(t.Context(), exampleLetter(t)); err != nil || conn.Broken() || len(server.received()) != 1 {
				t.Error("want the fourth delivered over the same connection, got", err, server.heard())
			}
		})
	}
}

func TestAnInternationalAddressIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	server := new(desk)
	conn := mustOpen(t, server.open(t, NoTLS, false))
	letter := exampleLetter(t)
	if err := conn.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	letter.To.Address = "zoë@transport.test"
	if err := conn.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	if heard := server.heard(); !strings.Contains(heard, "utf8=false to=jonnie@") || !strings.Contains(heard, "utf8=true to=zoë@") {
		t.Error("heard:", heard)
	}

	options, _ := play(t, "220 ready\r\n", nil)
	refusal := asRefusal(t, mustOpen(t, options).Send(t.Context(), letter))
	if !refusal.Permanent || refusal.Stage != AtRecipient || refusal.Code != 0 {
		t.Errorf("want it refused for good where the server knows no such addresses, got %+v", refusal)
	}
}

func TestTheSignInIsNeverRepeated(t *testing.T) {
	t.Parallel()
	server := &desk{offersAuth: true, refuse: refuseAt("auth", 535,
		"postbode/geheim-woord AHBvc3Rib2RlAGdlaGVpbS13b29yZA== Z2VoZWltLXdvb3Jk GEHEIM-WOORD")}
	options := server.open(t, StartTLS, true)
	options.Username, options.Password = "postbode", "geheim-woord"
	_, err := NewSender(options).Open(t.Context())
	if got, want := asRefusal(t, err).Text, "[hidden]/[hidden] [hidden] [hidden] [hidden]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAConnectionThatNobodyAnswersIsTemporary(t *testing.T) {
	t.Parallel()
	options := new(desk).open(t, NoTLS, false)
	options.Port = 1
	_, err := NewSender(options).Open(t.Context())
	if refusal := asRefusal(t, err); refusal.Permanent || refusal.Code != 0 || refusal.Stage != AtConnection {
		t.Errorf("got %+v", refusal)
	}
}
