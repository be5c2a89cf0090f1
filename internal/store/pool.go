package store

import (
	"context"
	"fmt"
	"time"
)

// Pool is how a pool of connections stands.
type Pool struct {
	// Name is app, system, or reads.
	Name string
	// AtWork are in use; there are Most at most.
	AtWork, Most int
	// Waited is how long all who came waited together.
	Waited time.Duration
}

// Pools tells how the pools stand.
func (db *DB) Pools() []Pool {
	if db.IsPostgres() {
		app, system := db.appPool.Stat(), db.systemPool.Stat()
		return []Pool{
			{"app", int(app.AcquiredConns()), int(app.MaxConns()), app.EmptyAcquireWaitTime()},
			{"system", int(system.AcquiredConns()), int(system.MaxConns()), system.EmptyAcquireWaitTime()},
		}
	}
	app, reads := db.app.Stats(), db.reads.Stats()
	return []Pool{
		{"app", app.InUse, app.MaxOpenConnections, app.WaitDuration},
		{"reads", reads.InUse, reads.MaxOpenConnections, reads.WaitDuration},
	}
}

// Queued tells how many messages wait in all tenants, and since when the oldest does; 0 where none waits.
func (db *DB) Queued(ctx context.Context) (messages int, oldest time.Duration, err error) {
	pool := db.reads
	if db.IsPostgres() {
		pool = db.system
	}
	now, err := db.now(ctx, pool)
	if err != nil {
		return 0, 0, err
	}
	var rows []messageRow
	err = pool.NewSelect().Model(&rows).Column("created_at").Where("m.state = ?", MessageQueued).OrderExpr("m.created_at").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return 0, 0, wrapped(err, "look for the oldest message")
	}
	waiting, err := pool.NewSelect().Model((*messageRow)(nil)).Where("m.state = ?", MessageQueued).Count(ctx)
	return int(waiting), now.Sub(rows[0].CreatedAt), wrapped(err, "count messages")
}

func wrapped(err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
