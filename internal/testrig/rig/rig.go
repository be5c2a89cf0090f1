// Package rig puts a whole Sleutelbos together for a test: a real database, the real server over real HTTP, a real mailbox,
// and a clock that stands still. It reads like English:
//
//	r := rig.New(t, db)
//	joosten := r.Organisation("tvm", "Joosten", "jonnie@joosten.test")
//	jonnie := r.Browser("tvm")
//	jonnie.SignIn("jonnie@joosten.test", rig.Password)
//	answer := jonnie.Do(`{ viewer { user { displayName } } }`)
//	mail := r.Mailbox.Expect(t, "jonnie@joosten.test")
//	text := r.Phones.Expect(t, "+31612345678")
package rig

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/kvk"
	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/server"
	"github.com/sleutelbos/sleutelbos/internal/sms"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/lasso"
)

// Password is good enough for every portal.
const Password = "Sleutel-bos 4711 Kade"

// keys is the seed of security keys, far from those of servers.
const keys = 1 << 32

// Keys seal what the test's database must not show.
const Keys = "test:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// Rig is a server with everything around it.
type Rig struct {
	T        testing.TB
	Database testrig.Database
	Clock    *testrig.Clock
	Mailbox  *testrig.Mailbox
	Phones   *testrig.Phones
	App      *app.App
	Portals  []identity.Portal
	// URL is where the server answers.
	URL string
	// Server is what answers there.
	Server *server.Server
	// Log is everything that was logged.
	Log *Log
	// Broker is every provider of the portals.
	Broker *testrig.Broker
	// Lasso does so by SAML; nil without WithLasso.
	Lasso *lasso.Broker
	// TradeRegister answers about KVK numbers; nil without WithRegister.
	TradeRegister *testrig.Register

	post *post
	// box delivers what was told.
	box *outbox.Outbox
	// random is for what people bring along: security keys.
	random io.Reader
}

// Option changes a rig before it starts.
type Option func(*settings)

type settings struct {
	portals []identity.Portal
	workers bool
	seed    uint64
	keys    string
	// patience is how long the provider of texts is waited for; 0: as in production.
	patience time.Duration
	// register is nil where there is none.
	register *testrig.Register
	// broker is nil until one is needed.
	broker *testrig.Broker
	// lasso is nil where nobody does so by SAML.
	lasso *lasso.Broker
}

// Portal changes the policy of a portal for this test.
func Portal(slug string, change func(*identity.Portal)) Option {
	return func(s *settings) {
		for i := range s.portals {
			if s.portals[i].Slug == slug {
				change(&s.portals[i])
			}
		}
	}
}

// WithoutDelivery leaves messages in the outbox.
func WithoutDelivery() Option { return func(s *settings) { s.workers = false } }

// Impatient waits for the provider of texts no longer than that.
func Impatient(wait time.Duration) Option { return func(s *settings) { s.patience = wait } }

// WithRegister asks a trade register about KVK numbers.
func WithRegister(t testing.TB) Option {
	return func(s *settings) { s.register = testrig.NewRegister(t) }
}

// Sealing takes another keyring than Keys.
func Sealing(keys string) Option { return func(s *settings) { s.keys = keys } }

// New starts a server of the project's own portal files on a database.
func New(t testing.TB, db testrig.Database, options ...Option) *Rig {
	t.Helper()
	s := settings{portals: portals(t, nil), workers: true, seed: 1, keys: Keys}
	for _, option := range options {
		option(&s)
	}
	r := &Rig{
		T: t, Database: db, Clock: db.Clock, Mailbox: testrig.NewMailbox(t), Phones: testrig.NewPhones(t), Portals: s.portals,
		Log: &Log{}, post: newPost(), TradeRegister: s.register, Broker: s.broker, Lasso: s.lasso, random: testrig.Random(keys),
	}
	r.start(s)
	return r
}

