package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// sqliteFloor has one connection that writes and four that read, as SQLite wants it, with prepared statements.
type sqliteFloor struct {
	writer                                                 *sql.DB
	bySession, byToken, users, factors, byName, addSession *sql.Stmt
}

func openSQLiteFloor(ctx context.Context, address string) (ledger, error) {
	const pragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=cache_size(-8000)"
	name := "file:" + strings.TrimPrefix(address, "sqlite:") + pragmas
	writer, err := sql.Open("sqlite", name+"&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	writer.SetMaxOpenConns(1)
	reader, err := sql.Open("sqlite", name+"&_pragma=query_only(1)")
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	reader.SetMaxOpenConns(4)
	reader.SetMaxIdleConns(4)
	f := &sqliteFloor{writer: writer}
	for _, one := range []struct {
		statement **sql.Stmt
		on        *sql.DB
		text      string
	}{
		{&f.bySession, reader, "SELECT id, user_id, created_at FROM sessions WHERE portal = ? AND token_hash = ?"},
		{&f.byToken, reader, `SELECT o.organisation_id, o.name, o.main_user_id FROM sessions AS s
			JOIN organisations AS o ON o.portal = s.portal AND o.organisation_id = s.organisation_id
			WHERE s.portal = ? AND s.token_hash = ?`},
		{&f.users, reader, `SELECT id, display_name, email, role, registration, blocked_at, last_sign_in_at FROM users
			WHERE portal = ? AND organisation_id = ? AND NOT removed ORDER BY name_key, id LIMIT 50`},
		{&f.factors, reader, "SELECT user_id, kind FROM factors WHERE portal = ? AND organisation_id = ? AND user_id IN (?" +
			strings.Repeat(", ?", 49) + ")"},
		{&f.byName, reader, `SELECT u.organisation_id, u.id, u.password_hash FROM identifiers AS i
			JOIN users AS u ON u.portal = i.portal AND u.organisation_id = i.organisation_id AND u.id = i.user_id
			WHERE i.portal = ? AND i.kind = 'EMAIL' AND i.value = ?`},
		{&f.addSession, writer, `INSERT INTO sessions (portal, organisation_id, id, user_id, token_hash, strength, provider,
			proven_at, created_at, last_seen_at, user_agent, ip_address)
			VALUES (?1, ?2, ?3, ?4, ?5, 'SINGLE_FACTOR', 'password', ?6, ?6, ?6, 'bench', '127.0.0.1')`},
	} {
		if *one.statement, err = one.on.PrepareContext(ctx, one.text); err != nil {
			return nil, fmt.Errorf("prepare a statement: %w", err)
		}
	}
	return f, nil
}

func (f *sqliteFloor) session(ctx context.Context, tokenHash []byte) (s sessionFloor, err error) {
	err = f.bySession.QueryRowContext(ctx, portalSlug, tokenHash).Scan(&s.ID, &s.User, &s.CreatedAt)
	return s, err
}

func (f *sqliteFloor) household(ctx context.Context, tokenHash []byte) (organisationFloor, error) {
	var o organisationFloor
	var mainUser string
	if err := f.byToken.QueryRowContext(ctx, portalSlug, tokenHash).Scan(&o.ID, &o.Name, &mainUser); err != nil {
		return o, err
	}
	var err error
	if o.Users.Nodes, err = f.usersOf(ctx, o.ID, mainUser); err != nil {
		return o, err
	}
	if len(o.Users.Nodes) != 50 {
		return o, errors.New("the floor knows organisations of 50 users alone")
	}
	values := []any{portalSlug, o.ID}
	for _, user := range o.Users.Nodes {
		values = append(values, user.ID)
	}
	factors, err := f.factors.QueryContext(ctx, values...)
	if err != nil {
		return o, err
	}
	defer func() { _ = factors.Close() }()
	return o, allot(factors, o.Users.Nodes)
}

func (f *sqliteFloor) usersOf(ctx context.Context, organisation, mainUser string) ([]userFloor, error) {
	rows, err := f.users.QueryContext(ctx, portalSlug, organisation)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := make([]userFloor, 0, 50)
	for rows.Next() {
		user, err := scanUser(rows, mainUser)
		if err != nil {
			return nil, err
		}
		all = append(all, user)
	}
	return all, rows.Err()
}

func (f *sqliteFloor) account(ctx context.Context, email string) (a accountFloor, err error) {
	err = f.byName.QueryRowContext(ctx, portalSlug, email).Scan(&a.organisation, &a.user, &a.passwordHash)
	return a, err
}

func (f *sqliteFloor) open(ctx context.Context, a accountFloor, id string, tokenHash []byte) error {
	now := time.Now().UTC().Format("2006-01-02 15:04:05.000000-07:00")
	_, err := f.addSession.ExecContext(ctx, portalSlug, a.organisation, id, a.user, tokenHash, now)
	return err
}
