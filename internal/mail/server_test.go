package mail

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// desk is an SMTP server in this process, and what it was told.
type desk struct {
	// refuse answers at a stage ("hello", "auth", "MAIL", "RCPT", "DATA"), with the address or password given there.
	refuse func(stage, given string) error
	// offersAuth makes it want a sign-in by AUTH PLAIN.
	offersAuth bool

	mutex   sync.Mutex
	letters []string
	said    []string
}

// open starts the server on a loopback port. A server that offers TLS proves itself by a certificate of its own making;
// the options trust that.
func (d *desk) open(t testing.TB, security Security, offersTLS bool) Options {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		d.note("hello")
		return &visit{d}, d.answer("hello", "")
	}))
	server.AllowInsecureAuth, server.EnableSMTPUTF8 = true, true
	server.ErrorLog = log.New(io.Discard, "", 0)
	options := Options{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: security, LocalName: "client.test"}
	if offersTLS {
		web := httptest.NewUnstartedServer(nil)
		web.StartTLS()
		t.Cleanup(web.Close)
		server.TLSConfig = web.TLS.Clone()
		server.TLSConfig.NextProtos = nil
		options.RootCAs = x509.NewCertPool()
		options.RootCAs.AddCert(web.Certificate())
	}
	accepting, served := listener, make(chan struct{})
	go func() {
		defer close(served)
		if security == ImplicitTLS {
			listener = tls.NewListener(listener, server.TLSConfig)
		}
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = accepting.Close() // which a server that hadn't begun yet doesn't close
		<-served
	})
	return options
}

func (d *desk) answer(stage, given string) error {
	if d.refuse == nil {
		return nil
	}
	return d.refuse(stage, given)
}

func (d *desk) note(said string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.said = append(d.said, said)
}

func (d *desk) heard() string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return strings.Join(d.said, " ")
}

func (d *desk) received() []string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return append([]string(nil), d.letters...)
}

// visit is one session at the desk.
type visit struct{ desk *desk }

func (v *visit) AuthMechanisms() []string {
	if v.desk.offersAuth {
		return []string{sasl.Plain}
	}
	return nil
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		v.desk.note("auth=" + username)
		return v.desk.answer("auth", password)
	}), nil
}

func (v *visit) Mail(from string, options *smtp.MailOptions) error {
	v.desk.note(fmt.Sprintf("from=%s,utf8=%t", from, options.UTF8))
	return v.desk.answer("MAIL", from)
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.desk.note("to=" + to)
	return v.desk.answer("RCPT", to)
}

func (v *visit) Data(content io.Reader) error {
	letter, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	if refused := v.desk.answer("DATA", string(letter)); refused != nil {
		return refused
	}
	v.desk.mutex.Lock()
	defer v.desk.mutex.Unlock()
	v.desk.letters = append(v.desk.letters, string(letter))
	return nil
}

func (v *visit) Reset()        {}
func (v *visit) Logout() error { v.desk.note("bye"); return nil }

// refuseAt refuses whatever comes at one stage.
func refuseAt(stage string, code int, text string) func(string, string) error {
	return func(at, _ string) error {
		if at == stage {
			return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: text}
		}
		return nil
	}
}

// play starts a server that follows a script: each line it hears that begins with a cue is answered with the reply of
// that cue. The reply "" is silence, "hang up" ends the connection. After a reply that begins with 354 it reads up to the
// lone dot, and answers the cue ".".
func play(t *testing.T, greeting string, cues map[string]string) (Options, *actor) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	actor := &actor{cues: cues, silent: make(chan struct{}, 1)}
	var scenes sync.WaitGroup
	scenes.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			scenes.Go(func() { actor.perform(conn, greeting) })
		}
	})
	t.Cleanup(func() { _ = listener.Close() })
	port := listener.Addr().(*net.TCPAddr).Port
	return Options{Host: "127.0.0.1", Port: port, Security: NoTLS, LocalName: "client.test"}, actor
}

type actor struct {
	cues map[string]string
	// silent tells when a cue was answered with silence.
	silent chan struct{}
	mutex  sync.Mutex
	heard  []string
}

func (a *actor) lines() []string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return append([]string(nil), a.heard...)
}

func (a *actor) perform(conn net.Conn, greeting string) {
	defer conn.Close()
	_, _ = io.WriteString(conn, greeting)
	reader := bufio.NewReader(conn)
	inContent := false
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		if inContent && line != "." {
			if a.cues["content"] == "hang up" {
				return
			}
			continue
		}
		reply := a.hear(line)
		switch reply {
		case "hang up":
			return
		case "":
			select {
			case a.silent <- struct{}{}:
			default:
			}
		}
		inContent = strings.HasPrefix(reply, "354")
		_, _ = io.WriteString(conn, reply)
	}
}

func (a *actor) hear(line string) string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.heard = append(a.heard, line)
	for cue, reply := range a.cues {
		if strings.HasPrefix(line, cue) {
			return reply
		}
	}
	return "250 ok\r\n"
}

// asRefusal fails the test where the error is something else.
func asRefusal(t *testing.T, err error) *Refusal {
	t.Helper()
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok {
		t.Fatalf("want a refusal, got %v", err)
	}
	return refusal
}
