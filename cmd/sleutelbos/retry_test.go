package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// A server dies after its commit and before its answer. Whoever asks again, with the same key, hears what they would have heard:
// of a process that was there all the while on PostgreSQL, of the one started next on SQLite.
func TestAServerKilledBetweenItsCommitAndItsAnswerHasDoneItOnce(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f := newFleet(t, testrig.NewPostgres(t, nil))
		line := newMuteLine(t, f.database.URL)
		f.start()
		f.wantOnce(t, f.start("SLEUTELBOS_DATABASE_URL="+line.url), line.cut)
		if silenced := line.silenced.Load(); silenced != 1 {
			t.Errorf("%d commits went unanswered", silenced)
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f := newFleet(t, testrig.NewSQLite(t, nil))
		f.wantOnce(t, f.start(), func() {})
	})
}

// wantOnce asks a server for an organisation, kills it once the row is committed and before anybody heard of it, and asks again.
func (f *fleet) wantOnce(t *testing.T, doomed *member, ready func()) {
	t.Helper()
	token := f.token()
	ready()
	asked := f.ask(doomed, token)
	f.awaitOrganisation()
	f.end(doomed, syscall.SIGKILL)
	asked.Close()
	if len(f.members) == 0 {
		f.start()
	}
	partner := f.rig().Partner("north", token)
	first := f.text("SELECT organisation_id FROM organisations WHERE name = 'Once'")
	for range 2 {
		if again := partner.Do(createOrganisation, organisationNamed("Once")); again.String("createOrganisation.organisation.id") != first {
			t.Errorf("%s was made, and asked for again it is %s", first, again.Text)
		}
	}
	f.expectNoneQueued()
	if made := f.count("SELECT count(*) FROM organisations WHERE name = 'Once'"); made != 1 {
		t.Errorf("it was made %d times", made)
	}
	mails := map[string]bool{} // one that was on its way may come again, as the same
	for _, mail := range f.mailbox.All() {
		mails[mail.To+" "+mail.MessageID] = true
	}
	if len(mails) != 1 {
		t.Errorf("%d mails came: %v", len(mails), mails)
	}
}

// ask sends a server the request for an organisation, and never reads its answer.
func (f *fleet) ask(server *member, token string) io.Closer {
	f.t.Helper()
	body, err := json.Marshal(map[string]any{"query": createOrganisation, "variables": organisationNamed("Once")})
	if err != nil {
		f.t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, server.public.String()+"/portals/north/graphql", bytes.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	connection, err := net.Dial("tcp", server.public.Host)
	if err == nil {
		err = request.Write(connection)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return connection
}

func (f *fleet) awaitOrganisation() {
	f.t.Helper()
	deadline, again := time.After(time.Minute), time.NewTicker(time.Millisecond)
	defer again.Stop()
	for f.count("SELECT count(*) FROM organisations WHERE name = 'Once'") == 0 {
		select {
		case <-again.C:
		case <-deadline:
			f.t.Fatal("the organisation isn't there")
		}
	}
}

func (f *fleet) text(query string) (text string) {
	f.t.Helper()
	if err := f.database.SystemSQL().QueryRowContext(f.t.Context(), query).Scan(&text); err != nil {
		f.t.Fatal(err)
	}
	return text
}

// muteLine stands between a server and PostgreSQL. Once it is cut, a connection that makes an organisation and commits hears
// nothing more: the server hangs between its commit and its answer, for as long as the test likes.
type muteLine struct {
	url      string
	target   string
	isCut    atomic.Bool
	silenced atomic.Int32
}

func newMuteLine(t *testing.T, database string) *muteLine {
	t.Helper()
	parsed, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	line := &muteLine{target: parsed.Host}
	parsed.Host = listener.Addr().String()
	line.url = parsed.String()
	go func() {
		for {
			server, err := listener.Accept()
			if err != nil {
				return
			}
			go line.carry(server)
		}
	}()
	return line
}

func (l *muteLine) cut() { l.isCut.Store(true) }

func (l *muteLine) carry(server net.Conn) {
	defer server.Close()
	database, err := net.Dial("tcp", l.target)
	if err != nil {
		return
	}
	defer database.Close()
	var mute atomic.Bool
	go func() {
		_, _ = io.Copy(earshot{server, &mute}, database)
		if !mute.Load() {
			_ = server.Close()
		}
	}()
	makes, part := false, make([]byte, 64<<10)
	for {
		n, err := server.Read(part)
		if err != nil {
			return
		}
		makes = makes || bytes.Contains(part[:n], []byte(`INSERT INTO "organisations"`))
		if l.isCut.Load() && makes && bytes.Contains(bytes.ToLower(part[:n]), []byte("commit")) {
			mute.Store(true)
			l.silenced.Add(1)
		}
		if _, err := database.Write(part[:n]); err != nil {
			return
		}
	}
}

// earshot passes on what the database says, until the line is mute.
type earshot struct {
	net.Conn
	mute *atomic.Bool
}

func (e earshot) Write(said []byte) (int, error) {
	if e.mute.Load() {
		return len(said), nil
	}
	n, err := e.Conn.Write(said)
	if err != nil {
		return n, fmt.Errorf("pass on what the database says: %w", err)
	}
	return n, nil
}
