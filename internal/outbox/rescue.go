package outbox

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// River gives a dead process's jobs to another when they are overdue. Somebody may be waiting for their mail, so it is done
// sooner here. On SQLite one process works a file: what is running when it starts was left by one that died. On PostgreSQL
// every process holds an advisory lock in its own name, which the server lets go of when the process dies; the others look
// for jobs in the name of nobody.

const (
	lookAround = 2 * time.Second
	// absentFor is for how long a process must be seen to be gone. One that only lost its connection is back before, and
	// sends nothing until it is.
	absentFor = 6 * time.Second
	// presenceClass keeps these advisory locks apart from all others: "outb".
	presenceClass = 0x6f757462
)

const (
	release = `UPDATE river_job SET state = 'available', attempt = attempt - 1 WHERE state = 'running'`
	// A job's last entry in attempted_by is the client at work on it. Locks on two numbers stand in pg_locks as classid
	// and objid, both unsigned, with objsubid 2.
	absent = `SELECT DISTINCT attempted_by[array_upper(attempted_by, 1)] FROM river_job WHERE state = 'running' AND NOT EXISTS (
		SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND classid = $1::bigint::oid
			AND objid = (hashtext(attempted_by[array_upper(attempted_by, 1)])::bigint & 4294967295)::oid)`
	hold = `SELECT pg_advisory_lock_shared($1::int, hashtext($2))`
)

// presence shows the other processes on a PostgreSQL that this one lives.
type presence struct {
	// shown: the lock is held, as far as this process knows. Always on SQLite.
	shown  atomic.Bool
	cancel context.CancelFunc
	done   sync.WaitGroup
	// missed is since when other processes, by their clients' ids, have been seen to be gone.
	missed map[string]time.Time
}

// arrive begins to show that this process lives, and to look after the jobs of those that don't.
func (o *Outbox) arrive(ctx context.Context) error {
	if !o.options.DB.IsPostgres() {
		o.presence.shown.Store(true)
		if _, err := o.options.DB.SystemSQL().ExecContext(ctx, release); err != nil {
			return fmt.Errorf("release jobs: %w", err)
		}
		return nil
	}
	connection, err := o.show(ctx)
	if err != nil {
		return err
	}
	present, cancel := context.WithCancel(context.WithoutCancel(ctx))
	o.presence.cancel = cancel
	o.presence.done.Go(func() { o.remain(present, connection) })
	return nil
}

// leave ends what arrive began.
func (o *Outbox) leave() {
	if o.presence.cancel != nil {
		o.presence.cancel()
		o.presence.done.Wait()
	}
}

// show opens a connection that holds this process's lock for as long as it is open. It takes no place in the pool.
func (o *Outbox) show(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	pooled, err := o.options.DB.SystemPool().Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	connection := pooled.Hijack()
	if _, err := connection.Exec(ctx, hold, presenceClass, o.id); err != nil {
		_ = connection.Close(ctx)
		return nil, fmt.Errorf("show presence: %w", err)
	}
	o.presence.shown.Store(true)
	return connection, nil
}

// remain looks around every other second, over the connection that holds the lock: where that broke, it opens another.
func (o *Outbox) remain(ctx context.Context, connection *pgx.Conn) {
	ticks := time.NewTicker(lookAround)
	defer ticks.Stop()
	for {
		if err := o.rescue(ctx, connection, time.Now()); err != nil && ctx.Err() == nil {
			o.presence.shown.Store(false)
			o.options.Log.Warn("the outbox lost the connection that shows it lives", "error", err)
			_ = connection.Close(ctx)
			if again, err := o.show(ctx); err == nil {
				connection = again
			}
		}
		select {
		case <-ctx.Done():
			_ = connection.Close(context.WithoutCancel(ctx))
			return
		case <-ticks.C:
		}
	}
}

// rescue releases the jobs of processes that have been gone for a while.
func (o *Outbox) rescue(ctx context.Context, connection *pgx.Conn, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, lookAround)
	defer cancel()
	rows, err := connection.Query(ctx, absent, presenceClass)
	if err != nil {
		return fmt.Errorf("look for jobs of nobody: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for jobs of nobody: %w", err)
	}
	missed := map[string]time.Time{}
	for _, id := range ids {
		since, known := o.presence.missed[id]
		if !known {
			since = now
		}
		missed[id] = since
		if now.Sub(since) < absentFor {
			continue
		}
		if _, err := connection.Exec(ctx, release+` AND attempted_by[array_upper(attempted_by, 1)] = $1`, id); err != nil {
			return fmt.Errorf("release jobs: %w", err)
		}
	}
	o.presence.missed = missed
	return nil
}
