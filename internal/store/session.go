package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type sessionRow struct {
	bun.BaseModel `bun:"table:sessions,alias:s"`
	tenancy
	ID             identity.ID              `bun:"id,pk"`
	UserID         identity.ID              `bun:"user_id"`
	TokenHash      []byte                   `bun:"token_hash"`
	Strength       identity.SessionStrength `bun:"strength"`
	Provider       string                   `bun:"provider"`
	AssuranceLevel identity.AssuranceLevel  `bun:"assurance_level"`
	KVKNumber      identity.KVKNumber       `bun:"kvk_number"`
	Establishments string                   `bun:"establishments"`
	Intermediary   identity.KVKNumber       `bun:"intermediary"`
	ProvenBy       identity.FactorKind      `bun:"proven_by"`
	ProvenAt       time.Time                `bun:"proven_at"`
	CreatedAt      time.Time                `bun:"created_at"`
	LastSeenAt     time.Time                `bun:"last_seen_at"`
	UserAgent      string                   `bun:"user_agent"`
	IPAddress      string                   `bun:"ip_address"`
}

func sessionRowOf(s identity.Session, tokenHash []byte) *sessionRow {
	row := &sessionRow{
		tenancy: tenancy{s.Portal, s.Organisation}, ID: s.ID, UserID: s.User, TokenHash: tokenHash, Strength: s.Strength,
		Provider: s.Provider, ProvenBy: s.ProvenBy, ProvenAt: s.ProvenAt, CreatedAt: s.CreatedAt, LastSeenAt: s.LastSeenAt,
		UserAgent: s.UserAgent, IPAddress: s.IPAddress, KVKNumber: s.KVKNumber, Establishments: spaced(s.EstablishmentScope),
	}
	if s.AssuranceLevel != nil {
		row.AssuranceLevel = *s.AssuranceLevel
	}
	if s.Intermediary != nil {
		row.Intermediary = *s.Intermediary
	}
	return row
}

func (r *sessionRow) session() identity.Session {
	session := identity.Session{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, User: r.UserID, Strength: r.Strength,
		Provider: r.Provider, ProvenBy: r.ProvenBy, ProvenAt: r.ProvenAt, CreatedAt: r.CreatedAt, LastSeenAt: r.LastSeenAt,
		UserAgent: r.UserAgent, IPAddress: r.IPAddress, KVKNumber: r.KVKNumber, EstablishmentScope: establishments(r.Establishments),
	}
	if r.AssuranceLevel != "" {
		session.AssuranceLevel = &r.AssuranceLevel
	}
	if r.Intermediary != "" {
		session.Intermediary = &r.Intermediary
	}
	return session
}

// AddSession saves a new session.
func (s *Scope) AddSession(ctx context.Context, session identity.Session, tokenHash []byte) error {
	if err := insert(ctx, s, sessionRowOf(session, tokenHash)); err != nil {
		return fmt.Errorf("add session: %w", err)
	}
	return nil
}

// RenewSession gives a session new proof, strength and token; false where the session has ended meanwhile.
func (s *Scope) RenewSession(ctx context.Context, session identity.Session, tokenHash []byte) (bool, error) {
	result, err := s.updateRows(sessionRowOf(session, tokenHash)).Column("token_hash", "strength", "proven_by", "proven_at").
		Where("s.id = ?", session.ID).Exec(ctx)
	return changed(result, err, "renew session")
}

// Sessions lists a user's, the latest first, those that have run out included.
func (s *Scope) Sessions(ctx context.Context, user identity.ID) ([]identity.Session, error) {
	var rows []sessionRow
	if err := s.selectRows(&rows).Where("s.user_id = ?", user).OrderExpr("s.id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	all := make([]identity.Session, len(rows))
	for i := range rows {
		all[i] = rows[i].session()
	}
	return all, nil
}

// EndSession ends one of a user's sessions; false where there is no such one.
func (s *Scope) EndSession(ctx context.Context, user, id identity.ID) (bool, error) {
	result, err := s.deleteRows((*sessionRow)(nil)).Where("s.user_id = ? AND s.id = ?", user, id).Exec(ctx)
	return changed(result, err, "end session")
}

// EndSessionsOf ends all sessions of a user, but for the one to keep ("" for none).
func (s *Scope) EndSessionsOf(ctx context.Context, user, keep identity.ID) error {
	if _, err := s.deleteRows((*sessionRow)(nil)).Where("s.user_id = ? AND s.id <> ?", user, keep).Exec(ctx); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}
