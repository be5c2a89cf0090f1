package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// tracedStatements makes a span of each statement below a traced request. Of its text, which holds values, it says the
// first word and the table.
type tracedStatements struct{}

type spanKey struct{}

func beginStatement(ctx context.Context, text string) context.Context {
	ctx, span := trace.Call(ctx, "statement")
	if !span.IsRecording() {
		return ctx
	}
	span.Name(statementKind(text))
	return context.WithValue(ctx, spanKey{}, span)
}

func endStatement(ctx context.Context, err error) {
	if span, traced := ctx.Value(spanKey{}).(trace.Span); traced {
		span.End(err != nil && !errors.Is(err, sql.ErrNoRows))
	}
}

// TraceQueryStart and TraceQueryEnd are pgx's.
func (tracedStatements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return beginStatement(ctx, data.SQL)
}

// TraceQueryEnd ends what TraceQueryStart began.
func (tracedStatements) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	endStatement(ctx, data.Err)
}

// TraceBatchStart and the following are pgx's, for statements that are sent together: they are one span.
func (tracedStatements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	last := data.Batch.QueuedQueries[len(data.Batch.QueuedQueries)-1] // those before it name the tenant
	return beginStatement(ctx, last.SQL)
}

// TraceBatchQuery has nothing to add.
func (tracedStatements) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd ends what TraceBatchStart began.
func (tracedStatements) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	endStatement(ctx, data.Err)
}

// BeforeQuery and AfterQuery are bun's, for SQLite.
func (tracedStatements) BeforeQuery(ctx context.Context, event *bun.QueryEvent) context.Context {
	return beginStatement(ctx, event.Query)
}

// AfterQuery ends what BeforeQuery began.
func (tracedStatements) AfterQuery(ctx context.Context, event *bun.QueryEvent) {
	endStatement(ctx, event.Err)
}

// statementKind is a statement's first word, in capitals, and the table that it is about where that is easily seen: before
// any value, which begins with a quotation mark or a digit.
func statementKind(text string) string {
	words := strings.Fields(text[:min(len(text), longestLook)])
	if len(words) == 0 {
		return "statement"
	}
	kind := word(words[0], true)
	for i, w := range words[1:] {
		if strings.Contains(w, "'") {
			break
		}
		switch w {
		case "FROM", "INTO", "UPDATE", "JOIN":
			if i+2 < len(words) {
				return strings.TrimSpace(kind + " " + word(words[i+2], false))
			}
		}
	}
	if kind == "UPDATE" && len(words) > 1 {
		return strings.TrimSpace(kind + " " + word(words[1], false))
	}
	return kind
}

// longestLook is how much of a statement is looked at, in bytes.
const longestLook = 2048

// word is a word or a quoted name, where it is nothing but letters and underscores; "" where it is anything else.
func word(text string, capitals bool) string {
	text = strings.Trim(text, `"`)
	if strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz_") != "" {
		return ""
	}
	if capitals {
		return strings.ToUpper(text)
	}
	return text
}
