package testrig

import (
	"bytes"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime/v2"
)

// Mail is a mail as a person finds it in the mailbox.
type Mail struct {
	// To and From are the bare addresses of the SMTP dialogue, not those of the headers.
	To, From            string
	Subject, Text, HTML string
	MessageID           string // with its angle brackets
	// Link is the first one in the text, Token what stands behind "#token=" in it; both may be empty.
	Link, Token string
	// Raw is the mail as it came.
	Raw string
}

var link = regexp.MustCompile(`https?://\S+`)

// delivery is a mail as it came; most are never looked at, so it is parsed when somebody does.
type delivery struct {
	to, from string
	raw      []byte
	taken    bool
	once     sync.Once
	parsed   Mail
}

func (d *delivery) mail() Mail {
	d.once.Do(func() {
		d.parsed = Mail{To: d.to, From: d.from, Raw: string(d.raw)}
		envelope, err := enmime.ReadEnvelope(bytes.NewReader(d.raw))
		if err != nil {
			d.parsed.Subject = "unreadable mail: " + err.Error()
			return
		}
		d.parsed.Subject, d.parsed.MessageID = envelope.GetHeader("Subject"), envelope.GetHeader("Message-ID")
		d.parsed.Text, d.parsed.HTML = strings.ReplaceAll(envelope.Text, "\r\n", "\n"), strings.ReplaceAll(envelope.HTML, "\r\n", "\n")
		d.parsed.Link = link.FindString(d.parsed.Text)
		_, d.parsed.Token, _ = strings.Cut(d.parsed.Link, "#token=")
	})
	return d.parsed
}

// postman is one SMTP session.
type postman struct {
	mailbox  *Mailbox
	line     net.Conn
	from, to string
}

func (m *Mailbox) receive(conn *smtp.Conn) (smtp.Session, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.connections++
	if m.down {
		return nil, errDown
	}
	return &postman{mailbox: m, line: conn.Conn()}, nil
}

func (p *postman) Mail(from string, _ *smtp.MailOptions) error {
	p.mailbox.mutex.Lock()
	defer p.mailbox.mutex.Unlock()
	p.from = from
	if p.mailbox.down {
		return errDown
	}
	return nil
}

func (p *postman) Rcpt(to string, _ *smtp.RcptOptions) error {
	m := p.mailbox
	m.mutex.Lock()
	defer m.mutex.Unlock()
	p.to = to
	m.attempts[fold(to)]++
	m.tell()
	refused, ok := m.refusals[fold(to)]
	switch {
	case m.down:
		return errDown
	case !ok || refused.times == 0:
		return nil
	}
	refused.times--
	m.refusals[fold(to)] = refused
	return refused.reply
}

func (p *postman) Data(content io.Reader) error {
	raw, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	p.wait()
	m := p.mailbox
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.down {
		return errDown
	}
	m.arrived = append(m.arrived, &delivery{to: p.to, from: p.from, raw: raw})
	m.tell()
	if m.loseAnswers > 0 {
		m.loseAnswers--
		_ = p.line.Close()
		return errLost
	}
	return nil
}

// wait lasts as long as the mailbox hangs.
func (p *postman) wait() {
	p.mailbox.mutex.Lock()
	hold := p.mailbox.hold
	p.mailbox.mutex.Unlock()
	if hold == nil {
		return
	}
	select {
	case <-hold:
	case <-p.mailbox.closing:
	}
}

// tell wakes whoever awaits a change. The lock is held.
func (m *Mailbox) tell() {
	close(m.news)
	m.news = make(chan struct{})
}

func (p *postman) Reset()        { p.from, p.to = "", "" }
func (p *postman) Logout() error { return nil }
