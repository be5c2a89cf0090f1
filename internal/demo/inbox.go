package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime/v2"
)

// Mail is a mail, or a text, as a person finds it.
type Mail struct {
	Number  int       `json:"number"` // from 1, in the order in which they came
	Medium  string    `json:"medium"` // "mail" or "text"; a text's subject is its first line
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	// Link is the first one in the text, and Token what it carries; both may be empty.
	Link  string `json:"link"`
	Token string `json:"token"`
}

// Inbox is an SMTP server and a Twilio on this machine that keep what they get, whoever it is for. Safe for concurrent use.
type Inbox struct {
	server   *smtp.Server
	listener net.Listener
	twilio   *http.Server
	phones   net.Listener
	mutex    sync.Mutex
	mails    []Mail
	came     chan struct{} // closed, and replaced, when a mail comes
}

const (
	longestMail = 1 << 20 // bytes
	mostMails   = 1000    // kept; the oldest goes first
)

// OpenInbox starts an inbox on free ports.
func OpenInbox() (*Inbox, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the inbox: %w", err)
	}
	phones, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the inbox: %w", errors.Join(err, listener.Close()))
	}
	inbox := &Inbox{listener: listener, phones: phones, came: make(chan struct{})}
	inbox.twilio = &http.Server{Handler: inbox.texts(), ReadTimeout: time.Minute}
	inbox.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{inbox: inbox}, nil }))
	inbox.server.Domain, inbox.server.MaxMessageBytes = "localhost", longestMail
	inbox.server.ReadTimeout, inbox.server.WriteTimeout = time.Minute, time.Minute
	go func() { _ = inbox.server.Serve(listener) }() // both end with Close
	go func() { _ = inbox.twilio.Serve(phones) }()
	return inbox, nil
}

// URL is the address as the setting SLEUTELBOS_SMTP_URL wants it.
func (i *Inbox) URL() string { return "smtp://" + i.listener.Addr().String() + "?tls=none" }

// Close ends it.
func (i *Inbox) Close() error { return errors.Join(i.server.Close(), i.twilio.Close()) }

// Mails are those that came, the latest first.
func (i *Inbox) Mails() []Mail {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	latest := make([]Mail, 0, len(i.mails))
	for n := len(i.mails) - 1; n >= 0; n-- {
		latest = append(latest, i.mails[n])
	}
	return latest
}

// mail answers the one with that number.
func (i *Inbox) mail(number int) (Mail, bool) {
	for _, one := range i.Mails() {
		if one.Number == number {
			return one, true
		}
	}
	return Mail{}, false
}

// await waits for the first mail to an address that has a link with a token.
func (i *Inbox) await(ctx context.Context, to string) (Mail, error) {
	for {
		i.mutex.Lock()
		came := i.came
		for _, one := range i.mails {
			if one.Token != "" && strings.EqualFold(one.To, to) {
				i.mutex.Unlock()
				return one, nil
			}
		}
		i.mutex.Unlock()
		select {
		case <-came:
		case <-ctx.Done():
			return Mail{}, fmt.Errorf("wait for the mail: %w", context.Cause(ctx))
		}
	}
}

func (i *Inbox) keep(mail Mail) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	mail.Number = 1
	if kept := len(i.mails); kept > 0 {
		mail.Number = i.mails[kept-1].Number + 1
	}
	i.mails = append(i.mails, mail)
	if len(i.mails) > mostMails {
		i.mails = append([]Mail(nil), i.mails[1:]...)
	}
	close(i.came)
	i.came = make(chan struct{})
}

// delivery is one SMTP session.
type delivery struct {
	inbox    *Inbox
	from, to string
}

// Mail begins a mail (MAIL FROM).
func (d *delivery) Mail(from string, _ *smtp.MailOptions) error {
	d.from = from
	return nil
}

// Rcpt says whom it is for (RCPT TO).
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = to
	return nil
}

var link = regexp.MustCompile(`https?://\S+`)

// Data takes it in.
func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return errors.New("that is no mail")
	}
	mail := Mail{
		Medium: "mail", At: time.Now(), From: d.from, To: d.to, Subject: envelope.GetHeader("Subject"), Text: envelope.Text, HTML: envelope.HTML,
		Link: link.FindString(envelope.Text),
	}
	_, mail.Token, _ = strings.Cut(mail.Link, "#token=")
	d.inbox.keep(mail)
	return nil
}

// Reset forgets what was begun.
func (d *delivery) Reset() { d.from, d.to = "", "" }

// Logout ends the session.
func (d *delivery) Logout() error { return nil }