// Another starts a second server process's worth on the same database and mailbox, with the first one's portals unless
// an option changes them.
func (r *Rig) Another(options ...Option) *Rig {
	r.T.Helper()
	s := settings{portals: slices.Clone(r.Portals), workers: true, seed: 1 + others.Add(1), keys: Keys}
	for _, option := range options {
		option(&s)
	}
	other := &Rig{
		T: r.T, Broker: r.Broker, Lasso: r.Lasso, Database: r.Database.Open(r.T), Clock: r.Clock, Mailbox: r.Mailbox, Phones: r.Phones, Portals: s.portals, Log: &Log{},
		random: r.random, post: r.post,
	}
	other.start(s)
	return other
}

// others numbers the dice of second processes: two that fell alike would make the same ids.
var others atomic.Uint64

func (r *Rig) start(s settings) {
	r.T.Helper()
	keys, err := secret.ParseKeyring(s.keys)
	r.must(err)
	web := httptest.NewUnstartedServer(nil)
	r.URL = "http://" + web.Listener.Addr().String()
	logger := slog.New(slog.NewJSONHandler(r.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.App = app.New(app.Options{
		DB: r.Database.DB, Keys: keys, Hasher: secret.NewHasher(secret.InsecureFastForTests()), Random: testrig.Random(s.seed), Log: logger,
		Brokers: r.brokers(s), WebhookNetworks: thisMachine,
	})
	texts := r.texts(s)
	r.deliver(s, keys, texts, logger)
	r.Server = server.New(server.Options{
		App: r.App, Portals: s.portals, Log: logger, Schema: graph.SDL(),
		Graph:     graph.Handler(r.App, graph.Options{RequestID: server.RequestID, Fault: server.Faulted, Log: logger}),
		Anonymous: server.Rate{PerSecond: 1e6, Burst: 1e6}, ReadTextReport: texts.Report,
	})
	web.Config.Handler = r.Server.Public()
	web.Start()
	r.T.Cleanup(web.Close)
}

func (r *Rig) texts(s settings) *sms.Sender {
	r.T.Helper()
	texts, err := sms.NewSender(sms.Options{
		AccountSID: testrig.TwilioAccount, AuthToken: testrig.TwilioToken, From: testrig.TwilioFrom, BaseURL: r.Phones.URL(), Timeout: s.patience,
	})
	r.must(err)
	return texts
}

func (r *Rig) deliver(s settings, keys *secret.Keyring, texts *sms.Sender, logger *slog.Logger) {
	r.T.Helper()
	options, err := mail.ParseURL(r.Mailbox.URL())
	r.must(err)
	var register *kvk.Register
	if s.register != nil {
		register, err = kvk.New(s.register.URL, testrig.RegisterKey)
		r.must(err)
	}
	box, err := outbox.New(outbox.Options{
		DB: r.Database.DB, Keys: keys, Sender: mail.NewSender(options), Portals: s.portals, Log: logger, Register: register,
		Backoff: func(int) time.Duration { return 0 }, Observe: r.post.observe, ObserveCheck: r.post.checked,
		PerformDue: r.App.PerformDue, PerformImport: r.performImport,
		Texts: texts, ObserveText: r.post.observe, Webhooks: r.webhooks(s),
	})
	r.must(err)
	r.box = box
	if !s.workers {
		return
	}
	r.must(box.Start(context.Background()))
	r.T.Cleanup(func() {
		bounded, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := box.Stop(bounded); err != nil {
			r.T.Errorf("stop the outbox: %v", err)
		}
	})
}

// Portal answers a portal by its slug.
func (r *Rig) Portal(slug string) identity.Portal {
	r.T.Helper()
	for _, portal := range r.Portals {
		if portal.Slug == slug {
			return portal
		}
	}
	r.T.Fatalf("there is no portal %q", slug)
	return identity.Portal{}
}

func (r *Rig) must(err error) {
	r.T.Helper()
	if err != nil {
		r.T.Fatal(err)
	}
}

var _ io.Writer = (*Log)(nil)
