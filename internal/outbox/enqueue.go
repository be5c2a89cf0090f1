package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// batch is how many messages a job delivers at most: enough for a connection to be worth opening, and few enough for the
// workers to share a big send.
const batch = 25

// Jobs of one batch go before those of a big send: whoever waits for a link doesn't wait for ten thousand others.
const (
	promptly = 1
	inBulk   = 2
)

// delivery is what a job says: whose messages, and which.
type delivery struct {
	Portal       string        `json:"portal"`
	Organisation identity.ID   `json:"organisation"`
	Messages     []identity.ID `json:"messages"`
}

// Kind names the job in River's table.
func (delivery) Kind() string { return "delivery" }

func (d delivery) tenant() identity.Tenant {
	return identity.Tenant{Portal: d.Portal, Organisation: d.Organisation}
}

// newInserter makes the client that adds jobs in transactions of the application's role. It works none.
func newInserter(options Options) (*river.Client[*sql.Tx], error) {
	var driver riverdriver.Driver[*sql.Tx] = riversqlite.New(nil)
	if options.DB.IsPostgres() {
		driver = riverdatabasesql.New(nil)
	}
	return river.NewClient(driver, &river.Config{
		Logger:      slog.New(quiet{options.Log.Handler()}),
		MaxAttempts: options.Attempts,
		// River leaves out a notification that comes this soon after another. Where the first one is rolled back or its
		// transaction takes longer, that would be one too few, and its mails would wait for the next poll.
		FetchCooldown: time.Millisecond,
	})
}

// Enqueue adds the jobs that deliver the messages, in the transaction that saved them.
func (o *Outbox) Enqueue(ctx context.Context, tx *sql.Tx, tenant identity.Tenant, messages []identity.ID) error {
	priority := promptly
	if len(messages) > batch {
		priority = inBulk
	}
	var jobs []river.InsertManyParams
	for ids := range slices.Chunk(messages, batch) {
		jobs = append(jobs, river.InsertManyParams{
			Args:       delivery{Portal: tenant.Portal, Organisation: tenant.Organisation, Messages: ids},
			InsertOpts: &river.InsertOpts{Priority: priority, Metadata: metadata(ctx)},
		})
	}
	if len(jobs) == 0 {
		return nil
	}
	if _, err := o.inserter.InsertManyFastTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("add delivery jobs: %w", err)
	}
	return nil
}

// cause is what a job's metadata says of the trace that it comes of.
type cause struct {
	TraceParent string `json:"traceparent"`
}

// metadata names the trace that a job comes of; nil where nothing is traced.
func metadata(ctx context.Context) []byte {
	parent := trace.Cause(ctx)
	if parent == "" {
		return nil
	}
	text, _ := json.Marshal(cause{parent}) // a string always encodes
	return text
}

// causeOf reads what metadata wrote; "" where there is nothing.
func causeOf(job *rivertype.JobRow) string {
	var c cause
	_ = json.Unmarshal(job.Metadata, &c) // what can't be read is no trace
	return c.TraceParent
}
