package store

import (
	"strings"

	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

// What a client sends may hold the character NUL, as a name, a search or an id. PostgreSQL has no such text, and bun
// would break the statement off: a fault where there is only an odd input. Both databases are given U+FFFD instead, the
// character for what can't be shown, which is what becomes of bytes that aren't UTF-8 too. Nothing else is equal to it.
type (
	liteDialect struct{ *sqlitedialect.Dialect }
	pgDialect   struct{ *pgdialect.Dialect }
)

// AppendString quotes a text.
func (d liteDialect) AppendString(statement []byte, text string) []byte {
	return d.Dialect.AppendString(statement, withoutNUL(text))
}

// AppendString quotes a text.
func (d pgDialect) AppendString(statement []byte, text string) []byte {
	return d.Dialect.AppendString(statement, withoutNUL(text))
}

func withoutNUL(text string) string { return strings.ReplaceAll(text, "\x00", "\uFFFD") }

// plain is the text that both databases take where values go beside the statement.
func plain(text string) string { return withoutNUL(strings.ToValidUTF8(text, "\uFFFD")) }
