package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
)

// due is the job that does what has fallen due. It says nothing of what: that stands in the database, whose clock decides,
// so a job too many or too few does no harm.
type due struct{}

// Kind names the job in River's table.
func (due) Kind() string { return "due" }

func dueJob() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) {
		return due{}, &river.InsertOpts{MaxAttempts: 1, Priority: promptly}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

type performer struct {
	river.WorkerDefaults[due]
	outbox *Outbox
}

// Work asks every portal. What fails in one keeps no other waiting, and is done the next time.
func (p *performer) Work(ctx context.Context, _ *river.Job[due]) error {
	if p.outbox.options.PerformDue == nil {
		return nil
	}
	var all error
	for _, portal := range p.outbox.options.Portals {
		if err := p.outbox.options.PerformDue(ctx, portal); err != nil {
			all = errors.Join(all, fmt.Errorf("portal %s: %w", portal.Slug, err))
		}
	}
	if all != nil && ctx.Err() == nil {
		p.outbox.options.Log.Error("what fell due failed", "error", all)
	}
	return all
}
