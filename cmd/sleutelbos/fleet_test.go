package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// fleetPortal asks for nothing but a password, and lets programs ask as fast as they can.
const fleetPortal = aPortal + `
twoFactor: {startedBy: organisation}
api: {requestsPerMinute: 100000}
`

const (
	fleetKey = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	// probes are how far the proxy's questions at /readyz lie apart; a server that stops drains for many of them.
	probes = 20 * time.Millisecond
)

// fleet is several servers on one PostgreSQL, or one after the other on one SQLite, each a process of the binary, behind a proxy that sends requests to those
// alone that say at /readyz that they are ready.
type fleet struct {
	t        *testing.T
	database testrig.Database
	mailbox  *testrig.Mailbox
	environ  []string
	// binary is what the next server is started from.
	binary string
	proxy  *httptest.Server

	mutex   sync.Mutex
	members []*member
	turn    int
}

// member is one of the servers.
type member struct {
	*exec.Cmd
	said    *notes
	public  *url.URL
	forward http.Handler
	ready   atomic.Bool
	gone    chan struct{}
}

func newFleet(t *testing.T, database testrig.Database) *fleet {
	t.Helper()
	f := &fleet{t: t, binary: "sleutelbos", database: database, mailbox: testrig.NewMailbox(t)}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "north.yaml"), []byte(fleetPortal), 0o600); err != nil {
		t.Fatal(err)
	}
	address, _, _ := strings.Cut(f.database.URL, "&pool_max_conns")
	address, _, _ = strings.Cut(address, "?pool_max_conns")
	f.environ = append(os.Environ(), "SLEUTELBOS_LISTEN=127.0.0.1:0", "SLEUTELBOS_INTERNAL_LISTEN=127.0.0.1:0",
		"SLEUTELBOS_DATABASE_URL="+address, "SLEUTELBOS_SMTP_URL="+f.mailbox.URL(), "SLEUTELBOS_PORTALS="+folder,
		"SLEUTELBOS_SECRET_KEYS="+fleetKey, "SLEUTELBOS_DRAIN=500ms", "SLEUTELBOS_LOG=warn",
		"SLEUTELBOS_TRUSTED_PROXIES=127.0.0.1/32", "SLEUTELBOS_WEBHOOK_ALLOWED_NETWORKS=127.0.0.0/8")
	f.proxy = httptest.NewServer(http.HandlerFunc(f.pass))
	t.Cleanup(f.proxy.Close)
	return f
}

// start adds a server, with further settings, and comes back when it is ready.
func (f *fleet) start(settings ...string) *member {
	f.t.Helper()
	m := &member{Cmd: exec.Command(f.binary, "serve"), said: &notes{more: make(chan struct{})}, gone: make(chan struct{})}
	m.Stdout, m.Stderr = m.said, m.said
	m.Env = append(append(f.environ, "SLEUTELBOS_LOG=info"), settings...)
	if err := m.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = m.Process.Kill() })
	said, ok := m.said.await([]string{`"msg":"serving"`})
	if !ok {
		f.t.Fatalf("it doesn't serve: %s", said)
	}
	public, err := url.Parse(publicAddress.FindStringSubmatch(said)[1])
	if err != nil {
		f.t.Fatal(err)
	}
	// A transport of its own, whose idle connections are used again: a proxy that never reuses one would hide the trouble.
	forward := httputil.NewSingleHostReverseProxy(public)
	forward.Transport, forward.ErrorLog = &http.Transport{MaxIdleConnsPerHost: 20}, log.New(io.Discard, "", 0)
	m.public, m.forward = public, forward
	ready := make(chan struct{})
	go m.watch(internalAddress.FindStringSubmatch(said)[1]+"/readyz", sync.OnceFunc(func() { close(ready) }))
	f.mutex.Lock()
	f.members = append(f.members, m)
	f.mutex.Unlock()
	<-ready
	return m
}

