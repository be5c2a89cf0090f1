package store

import (
	"context"

	"github.com/uptrace/bun"
)

// VisitorQuery is what every request of a signed-in browser asks.
const VisitorQuery = visitorQuery

// Listen shows the statements of scopes, as they are sent.
func (db *DB) Listen(hear func(statement string)) {
	db.app = db.app.WithQueryHook(listener{hear})
	db.reads = db.reads.WithQueryHook(listener{hear})
}

type listener struct{ hear func(string) }

func (l listener) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (l listener) AfterQuery(_ context.Context, event *bun.QueryEvent)                { l.hear(event.Query) }

// StatementKind is what a trace says of a statement.
func StatementKind(text string) string { return statementKind(text) }
