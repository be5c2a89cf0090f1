package mail

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"time"

	"github.com/wneessen/go-mail"
)

// defaultTimeout is for Options without one.
const defaultTimeout = 30 * time.Second

// Sender delivers letters to one SMTP server. It can be used by many goroutines at once.
type Sender struct {
	options Options
}

// NewSender makes a sender. It connects when asked to, not before.
func NewSender(options Options) *Sender {
	if options.Timeout == 0 {
		options.Timeout = defaultTimeout
	}
	return &Sender{options: options}
}

// Check tells whether a letter could be delivered now: the server answers, its certificate is good, the sign-in works.
// The error is a *Refusal.
func (s *Sender) Check(ctx context.Context) error {
	conn, err := s.Open(ctx)
	if err != nil {
		return err
	}
	conn.Close()
	return nil
}

// Open connects, protects the connection and signs in. The error is a *Refusal and never permanent: whatever is wrong
// here is nobody's address. Context and time-out hold for all of it, the dialogue included.
func (s *Sender) Open(ctx context.Context) (*Conn, error) {
	limited, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	conn := &Conn{timeout: s.options.Timeout}
	if err := s.open(limited, conn); err != nil {
		if conn.raw != nil {
			_ = conn.raw.Close()
		}
		return nil, refuse(AtConnection, because(limited, err), s.options.secrets()...)
	}
	conn.pipelining, _ = conn.client.Extension("PIPELINING")
	conn.international, _ = conn.client.Extension("SMTPUTF8")
	return conn, nil
}

func (s *Sender) open(ctx context.Context, conn *Conn) error {
	release := func() bool { return true }
	dial := func(dialling context.Context, network, address string) (net.Conn, error) {
		raw, err := new(net.Dialer).DialContext(dialling, network, address)
		if err != nil {
			return nil, err
		}
		conn.raw = raw
		// The library lets go of the context once it is connected; this holds on to it until the sign-in is done.
		release = context.AfterFunc(ctx, func() { _ = raw.Close() })
		if s.options.Security == ImplicitTLS {
			return tls.Client(raw, s.options.tls()), nil
		}
		return raw, nil
	}
	client, err := mail.NewClient(s.options.Host, append(s.options.library(), mail.WithDialContextFunc(dial))...)
	if err != nil {
		return fmt.Errorf("prepare SMTP client: %w", err)
	}
	if conn.client, err = client.DialToSMTPClientWithContext(ctx); err != nil {
		return err
	}
	if !release() {
		return context.Cause(ctx)
	}
	return nil
}

// library says the options in go-mail's words.
func (o Options) library() []mail.Option {
	all := []mail.Option{mail.WithPort(o.Port), mail.WithTimeout(o.Timeout), mail.WithTLSConfig(o.tls())}
	mechanisms := []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin}
	switch o.Security {
	case ImplicitTLS:
		all = append(all, mail.WithSSL())
	case NoTLS:
		all = append(all, mail.WithTLSPolicy(mail.NoTLS))
		mechanisms = []mail.SMTPAuthType{mail.SMTPAuthPlainNoEnc}
	default:
		all = append(all, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if o.LocalName != "" {
		all = append(all, mail.WithHELO(o.LocalName))
	}
	if o.Username != "" {
		all = append(all, mail.WithOpportunisticSMTPAuth(mechanisms...), mail.WithUsername(o.Username), mail.WithPassword(o.Password))
	}
	return all
}

func (o Options) tls() *tls.Config {
	return &tls.Config{ServerName: o.Host, MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs}
}

// secrets are what a server might repeat of a sign-in.
func (o Options) secrets() []string {
	if o.Password == "" {
		return nil
	}
	encode := base64.StdEncoding.EncodeToString
	return []string{encode([]byte("\x00" + o.Username + "\x00" + o.Password)), encode([]byte(o.Password)), o.Password, o.Username}
}

// because prefers the end of the context over the broken read or write that it caused.
func because(ctx context.Context, err error) error {
	if ended := context.Cause(ctx); ended != nil {
		return ended
	}
	return err
}
