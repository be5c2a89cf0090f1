package outbox

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Imports have a queue of their own, so that ten thousand rows hold no mail up.
const (
	importQueue = "import"
	// importWorkers is how many imports a process works on at once. Of one import one transaction at a time is at work.
	importWorkers = 2
)

// importing is a job: which import. What stands in its rows is nowhere in River's tables.
type importing struct {
	Portal string      `json:"portal"`
	Import identity.ID `json:"import"`
}

// Kind names the job in River's table.
func (importing) Kind() string { return "import" }

// EnqueueImport adds the job that works on an import's waiting rows, in the transaction that saved them.
func (o *Outbox) EnqueueImport(ctx context.Context, tx *sql.Tx, portal string, id identity.ID) error {
	_, err := o.inserter.InsertManyFastTx(ctx, tx, []river.InsertManyParams{{
		Args:       importing{Portal: portal, Import: id},
		InsertOpts: &river.InsertOpts{Queue: importQueue},
	}})
	if err != nil {
		return fmt.Errorf("add import: %w", err)
	}
	return nil
}

// importer works on imports.
type importer struct {
	river.WorkerDefaults[importing]
	outbox *Outbox
}

// Work works on the rows that wait, for a turn: then others have theirs. An error means that some rows met a fault, and are to be
// tried again later; they keep none behind them waiting.
func (i *importer) Work(ctx context.Context, job *river.Job[importing]) error {
	portal, known := i.outbox.portals[job.Args.Portal]
	if !known || i.outbox.options.PerformImport == nil {
		return fmt.Errorf("import %s: there is no portal %s", job.Args.Import, job.Args.Portal)
	}
	began, after := time.Now(), 0
	var fault error
	for {
		reached, err := i.outbox.options.PerformImport(ctx, portal, job.Args.Import, after)
		if err != nil && fault == nil {
			fault = err
		}
		switch {
		case i.outbox.stopping.Err() != nil:
			return river.JobSnooze(0) // at once, by whoever works then; it counts for no attempt
		case reached == after:
			return i.told(job, fault)
		case time.Since(began) > turn && fault == nil:
			return river.JobSnooze(0)
		case time.Since(began) > turn:
			return i.told(job, fault)
		}
		after = reached
	}
}

func (i *importer) told(job *river.Job[importing], fault error) error {
	if fault != nil {
		i.outbox.options.Log.Error("rows of an import are to be tried again", "portal", job.Args.Portal, "import", job.Args.Import,
			"attempt", job.Attempt, "error", fault)
	}
	return fault
}
