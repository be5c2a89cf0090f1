package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type webAuthnCredentialRow struct {
	bun.BaseModel `bun:"table:webauthn_credentials,alias:w"`
	tenancy
	FactorID       identity.ID `bun:"factor_id,pk"`
	UserID         identity.ID `bun:"user_id"`
	CredentialID   []byte      `bun:"credential_id"`
	PublicKey      []byte      `bun:"public_key"`
	SignCount      int64       `bun:"sign_count"`
	BackupEligible bool        `bun:"backup_eligible"`
	BackedUp       bool        `bun:"backed_up"`
	UserVerified   bool        `bun:"user_verified"`
	Transports     string      `bun:"transports"`
}

func (r *webAuthnCredentialRow) credential() identity.PublicKeyCredential {
	return identity.PublicKeyCredential{
		Factor: r.FactorID, ID: r.CredentialID, PublicKey: r.PublicKey, SignCount: uint32(r.SignCount), //nolint:gosec // it was one
		BackupEligible: r.BackupEligible, BackedUp: r.BackedUp, UserVerified: r.UserVerified, Transports: strings.Fields(r.Transports),
	}
}

// PublicKeyCredentials lists those of a user's security keys, disabled ones too, in the order of their ids.
func (s *Scope) PublicKeyCredentials(ctx context.Context, user identity.ID) ([]identity.PublicKeyCredential, error) {
	var rows []webAuthnCredentialRow
	if err := s.selectRows(&rows).Where("w.user_id = ?", user).OrderExpr("w.factor_id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list credentials: %w", err)
	}
	all := make([]identity.PublicKeyCredential, len(rows))
	for i := range rows {
		all[i] = rows[i].credential()
	}
	return all, nil
}

// AddPublicKeyCredential saves what a user's security key was enrolled with, beside its factor. It refuses one that is
// enrolled in the portal already (INVALID_CODE): no key makes the same one twice. After a refusal the transaction is void and
// must be rolled back.
func (s *Scope) AddPublicKeyCredential(ctx context.Context, u identity.User, c identity.PublicKeyCredential) error {
	row := &webAuthnCredentialRow{
		tenancy: tenancy{u.Portal, u.OrganisationID}, FactorID: c.Factor, UserID: u.ID, CredentialID: c.ID, PublicKey: c.PublicKey,
		SignCount: int64(c.SignCount), BackupEligible: c.BackupEligible, BackedUp: c.BackedUp, UserVerified: c.UserVerified,
		Transports: strings.Join(c.Transports, " "),
	}
	if err := insert(ctx, s, row); err != nil {
		return fmt.Errorf("add credential: %w", err)
	}
	return nil
}

// AcceptAssertion notes what a key's answer changed; false where the counter has gone on meanwhile. A counter that stays 0
// is that of a key without one.
func (s *Scope) AcceptAssertion(ctx context.Context, c identity.PublicKeyCredential) (bool, error) {
	result, err := s.updateRows((*webAuthnCredentialRow)(nil)).
		Set("sign_count = ?", int64(c.SignCount)).Set("backed_up = ?", c.BackedUp).Set("user_verified = ?", c.UserVerified).
		Where("w.factor_id = ?", c.Factor).
		Where("(w.sign_count < ? OR w.sign_count = 0 AND ? = 0)", int64(c.SignCount), int64(c.SignCount)).Exec(ctx)
	return changed(result, err, "accept assertion")
}

type webAuthnChallengeRow struct {
	bun.BaseModel `bun:"table:webauthn_challenges,alias:h"`
	tenancy
	OwnerID       identity.ID `bun:"owner_id,pk"`
	UserID        identity.ID `bun:"user_id"`
	ChallengeHash []byte      `bun:"challenge_hash"`
	ExpiresAt     time.Time   `bun:"expires_at"`
}

// Challenge saves a challenge for an owner, a sign-in, an enrolment or a session, in the place of the one before.
func (s *Scope) Challenge(ctx context.Context, u identity.User, owner identity.ID, hash []byte, expires time.Time) error {
	if _, err := s.deleteRows((*webAuthnChallengeRow)(nil)).Where("h.owner_id = ?", owner).Exec(ctx); err != nil {
		return fmt.Errorf("replace challenge: %w", err)
	}
	row := &webAuthnChallengeRow{
		tenancy: tenancy{u.Portal, u.OrganisationID}, OwnerID: owner, UserID: u.ID, ChallengeHash: hash, ExpiresAt: expires,
	}
	if err := insert(ctx, s, row); err != nil {
		return fmt.Errorf("save challenge: %w", err)
	}
	return nil
}

// UseChallenge uses an owner's challenge up; false where it isn't the one, was used before, or has run out.
func (s *Scope) UseChallenge(ctx context.Context, owner identity.ID, hash []byte) (bool, error) {
	result, err := s.deleteRows((*webAuthnChallengeRow)(nil)).
		Where("h.owner_id = ? AND h.challenge_hash = ? AND h.expires_at > ?", owner, hash, s.Now).Exec(ctx)
	return changed(result, err, "use challenge")
}
