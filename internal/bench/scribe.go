package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL's driver
)

// scribe is the floor of an import: a driver alone, which writes users with all that names and finds them, and an event of each.
// It decides nothing, hashes nothing and chains nothing.
type scribe struct {
	db *sql.DB
	in town
	// bytes writes 32 bytes in the words of the database.
	bytes string
}

func openScribe(ctx context.Context, t town) (*scribe, error) {
	driver, address, bytes := "pgx", t.url, `'\x`+strings.Repeat("00", 32)+`'`
	if t.kind == sqlite3 {
		const pragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=cache_size(-8000)&_txlock=immediate"
		driver, address, bytes = "sqlite", "file:"+strings.TrimPrefix(t.url, "sqlite:")+pragmas, "x'"+strings.Repeat("00", 32)+"'"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		return nil, fmt.Errorf("open a database: %w", err)
	}
	db.SetMaxOpenConns(1)
	return &scribe{db, t, bytes}, db.PingContext(ctx)
}

func (s *scribe) close() { _ = s.db.Close() }

// write writes people, so many to a commit, and answers how many it wrote in a second.
func (s *scribe) write(ctx context.Context, name string, people, together int) (perSecond float64, err error) {
	began := time.Now()
	for from := 0; from < people; from += together {
		tx, err := s.db.BeginTx(ctx, nil)
		if err != nil {
			return 0, err
		}
		for _, statement := range s.statements(name, from, together) {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				_ = tx.Rollback() // what failed before is told
				return 0, fmt.Errorf("%.80s: %w", statement, err)
			}
		}
		if err := tx.Commit(); err != nil {
			return 0, err
		}
	}
	return float64(people) / time.Since(began).Seconds(), nil
}

// statements insert so many people: their rows share one for each table.
func (s *scribe) statements(name string, from, together int) []string {
	now := time.Now().UTC().Format("2006-01-02 15:04:05.000000-07:00")
	var users, words, identifiers, events []string
	for i := from; i < from+together; i++ {
		organisation, email := s.in.newcomer(name, i)
		id := fmt.Sprintf("usr_%s_%d", name, i)
		users = append(users, fmt.Sprintf("('bench','%s','%s','Person %06d','person %06d','%s','%s','SUB_USER','REGISTERED','%s','en','%s')",
			organisation, id, i, i, email, email, strings.Repeat("h", 97), now))
		words = append(words, fmt.Sprintf("('bench','%s','%s','person'),('bench','%s','%s','%06d')", organisation, id, organisation, id, i))
		identifiers = append(identifiers, fmt.Sprintf("('bench','EMAIL','%s','%s','%s')", email, organisation, id))
		events = append(events, fmt.Sprintf("('bench','%s',%d,'evt_%s','%s','USER_CREATED','tok','%s','{}',%s,%s)",
			organisation+name, i, id, now, id, s.bytes, s.bytes))
	}
	return []string{
		`INSERT INTO users (portal, organisation_id, id, display_name, name_key, email, email_key, role, registration, password_hash,
			language, created_at) VALUES ` + strings.Join(users, ","),
		"INSERT INTO name_words (portal, organisation_id, user_id, word) VALUES " + strings.Join(words, ","),
		"INSERT INTO identifiers (portal, kind, value, organisation_id, user_id) VALUES " + strings.Join(identifiers, ","),
		`INSERT INTO audit_events (portal, organisation_id, sequence, id, at, action, actor_id, target_id, details, previous_hash, hash)
			VALUES ` + strings.Join(events, ","),
	}
}