// watch asks again and again whether the server is ready, until it is gone.
func (m *member) watch(address string, ready func()) {
	ticks := time.NewTicker(probes)
	defer ticks.Stop()
	for {
		answer, err := http.Get(address)
		isReady := err == nil && answer.StatusCode == http.StatusOK
		if err == nil {
			answer.Body.Close()
		}
		m.ready.Store(isReady)
		if isReady {
			ready()
		}
		select {
		case <-m.gone:
			m.ready.Store(false)
			return
		case <-ticks.C:
		}
	}
}

// pass sends a request to the next server that is ready. It tries no other: what fails there fails.
func (f *fleet) pass(w http.ResponseWriter, r *http.Request) {
	f.mutex.Lock()
	var next *member
	for range f.members {
		f.turn = (f.turn + 1) % len(f.members)
		if f.members[f.turn].ready.Load() {
			next = f.members[f.turn]
			break
		}
	}
	f.mutex.Unlock()
	if next == nil {
		http.Error(w, "no server is ready", http.StatusServiceUnavailable)
		return
	}
	next.forward.ServeHTTP(w, r)
}

// end ends a server by a signal, and forgets it.
func (f *fleet) end(m *member, signal syscall.Signal) {
	f.t.Helper()
	if err := m.Process.Signal(signal); err != nil {
		f.t.Fatal(err)
	}
	err := m.Wait()
	close(m.gone)
	f.mutex.Lock()
	for i, one := range f.members {
		if one == m {
			f.members = append(f.members[:i:i], f.members[i+1:]...)
			break
		}
	}
	f.mutex.Unlock()
	if signal == syscall.SIGTERM && err != nil {
		f.t.Errorf("it ended with %v:\n%s", err, m.said)
	}
}

// run runs another command of the binary with the fleet's settings.
func (f *fleet) run(arguments ...string) string {
	f.t.Helper()
	command := exec.CommandContext(f.t.Context(), f.binary, arguments...)
	command.Env = f.environ
	out, err := command.Output()
	if err != nil {
		said := ""
		if failed, is := errors.AsType[*exec.ExitError](err); is {
			said = string(failed.Stderr)
		}
		f.t.Fatalf("%v: %v\n%s", arguments, err, said)
	}
	return strings.TrimSpace(string(out))
}

// rig is the fleet as its users see it: behind its proxy.
func (f *fleet) rig() *rig.Rig {
	f.t.Helper()
	folder := f.t.TempDir()
	_ = os.WriteFile(filepath.Join(folder, "north.yaml"), []byte(fleetPortal), 0o600)
	portals, err := config.ReadPortals(folder)
	if err != nil {
		f.t.Fatal(err)
	}
	return &rig.Rig{T: f.t, URL: f.proxy.URL, Mailbox: f.mailbox, Portals: portals}
}

// partner is a program that creates organisations, brings users, and hears of both.
func (f *fleet) partner(r *rig.Rig) *rig.Browser {
	f.t.Helper()
	return r.Partner("north", f.token())
}

// token lets a program create organisations, bring users, and hear of both.
func (f *fleet) token() string {
	f.t.Helper()
	return f.run("token", "create", "--portal", "north", "--name", "test",
		"--scopes", "ORGANISATIONS_WRITE,ORGANISATIONS_READ,USERS_WRITE,USERS_READ,WEBHOOKS_WRITE")
}

const createOrganisation = `mutation ($name: String!, $email: EmailAddress!) {
	createOrganisation(input: {name: $name, mainUser: {email: $email, displayName: $name}, idempotencyKey: $name}) {
		organisation { id } userErrors { code path }
	}
}`

func organisationNamed(name string) map[string]any {
	return map[string]any{"name": name, "email": strings.ToLower(name) + "@fleet.test"}
}

// all does each of the works again and again, at once, until the context ends; each is told how often it was done before.
func all(ctx context.Context, works ...func(turn int)) (wait func()) {
	var group sync.WaitGroup
	for _, work := range works {
		group.Go(func() {
			for turn := 0; ctx.Err() == nil; turn++ {
				work(turn)
			}
		})
	}
	return group.Wait
}
