package outbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/kvk"
	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/sms"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// Options is what the outbox works with. DB, Keys, Sender, Portals and Log are required.
type Options struct {
	DB      *store.DB
	Keys    *secret.Keyring
	Sender  *mail.Sender
	Portals []identity.Portal
	Log     *slog.Logger
	// Register is the trade register that KVK numbers are looked up in; nil: there is none, and they stay unverified.
	Register *kvk.Register
	// Workers is how many batches are delivered at once, each over a connection of its own; 0: 4.
	Workers int
	// Attempts is how often a batch is tried, and Backoff how long after which attempt (counted from 1) the next one
	// waits. Without them trying goes on for three days: see attempts and backoff.
	Attempts int
	Backoff  func(attempt int) time.Duration
	// PerformDue does what has fallen due in a portal; each portal's turn comes once a minute, in one process of all, and
	// whatever fails is tried again with the next. nil: nothing falls due.
	PerformDue func(ctx context.Context, portal identity.Portal) error
	// Retain lets go a batch of what a portal has kept long enough, and answers how many they were, and whether there may be more.
	// nil: all is kept.
	Retain func(ctx context.Context, portal identity.Portal, what identity.Retained) (count int, more bool, err error)
	// ObserveRetention is told what was let go in a turn, and whether all went well; nil: nobody is.
	ObserveRetention func(portal string, what identity.Retained, count int, well bool)
	// PerformImport works on the next rows of an import behind a number, and answers the last that it came to: the same number
	// where none is left. nil: imports wait.
	PerformImport func(ctx context.Context, portal identity.Portal, id identity.ID, after int) (int, error)
	// Observe is told how each try to deliver a message ended and how long it took; nil: nobody is.
	Observe func(outcome Outcome, took time.Duration)
	// Texts hands texts to their provider; nil: there is none, and texts are given up.
	Texts *sms.Sender
	// ObserveText is Observe for texts.
	ObserveText func(outcome Outcome, took time.Duration)
	// Tracer begins the trace of each job; nil: none is traced.
	Tracer *trace.Tracer
	// ObserveCheck is told after each question to the register whether it was answered and the answer saved; nil: nobody is.
	ObserveCheck func(answered bool)
	// Webhooks brings audit events to partners' endpoints.
	Webhooks Webhooks
}

// Outcome is how a try to deliver a message ended.
type Outcome string

// The outcomes.
const (
	Delivered Outcome = "delivered" // the mail server, or the provider of texts, took it
	Refused   Outcome = "refused"   // it will never take it
	Expired   Outcome = "expired"   // too late, or tried too often
	Retried   Outcome = "retried"   // to be tried again
)

// Outcomes lists all of them.
var Outcomes = []Outcome{Delivered, Refused, Expired, Retried}

// Outbox delivers messages. Safe for concurrent use.
type Outbox struct {
	options  Options
	portals  map[string]identity.Portal
	id       string
	inserter *river.Client[*sql.Tx]
	worker   worker
	// stopping ends when Stop is called: no further message is sent then.
	stopping context.Context
	stop     context.CancelFunc
	presence presence
	couriers couriers
}

// worker is a River client; its type differs with the database.
type worker interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

const (
	defaultWorkers = 4
	// A batch gives way after a turn, so that a slow mail server doesn't make a job a long one: what is left comes later.
	turn = 15 * time.Second
	// jobTimeout breaks off a delivery that hangs. A job that is at work longer than rescueAfter belonged to a process
	// that died: settling takes no longer than settleTimeout after a job was broken off.
	jobTimeout    = 60 * time.Second
	settleTimeout = 10 * time.Second
	rescueAfter   = jobTimeout + settleTimeout + 5*time.Second
)

