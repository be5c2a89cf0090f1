package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// How long rows are kept after they have served, where no portal says: that is retention.go's. Whoever asks about last month
// finds it in the audit log, which is never swept.
const (
	keepSignIns     = time.Hour           // past their expiry
	keepEnrolment   = 24 * time.Hour      // past their expiry
	keepCodes       = time.Hour           // past their expiry
	keepChallenge   = time.Hour           // past their expiry
	keepContacts    = 24 * time.Hour      // past their expiry; wrong codes stay counted for so long
	keepFailures    = 2 * 24 * time.Hour  // from the last one
	keepBudgets     = 2 * 24 * time.Hour  // from the beginning of their day
	keepAttempts    = 2 * 24 * time.Hour  // from the beginning of their day
	keepRegistrants = 60 * 24 * time.Hour // from their end
	keepJourneys    = time.Hour           // past their expiry; what was asserted in them too
	keepRefusals    = identity.RefusalPause
	// No message is tried for this long. One that still waits lost its job, in a restored backup or in a process that
	// died during the last try.
	messageLost = 5 * 24 * time.Hour
)

// Sweep removes what has served, in every tenant, and settles as expired the messages that nobody delivers any more. It,
// QueueDueChecks and what looks for due webhooks are what works across the walls; they tell nothing of what is behind
// them.
func (db *DB) Sweep(ctx context.Context) error {
	now, err := db.now(ctx, db.system)
	if err != nil {
		return err
	}
	before := func(row any, column string, age time.Duration) *bun.DeleteQuery {
		return db.system.NewDelete().Model(row).Where("? < ?", bun.Ident(column), now.Add(-age))
	}
	for _, removal := range []*bun.DeleteQuery{
		before((*signInRow)(nil), "expires_at", keepSignIns),
		before((*enrolmentRow)(nil), "expires_at", keepEnrolment),
		before((*codeRow)(nil), "expires_at", keepCodes),
		before((*webAuthnChallengeRow)(nil), "expires_at", keepChallenge),
		before((*contactChangeRow)(nil), "expires_at", keepContacts),
		before((*journeyRow)(nil), "expires_at", keepJourneys),
		before((*assertionRow)(nil), "expires_at", keepJourneys),
		before((*refusalRow)(nil), "noted_at", keepRefusals),
		before((*failureRow)(nil), "last_at", keepFailures),
		before((*budgetRow)(nil), "day", keepBudgets),
		before((*attemptRow)(nil), "day", keepAttempts),
		before((*registrantRow)(nil), "ended_at", keepRegistrants),
	} {
		if _, err := removal.Exec(ctx); err != nil {
			return fmt.Errorf("sweep %s: %w", removal.GetTableName(), err)
		}
	}
	_, err = db.system.NewUpdate().Model((*messageRow)(nil)).
		Set("state = ?", MessageExpired).Set("settled_at = ?", now).Set("sealed_token = NULL").
		Set("sealed_number = NULL").Set("refusal = ?", "it was lost").
		Where("m.state = ? AND m.created_at < ?", MessageQueued, now.Add(-messageLost)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("sweep lost messages: %w", err)
	}
	return nil
}
