package outbox

import (
	"context"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// retention is the job that lets go what portals have kept long enough. One process of all does it at a time; it says nothing of
// what: that stands in the database, so that whoever comes after a process that died goes on where it stopped.
type retention struct{}

// Kind names the job in River's table.
func (retention) Kind() string { return "retention" }

func retentionJob() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
		return retention{}, &river.InsertOpts{MaxAttempts: 1, Priority: inBulk}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

type archivist struct {
	river.WorkerDefaults[retention]
	outbox *Outbox
}

// Work goes through all portals, for a turn: then others have theirs, and it goes on. What fails is told, keeps nothing else
// waiting, and is done the next time.
func (a *archivist) Work(ctx context.Context, _ *river.Job[retention]) error {
	if a.outbox.options.Retain == nil {
		return nil
	}
	portals, err := a.portals(ctx)
	if err != nil {
		return err
	}
	ends := time.Now().Add(turn)
	for _, portal := range portals {
		for _, what := range identity.AllRetained {
			if over := a.let(ctx, portal, what, ends); over {
				return river.JobSnooze(0) // at once, by whoever works then; it counts for no attempt
			}
		}
	}
	return nil
}

// let lets go what is due of one kind, batch by batch, and tells whether the turn was over before its end.
func (a *archivist) let(ctx context.Context, portal identity.Portal, what identity.Retained, ends time.Time) (over bool) {
	count, more, failed := 0, true, error(nil)
	for more && failed == nil && !over {
		var gone int
		gone, more, failed = a.outbox.options.Retain(ctx, portal, what)
		count += gone
		over = more && time.Now().After(ends) || a.outbox.stopping.Err() != nil
	}
	log := a.outbox.options.Log.With("portal", portal.Slug, "what", what)
	if count > 0 {
		log.Info("kept long enough", "count", count)
	}
	if failed != nil && ctx.Err() == nil {
		log.Error("retention failed", "error", failed)
	}
	if a.outbox.options.ObserveRetention != nil {
		a.outbox.options.ObserveRetention(portal.Slug, what, count, failed == nil)
	}
	return over
}

// portals are those with a file, and, by the default periods, those of which only data are left.
func (a *archivist) portals(ctx context.Context) ([]identity.Portal, error) {
	all := slices.Clone(a.outbox.options.Portals)
	slugs, err := a.outbox.options.DB.Portals(ctx)
	for _, slug := range slugs {
		if _, known := a.outbox.portals[slug]; !known {
			all = append(all, identity.Portal{Slug: slug, Retention: identity.DefaultRetention})
		}
	}
	return all, err
}
