package outbox

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// housekeeping is the job that removes what has served. One process of all does it at a time.
type housekeeping struct{}

// Kind names the job in River's table.
func (housekeeping) Kind() string { return "housekeeping" }

func housekeepingJob() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(10*time.Minute), func() (river.JobArgs, *river.InsertOpts) {
		return housekeeping{}, &river.InsertOpts{MaxAttempts: 1, Priority: inBulk}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

type housekeeper struct {
	river.WorkerDefaults[housekeeping]
	outbox *Outbox
}

// Work sweeps the database. What fails is done the next time.
func (h *housekeeper) Work(ctx context.Context, _ *river.Job[housekeeping]) error {
	err := h.outbox.options.DB.Sweep(ctx)
	if err != nil && ctx.Err() == nil {
		h.outbox.options.Log.Error("housekeeping failed", "error", err)
	}
	return err
}