// New makes an outbox and gives it the database's messages. Without Start it enqueues, for others to deliver.
func New(options Options) (*Outbox, error) {
	options.Workers = cmp.Or(options.Workers, defaultWorkers)
	options.Attempts = cmp.Or(options.Attempts, attempts)
	if options.Backoff == nil {
		options.Backoff = backoff
	}
	o := &Outbox{options: options, portals: map[string]identity.Portal{}, id: rand.Text()}
	o.couriers.news, o.couriers.out = make(chan struct{}, 1), map[identity.ID]bool{}
	for _, portal := range options.Portals {
		o.portals[portal.Slug] = portal
	}
	o.stopping, o.stop = context.WithCancel(context.Background())
	var err error
	if o.inserter, err = newInserter(options); err != nil {
		return nil, fmt.Errorf("set up outbox: %w", err)
	}
	if o.worker, err = o.newWorker(); err != nil {
		return nil, fmt.Errorf("set up outbox: %w", err)
	}
	options.DB.OnMessages(o)
	options.DB.OnEvents(o.couriers.hear)
	return o, nil
}

func (o *Outbox) newWorker() (worker, error) {
	if o.options.DB.IsPostgres() {
		return river.NewClient(riverpgxv5.New(o.options.DB.SystemPool()), o.config())
	}
	return river.NewClient(riversqlite.New(o.options.DB.SystemSQL()), o.config())
}

func (o *Outbox) config() *river.Config {
	workers := river.NewWorkers()
	river.AddWorker(workers, &postman{outbox: o})
	river.AddWorker(workers, &housekeeper{outbox: o})
	river.AddWorker(workers, &performer{outbox: o})
	river.AddWorker(workers, &importer{outbox: o})
	river.AddWorker(workers, &archivist{outbox: o})
	queues := map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.options.Workers}, importQueue: {MaxWorkers: importWorkers}}
	periodic := []*river.PeriodicJob{housekeepingJob(), dueJob(), retentionJob()}
	if o.options.Register != nil {
		river.AddWorker(workers, &registrar{outbox: o})
		river.AddWorker(workers, &rechecker{outbox: o})
		queues[registerQueue] = river.QueueConfig{MaxWorkers: registerWorkers}
		periodic = append(periodic, recheckJob())
	}
	return &river.Config{
		ID:      o.id,
		Logger:  slog.New(quiet{o.options.Log.Handler()}),
		Workers: workers,
		Queues:  queues,
		// Commits wake the workers; polling is for notifications that got lost, and for retries.
		FetchCooldown:        10 * time.Millisecond,
		FetchPollInterval:    500 * time.Millisecond,
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		RetryPolicy:          retrying(o.options.Backoff),
		PeriodicJobs:         periodic,
		// Done jobs are worth nothing; those given up are kept for whoever looks into it.
		CompletedJobRetentionPeriod: time.Hour,
		DiscardedJobRetentionPeriod: 14 * 24 * time.Hour,
		// The role that works doesn't own the tables, so it can't rebuild their indexes.
		ReindexerSchedule:   river.NeverSchedule(),
		ReindexerIndexNames: []string{},
	}
}

// Start begins to deliver, and goes on until Stop, whatever becomes of the context. What a process that died was at is
// taken up at once. An outbox is started once.
func (o *Outbox) Start(ctx context.Context) error {
	if err := o.arrive(ctx); err != nil {
		return fmt.Errorf("start outbox: %w", err)
	}
	if err := o.worker.Start(context.WithoutCancel(ctx)); err != nil {
		o.leave()
		return fmt.Errorf("start outbox: %w", err)
	}
	o.sendOut(ctx)
	return nil
}

// Stop ends delivering. The messages in flight are sent to their end and settled, no other is begun; where the context
// ends before, they are broken off, and sent again by whoever starts next.
func (o *Outbox) Stop(ctx context.Context) error {
	defer o.leave()
	o.stop()
	err := o.worker.Stop(ctx)
	o.callBack(ctx)
	if err == nil {
		return nil
	}
	hasty, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	return fmt.Errorf("stop outbox: %w", errors.Join(err, o.worker.StopAndCancel(hasty)))
}

// quiet leaves out what River tells below a warning: its ordinary life.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attributes []slog.Attr) slog.Handler {
	return quiet{q.Handler.WithAttrs(attributes)}
}
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
