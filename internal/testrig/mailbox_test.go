package testrig_test

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"sync"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func post(t *testing.T, mailbox *testrig.Mailbox, to, subject string) error {
	t.Helper()
	return postWithin(t.Context(), t, mailbox, to, subject)
}

func postWithin(ctx context.Context, t *testing.T, mailbox *testrig.Mailbox, to, subject string) error {
	t.Helper()
	options, err := mail.ParseURL(mailbox.URL())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := mail.NewSender(options).Open(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Send(ctx, &mail.Letter{
		From: netmail.Address{Address: "online@voorbeeld.nl"}, To: netmail.Address{Name: "Jan", Address: to},
		Subject: subject, Text: "Klik:\nhttps://mijn.voorbeeld.nl/wachtwoord#token=abc_-123\nof niet: https://example.nl\n", HTML: "<p>Klik</p>",
		MessageID: "msg_1@voorbeeld.nl", Language: "nl", Date: time.Date(2025, 6, 11, 12, 0, 0, 0, time.UTC),
	})
}

func mustPost(t *testing.T, mailbox *testrig.Mailbox, to, subject string) {
	t.Helper()
	if err := post(t, mailbox, to, subject); err != nil {
		t.Fatal(err)
	}
}

func code(t *testing.T, err error) int {
	t.Helper()
	refusal, ok := errors.AsType[*mail.Refusal](err)
	if !ok {
		t.Fatalf("want a refusal, got %v", err)
	}
	return refusal.Code
}

func TestAMailIsFoundAsItWasSent(t *testing.T) {
	t.Parallel()
	mailbox := testrig.NewMailbox(t)
	mustPost(t, mailbox, "Jan@transport.test", "Één")
	got := mailbox.Expect(t, "jan@Transport.test")
	if got.To != "Jan@transport.test" || got.From != "online@voorbeeld.nl" || got.Subject != "Één" || got.HTML != "<p>Klik</p>" ||
		got.MessageID != "<msg_1@voorbeeld.nl>" || got.Link != "https://mijn.voorbeeld.nl/wachtwoord#token=abc_-123" || got.Token != "abc_-123" {
		t.Errorf("%+v", got)
	}
}

func TestEachMailIsTakenOnce(t *testing.T) {
	t.Parallel()
	mailbox := testrig.NewMailbox(t)
	for _, subject := range []string{"een", "twee", "drie"} {
		mustPost(t, mailbox, "jan@transport.test", subject)
	}
	mustPost(t, mailbox, "piet@transport.test", "vier")
	for _, got := range []testrig.Mail{
		mailbox.ExpectSubject(t, "jan@transport.test", "twee"), mailbox.Expect(t, "jan@transport.test"), mailbox.Expect(t, "jan@transport.test"),
	} {
		t.Log(got.Subject)
	}
	if jan, piet, all := mailbox.Count("jan@transport.test"), mailbox.Count("piet@transport.test"), mailbox.Total(); jan != 3 || piet != 1 || all != 4 {
		t.Error(jan, piet, all)
	}
	if last := mailbox.All()[3]; last.Subject != "vier" {
		t.Errorf("%+v", last)
	}
}

func TestExpectWaitsForAMailThatIsUnderWay(t *testing.T) {
	t.Parallel()
	mailbox := testrig.NewMailbox(t)
	var posts sync.WaitGroup
	for i := range 5 {
		posts.Go(func() { _ = post(t, mailbox, fmt.Sprintf("user%d@transport.test", i), "later") })
	}
	for i := range 5 {
		mailbox.Expect(t, fmt.Sprintf("user%d@transport.test", i))
	}
	mailbox.ExpectTotal(t, 5)
	posts.Wait()
	if got := mailbox.Connections(); got != 5 {
		t.Error(got, "connections")
	}
}

func TestAMailboxRefusesWhomItIsToldTo(t *testing.T) {
	t.Parallel()
	mailbox := testrig.NewMailbox(t)
	mailbox.Refuse("jan@transport.test", 550, "unknown")
	mailbox.RefuseTemporarily("piet@transport.test", 2)
	for range 2 {
		if got := code(t, post(t, mailbox, "JAN@transport.test", "x")); got != 550 {
			t.Error(got)
		}
		if got := code(t, post(t, mailbox, "piet@transport.test", "x")); got != 451 {
			t.Error(got)
		}
	}
	mailbox.ExpectAttempts(t, "jan@transport.test", 2)
	mailbox.Accept("jan@transport.test")
	mustPost(t, mailbox, "jan@transport.test", "x")
	mustPost(t, mailbox, "piet@transport.test", "x")
	if got := mailbox.Total(); got != 2 {
		t.Error(got, "mails")
	}
}

func TestAMailboxThatIsDownTakesNothingUntilItComesUp(t *testing.T) {
	t.Parallel()
	mailbox := testrig.NewMailbox(t)
	mailbox.GoDown()
	if got := code(t, post(t, mailbox, "jan@transport.test", "x")); got != 421 {
		t.Error(got)
	}
	mailbox.ComeUp()
	mustPost(t, mailbox, "jan@transport.test", "x")
}

func TestAMailboxThatHangsAnswersWhenReleased(t *testing.T) {
	t.Parallel()
	mailbox := testrig.NewMailbox(t)
	release := mailbox.Hang()
	ctx, cancel := context.WithCancel(t.Context())
	answers := make(chan error)
	go func() { answers <- postWithin(ctx, t, mailbox, "jan@transport.test", "given up") }()
	mailbox.ExpectAttempts(t, "jan@transport.test", 1)
	cancel()
	if err := <-answers; !errors.Is(err, context.Canceled) || mailbox.Total() != 0 {
		t.Error("want the sender to give up before the mail is kept, got", err)
	}
	go func() { answers <- post(t, mailbox, "piet@transport.test", "patient") }()
	mailbox.ExpectAttempts(t, "piet@transport.test", 1)
	release()
	if err := <-answers; err != nil {
		t.Error(err)
	}
	mailbox.Expect(t, "piet@transport.test")
}

func TestALostAnswerLeavesTheMailInTheMailbox(t *testing.T) {
	t.Parallel()
	mailbox := testrig.NewMailbox(t)
	mailbox.LoseAnswers(1)
	if got := code(t, post(t, mailbox, "jan@transport.test", "x")); got != 0 {
		t.Error("want a broken connection, got", got)
	}
	mustPost(t, mailbox, "jan@transport.test", "x")
	first, second := mailbox.Expect(t, "jan@transport.test"), mailbox.Expect(t, "jan@transport.test")
	if first.Raw != second.Raw {
		t.Error("the retry is another mail")
	}
}
