package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func isPostgres(address string) bool { return strings.HasPrefix(address, "postgres") }

// postgresFloor works as the owner of the tables, whom no row-level security binds, with statements that pgx prepares.
type postgresFloor struct{ pool *pgxpool.Pool }

func openPostgresFloor(ctx context.Context, address string) (ledger, error) {
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	return postgresFloor{pool}, pool.Ping(ctx)
}

func (f postgresFloor) session(ctx context.Context, tokenHash []byte) (s sessionFloor, err error) {
	err = f.pool.QueryRow(ctx, "SELECT id, user_id, created_at FROM sessions WHERE portal = $1 AND token_hash = $2",
		portalSlug, tokenHash).Scan(&s.ID, &s.User, &s.CreatedAt)
	return s, err
}

func (f postgresFloor) household(ctx context.Context, tokenHash []byte) (organisationFloor, error) {
	var o organisationFloor
	var mainUser string
	err := f.pool.QueryRow(ctx, `SELECT o.organisation_id, o.name, o.main_user_id FROM sessions AS s
		JOIN organisations AS o ON o.portal = s.portal AND o.organisation_id = s.organisation_id
		WHERE s.portal = $1 AND s.token_hash = $2`, portalSlug, tokenHash).Scan(&o.ID, &o.Name, &mainUser)
	if err != nil {
		return o, err
	}
	rows, err := f.pool.Query(ctx, `SELECT id, display_name, email, role, registration, blocked_at, last_sign_in_at FROM users
		WHERE portal = $1 AND organisation_id = $2 AND NOT removed ORDER BY name_key, id LIMIT 50`, portalSlug, o.ID)
	if err != nil {
		return o, err
	}
	o.Users.Nodes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (userFloor, error) { return scanUser(row, mainUser) })
	if err != nil {
		return o, err
	}
	ids := make([]string, len(o.Users.Nodes))
	for i, user := range o.Users.Nodes {
		ids[i] = user.ID
	}
	factors, err := f.pool.Query(ctx, `SELECT user_id, kind FROM factors WHERE portal = $1 AND organisation_id = $2
		AND user_id = ANY ($3)`, portalSlug, o.ID, ids)
	if err != nil {
		return o, err
	}
	defer factors.Close()
	return o, allot(factors, o.Users.Nodes)
}

// scanUser reads a row of users, in either database.
func scanUser(row interface{ Scan(...any) error }, mainUser string) (u userFloor, err error) {
	var registration string
	var blockedAt *time.Time
	err = row.Scan(&u.ID, &u.DisplayName, &u.Email, &u.Role, &registration, &blockedAt, &u.LastSignInAt)
	if u.ID == mainUser {
		u.Role = "MAIN_USER"
	}
	switch {
	case blockedAt != nil:
		u.Status = "BLOCKED"
	case registration == "REGISTERED":
		u.Status = "ACTIVE"
	default:
		u.Status = registration
	}
	u.TwoFactor.Kinds = []string{}
	return u, err
}

// allot gives users their factors.
func allot(factors interface {
	Next() bool
	Scan(...any) error
	Err() error
}, users []userFloor,
) error {
	byID := make(map[string]*userFloor, len(users))
	for i := range users {
		byID[users[i].ID] = &users[i]
	}
	for factors.Next() {
		var user, kind string
		if err := factors.Scan(&user, &kind); err != nil {
			return err
		}
		owner := byID[user]
		owner.TwoFactor.IsEnrolled = true
		owner.TwoFactor.Kinds = append(owner.TwoFactor.Kinds, kind)
	}
	return factors.Err()
}

func (f postgresFloor) account(ctx context.Context, email string) (a accountFloor, err error) {
	err = f.pool.QueryRow(ctx, `SELECT u.organisation_id, u.id, u.password_hash FROM identifiers AS i
		JOIN users AS u ON u.portal = i.portal AND u.organisation_id = i.organisation_id AND u.id = i.user_id
		WHERE i.portal = $1 AND i.kind = 'EMAIL' AND i.value = $2`, portalSlug, email).Scan(&a.organisation, &a.user, &a.passwordHash)
	return a, err
}

func (f postgresFloor) open(ctx context.Context, a accountFloor, id string, tokenHash []byte) error {
	_, err := f.pool.Exec(ctx, `INSERT INTO sessions (portal, organisation_id, id, user_id, token_hash, strength, provider,
		proven_at, created_at, last_seen_at, user_agent, ip_address)
		VALUES ($1, $2, $3, $4, $5, 'SINGLE_FACTOR', 'password', now(), now(), now(), 'bench', '127.0.0.1')`,
		portalSlug, a.organisation, id, a.user, tokenHash)
	return err
}
