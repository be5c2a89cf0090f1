package testrig

import (
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// patience is how long Expect waits for what must come. It is only ever spent by a test that fails.
const patience = 20 * time.Second

// Mailbox is an SMTP server on a loopback port that keeps every mail it gets, whoever it is for. It can be told to misbehave
// as real servers do. All methods can be used at any time, by many goroutines at once; those that take a t end the test and
// belong to its own goroutine.
type Mailbox struct {
	listener net.Listener
	closing  chan struct{}

	mutex   sync.Mutex
	arrived []*delivery
	// attempts counts the deliveries begun, refused ones included, by folded address.
	attempts    map[string]int
	connections int
	// news is closed, and replaced, whenever something above changes.
	news chan struct{}

	refusals    map[string]refusal
	down        bool
	hold        chan struct{} // while not nil, no mail is answered until it is closed
	loseAnswers int
}

type refusal struct {
	reply *smtp.SMTPError
	times int // that are left; negative: without end
}

// NewMailbox starts a mailbox for the duration of the test.
func NewMailbox(t testing.TB) *Mailbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &Mailbox{
		listener: listener, closing: make(chan struct{}),
		attempts: map[string]int{}, refusals: map[string]refusal{}, news: make(chan struct{}),
	}
	server := smtp.NewServer(smtp.BackendFunc(m.receive))
	server.ErrorLog, server.EnableSMTPUTF8 = log.New(io.Discard, "", 0), true
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		close(m.closing)
		_ = server.Close()
		_ = listener.Close() // which a server that hadn't begun yet doesn't close
		<-served
	})
	return m
}

// Address is where it listens: "127.0.0.1:12345".
func (m *Mailbox) Address() string { return m.listener.Addr().String() }

// URL is the address as the setting SLEUTELBOS_SMTP_URL wants it.
func (m *Mailbox) URL() string { return "smtp://" + m.Address() + "?tls=none" }

// Expect waits for the next mail to that address that no Expect has taken yet, oldest first.
func (m *Mailbox) Expect(t testing.TB, to string) Mail {
	t.Helper()
	return m.ExpectSubject(t, to, "")
}

// ExpectSubject is Expect for a mail whose subject contains these words; others to that address stay untaken.
func (m *Mailbox) ExpectSubject(t testing.TB, to, words string) Mail {
	t.Helper()
	var found *delivery
	m.await(t, func() bool {
		for _, d := range m.arrived {
			if !d.taken && strings.EqualFold(d.to, to) && strings.Contains(d.mail().Subject, words) {
				d.taken, found = true, d
				return true
			}
		}
		return false
	}, func() string { return "no mail to " + to + " with the subject «" + words + "»" })
	return found.mail()
}

// ExpectTotal waits until so many mails have come since the start, taken or not, to whomever.
func (m *Mailbox) ExpectTotal(t testing.TB, total int) {
	t.Helper()
	m.await(t, func() bool { return len(m.arrived) >= total }, func() string { return "too few mails" })
}

// ExpectAttempts waits until so many deliveries to that address were begun, refused ones included.
func (m *Mailbox) ExpectAttempts(t testing.TB, to string, attempts int) {
	t.Helper()
	m.await(t, func() bool { return m.attempts[fold(to)] >= attempts }, func() string { return "too few attempts for " + to })
}

// await waits until the condition holds; it is asked under the lock, at once and after each change.
func (m *Mailbox) await(t testing.TB, holds func() bool, complaint func() string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		m.mutex.Lock()
		done, news := holds(), m.news
		m.mutex.Unlock()
		if done {
			return
		}
		select {
		case <-news:
		case <-deadline:
			t.Fatalf("%s after %s; the mailbox holds:\n%s", complaint(), patience, m.list())
		}
	}
}

func (m *Mailbox) list() string {
	var lines strings.Builder
	for _, mail := range m.All() {
		lines.WriteString("  to " + mail.To + ": " + mail.Subject + "\n")
	}
	return lines.String()
}

// Count is how many mails have come to that address, taken or not.
func (m *Mailbox) Count(to string) int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	count := 0
	for _, d := range m.arrived {
		if strings.EqualFold(d.to, to) {
			count++
		}
	}
	return count
}

// Total is how many mails have come.
func (m *Mailbox) Total() int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return len(m.arrived)
}

// All are the mails that have come, in order, taken or not.
func (m *Mailbox) All() []Mail {
	m.mutex.Lock()
	arrived := slices.Clone(m.arrived)
	m.mutex.Unlock()
	all := make([]Mail, 0, len(arrived))
	for _, d := range arrived {
		all = append(all, d.mail())
	}
	return all
}

// Connections is how many SMTP sessions have been opened.
func (m *Mailbox) Connections() int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.connections
}

// Refuse answers every mail to that address with the code and text, until Accept.
func (m *Mailbox) Refuse(address string, code int, text string) {
	m.refuse(address, code, text, -1)
}

// RefuseTemporarily answers the next so many mails to that address with 451, and takes those after.
func (m *Mailbox) RefuseTemporarily(address string, times int) {
	m.refuse(address, 451, "try again later", times)
}

func (m *Mailbox) refuse(address string, code int, text string, times int) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.refusals[fold(address)] = refusal{&smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: text}, times}
}

// Accept ends what Refuse began.
func (m *Mailbox) Accept(address string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	delete(m.refusals, fold(address))
}

// GoDown answers everything with 421, new connections and open ones, until ComeUp.
func (m *Mailbox) GoDown() { m.setDown(true) }

// ComeUp ends what GoDown began.
func (m *Mailbox) ComeUp() { m.setDown(false) }

func (m *Mailbox) setDown(down bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.down = down
}

// Hang takes in mails without a word, until released; then it keeps and answers them.
func (m *Mailbox) Hang() (release func()) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	hold := make(chan struct{})
	m.hold = hold
	return sync.OnceFunc(func() {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		if m.hold == hold {
			m.hold = nil
		}
		close(hold)
	})
}

// LoseAnswers keeps the next so many mails but drops the connection instead of saying so: the sender can't know, and
// sends them again.
func (m *Mailbox) LoseAnswers(times int) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.loseAnswers = times
}

var (
	errDown = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.NoEnhancedCode, Message: "down for a while"}
	errLost = errors.New("the answer got lost")
)

func fold(address string) string { return strings.ToLower(address) }
