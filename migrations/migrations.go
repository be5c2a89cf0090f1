// Package migrations holds the database's shape: one list of forward-only SQL files per database, in step with each
// other, named NNNN_concept.tx.up.sql. A file that has landed is never edited. schema.sql beside them is what they add up
// to; a test keeps it true.
package migrations

import "embed"

// Postgres and SQLite are the files, in folders of the same names.
var (
	//go:embed postgres/*.up.sql
	Postgres embed.FS
	//go:embed sqlite/*.up.sql
	SQLite embed.FS
)
