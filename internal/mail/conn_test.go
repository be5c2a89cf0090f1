package mail

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestASlowServerIsLeftAfterTheTimeout(t *testing.T) {
	t.Parallel()
	for cue, cues := range map[string]map[string]string{
		"greeting": nil,
		"EHLO":     {"EHLO": ""},
		"MAIL":     {"MAIL": ""},
		"RCPT":     {"RCPT": ""},
		"DATA":     {"DATA": ""},
		"content":  {"DATA": "354 go on\r\n", ".": ""},
	} {
		t.Run(cue, func(t *testing.T) {
			t.Parallel()
			greeting := "220 ready\r\n"
			if cues == nil {
				greeting = ""
			}
			options, _ := play(t, greeting, cues)
			options.Timeout = 200 * time.Millisecond
			conn, err := NewSender(options).Open(t.Context())
			if err == nil {
				err = conn.Send(t.Context(), exampleLetter(t))
			}
			if refusal := asRefusal(t, err); refusal.Permanent || !isTimeout(err) {
				t.Errorf("want a temporary refusal because of the time, got %+v", refusal)
			}
			if conn != nil && !conn.Broken() {
				t.Error("the connection would be used again")
			}
		})
	}
}

func isTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}

func TestTheContextEndsADialogue(t *testing.T) {
	t.Parallel()
	for _, cue := range []string{"EHLO", "RCPT"} {
		t.Run(cue, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			options, server := play(t, "220 ready\r\n", map[string]string{cue: ""})
			sender := NewSender(options) // whose own time-out is half a minute
			answer := make(chan error)
			go func() {
				conn, err := sender.Open(ctx)
				if err == nil {
					err = conn.Send(ctx, exampleLetter(t))
				}
				answer <- err
			}()
			<-server.silent
			cancel()
			if err := <-answer; !errors.Is(err, context.Canceled) || asRefusal(t, err).Permanent {
				t.Error("want a temporary refusal because of the context, got", err)
			}
		})
	}
}

func TestAServerThatDiesInTheMiddleBreaksTheConnection(t *testing.T) {
	t.Parallel()
	for name, cues := range map[string]map[string]string{
		"at the sender":    {"MAIL": "hang up"},
		"at the recipient": {"RCPT": "hang up"},
		"in the content":   {"DATA": "354 go on\r\n", "content": "hang up"},
		"before its word":  {"DATA": "354 go on\r\n", ".": "hang up"},
		"saying so":        {"RCPT": "421 closing\r\n"},
		"in gibberish":     {"RCPT": "pizza\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options, _ := play(t, "220 ready\r\n", cues)
			conn := mustOpen(t, options)
			if refusal := asRefusal(t, conn.Send(t.Context(), exampleLetter(t))); refusal.Permanent {
				t.Errorf("want a temporary refusal, got %+v", refusal)
			}
			if !conn.Broken() {
				t.Error("the connection would be used again")
			}
		})
	}
}

func TestCommandsWaitForAnswersWhereTheServerWantsThat(t *testing.T) {
	t.Parallel()
	options, server := play(t, "220 ready\r\n", map[string]string{"RCPT": "550 unknown\r\n"})
	conn := mustOpen(t, options)
	if refusal := asRefusal(t, conn.Send(t.Context(), exampleLetter(t))); !refusal.Permanent || conn.Broken() {
		t.Errorf("got %+v", refusal)
	}
	if got, want := strings.Join(server.lines(), " | "),
		"EHLO client.test | MAIL FROM:<online@voorbeeld.nl> | RCPT TO:<jonnie@transport.test> | RSET"; got != want {
		t.Errorf("heard %s\nwant  %s", got, want)
	}
}

func TestAServerThatWantsContentForNobodyGetsNone(t *testing.T) {
	t.Parallel()
	options, server := play(t, "220 ready\r\n", map[string]string{
		"EHLO": "250-test\r\n250 PIPELINING\r\n", "RCPT": "550 unknown\r\n", "DATA": "354 go on\r\n", ".": "554 for nobody\r\n",
	})
	conn := mustOpen(t, options)
	for range 2 {
		if refusal := asRefusal(t, conn.Send(t.Context(), exampleLetter(t))); !refusal.Permanent || refusal.Stage != AtRecipient {
			t.Errorf("got %+v", refusal)
		}
	}
	const each = "MAIL FROM:<online@voorbeeld.nl> | RCPT TO:<jonnie@transport.test> | DATA | . | RSET"
	if got, want := strings.Join(server.lines(), " | "), "EHLO client.test | "+each+" | "+each; got != want || conn.Broken() {
		t.Errorf("heard %s\nwant  %s", got, want)
	}
}

func BenchmarkSend(b *testing.B) {
	letter := exampleLetter(b)
	conn := mustOpen(b, new(desk).open(b, NoTLS, false))
	for b.Loop() {
		if err := conn.Send(context.Background(), letter); err != nil {
			b.Fatal(err)
		}
	}
}
