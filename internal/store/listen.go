package store

import (
	"context"

	"github.com/uptrace/bun"
)

// Listen shows every statement that requests send from now on: for tests, which count them and look at their plans. It must
// be called before anything else works with the database.
func (db *DB) Listen(hear func(statement string)) {
	db.hear = hear
	db.app = db.app.WithQueryHook(listener{hear})
	db.reads = db.reads.WithQueryHook(listener{hear})
}

type listener struct{ hear func(string) }

func (l listener) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (l listener) AfterQuery(_ context.Context, event *bun.QueryEvent)                { l.hear(event.Query) }

// heard shows a statement that goes around bun.
func (db *DB) heard(statement string) {
	if db.hear != nil {
		db.hear(statement)
	}
}
