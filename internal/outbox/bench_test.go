package outbox_test

import (
	"context"
	"io"
	"log"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// mails is what an activation of a big organisation sends: one operation of the benchmark.
const mails = 10_000

// BenchmarkDelivery measures from the beginning of the transaction that tells everybody to the last message settled,
// against a mail server that throws everything away. "alone" is the floor: the same letters over one connection, without
// database and outbox.
func BenchmarkDelivery(b *testing.B) {
	b.Run("alone", benchmarkAlone)
	b.Run("sqlite", func(b *testing.B) { benchmarkDelivery(b, testrig.NewSQLite(b, nil)) })
	b.Run("postgres", func(b *testing.B) { benchmarkDelivery(b, testrig.NewPostgres(b, nil)) })
}

func benchmarkDelivery(b *testing.B, db testrig.Database) {
	r := newRig(b, db, 100)
	url := newSink(b)
	r.start(b, func(o *outbox.Options) { o.Sender = sender(b, url) })
	for b.Loop() {
		r.within(b, func(_ context.Context, s *store.Scope) error {
			for n := range mails {
				r.tellIn(b, s, r.users[n%len(r.users)])
			}
			return nil
		})
		for range mails {
			if got := <-r.outcomes; got != outbox.Delivered {
				b.Fatal(got)
			}
		}
	}
	b.ReportMetric(float64(b.N)*mails/b.Elapsed().Seconds(), "mails/s")
}

func benchmarkAlone(b *testing.B) {
	line, err := sender(b, newSink(b)).Open(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer line.Close()
	expires := noon.Add(time.Hour)
	for b.Loop() {
		for n := range mails {
			message := identity.Message{
				ID: id(identity.KindMessage, n), Kind: identity.PasswordResetMessage, Language: identity.Dutch, To: "user1@transport.test",
				Name: "User 1", OrganisationName: "Transport Wientjes B.V.", CreatedAt: noon, ExpiresAt: &expires,
			}
			letter, err := mail.Render(portal, message, "marker-token")
			if err != nil {
				b.Fatal(err)
			}
			if err := line.Send(b.Context(), letter); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N)*mails/b.Elapsed().Seconds(), "mails/s")
}

// sink is a mail server that takes everything and keeps nothing.
type sink struct{}

func newSink(b *testing.B) (url string) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return sink{}, nil }))
	server.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return "smtp://" + listener.Addr().String() + "?tls=none"
}

func (sink) Mail(string, *smtp.MailOptions) error { return nil }
func (sink) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (sink) Reset()                               {}
func (sink) Logout() error                        { return nil }

func (sink) Data(content io.Reader) error {
	_, err := io.Copy(io.Discard, content)
	return err
}
