package outbox

import (
	"context"
	"fmt"
	"time"
)

// Backlog is what there is still to do, in all processes together.
type Backlog struct {
	// Messages wait to be delivered, the oldest of them for so long.
	Messages int
	Oldest   time.Duration
	// Jobs are River's by their state, those given up among them.
	Jobs map[string]int
}

// jobStates are told even where there is no job in them: all but those of work that was done.
var jobStates = []string{"available", "running", "retryable", "scheduled", "discarded"}

// Backlog asks the database.
func (o *Outbox) Backlog(ctx context.Context) (backlog Backlog, err error) {
	if backlog.Messages, backlog.Oldest, err = o.options.DB.Queued(ctx); err != nil {
		return backlog, err
	}
	backlog.Jobs = map[string]int{}
	for _, state := range jobStates {
		backlog.Jobs[state] = 0
	}
	rows, err := o.options.DB.SystemSQL().QueryContext(ctx, `SELECT state, count(*) FROM river_job WHERE state <> 'completed' GROUP BY state`)
	if err != nil {
		return backlog, fmt.Errorf("count jobs: %w", err)
	}
	defer func() { _ = rows.Close() }() // a failure shows in Err
	for rows.Next() {
		var state string
		var jobs int
		if err := rows.Scan(&state, &jobs); err != nil {
			return backlog, fmt.Errorf("count jobs: %w", err)
		}
		backlog.Jobs[state] = jobs
	}
	return backlog, rows.Err()
}
