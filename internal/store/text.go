package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Text is what a message to a phone has beside its words.
type Text struct {
	// Factor is the factor, or the enrolment, that the number is of.
	Factor identity.ID
	// SealedNumber is sealed to the message's id, and forgotten when the message is settled. NumberKey is the number's MAC,
	// which stays.
	SealedNumber, NumberKey []byte
	// TriedAt is when the text was handed to the provider without an answer; nil: it wasn't, or the answer was no.
	TriedAt *time.Time
}

func (r *messageRow) text() Text {
	return Text{Factor: r.FactorID, SealedNumber: r.SealedNumber, NumberKey: r.NumberKey, TriedAt: r.TriedAt}
}

// TellText is Tell for a text; sealedCode is nil where it carries no code.
func (s *Scope) TellText(message identity.Message, sealedCode []byte, text Text) {
	s.Tell(message, sealedCode)
	row := &s.messages[len(s.messages)-1]
	row.FactorID, row.SealedNumber, row.NumberKey, row.TriedAt = text.Factor, text.SealedNumber, text.NumberKey, text.TriedAt
}

// LockText loads a text that is still to be handed over, and keeps every other transaction that locks it waiting; or
// refuses with NOT_FOUND where it was settled meanwhile.
func (s *Scope) LockText(ctx context.Context, id identity.ID) (QueuedMessage, error) {
	var row messageRow
	err := s.locked(s.selectRows(&row)).Where("m.id = ? AND m.kind IN (?) AND m.state = ?", id, bun.List(identity.TextKinds), MessageQueued).Scan(ctx)
	return QueuedMessage{Message: row.message(), SealedToken: row.SealedToken, Text: row.text()}, found(err, "lock text")
}

// TryText notes that a text is handed to the provider now, or (nil) that the provider has said no. As long as there is no
// answer, it may have been taken.
func (s *Scope) TryText(ctx context.Context, id identity.ID, at *time.Time) error {
	_, err := s.updateRows((*messageRow)(nil)).Set("tried_at = ?", at).
		Where("m.id = ? AND m.kind IN (?) AND m.state = ?", id, bun.List(identity.TextKinds), MessageQueued).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note that a text is tried: %w", err)
	}
	return nil
}

// SettleText notes how handing a text over ended, forgets the code and the number in it, and answers whether it was the
// first to do so. ProviderID is the provider's id of what it took; "" for what it didn't.
func (s *Scope) SettleText(ctx context.Context, id identity.ID, state MessageState, refusal, providerID string) (bool, error) {
	result, err := s.updateRows((*messageRow)(nil)).
		Set("state = ?", state).Set("settled_at = ?", s.Now).Set("refusal = ?", refusal).Set("provider_id = ?", providerID).
		Set("sealed_token = NULL").Set("sealed_number = NULL").
		Where("m.id = ? AND m.kind IN (?) AND m.state = ?", id, bun.List(identity.TextKinds), MessageQueued).Exec(ctx)
	return changed(result, err, "settle text")
}

// ReportText saves what the provider tells of a text that it took. A text that was still to be handed over is settled: the
// provider has it. The first end that is told is the end, however often and in whatever order others are; what is told on
// the way there changes nothing. It answers whether this was the end, or refuses with NOT_FOUND for a text that there isn't
// or that has another id at the provider.
func (s *Scope) ReportText(ctx context.Context, id identity.ID, report identity.TextReport) (QueuedMessage, bool, error) {
	var row messageRow
	err := s.locked(s.selectRows(&row)).Where("m.id = ? AND m.kind IN (?)", id, bun.List(identity.TextKinds)).Scan(ctx)
	if err := found(err, "report text"); err != nil {
		return QueuedMessage{}, false, err
	}
	text := QueuedMessage{Message: row.message(), Text: row.text()}
	if row.ProviderID != "" && row.ProviderID != report.ProviderID {
		return text, false, identity.Refuse(identity.NotFound)
	}
	if row.State == MessageQueued {
		if _, err := s.SettleText(ctx, id, MessageDelivered, "", report.ProviderID); err != nil {
			return text, false, err
		}
	}
	if report.Status == identity.TextUnderway || row.ProviderStatus != identity.TextUnderway {
		return text, false, nil
	}
	query := s.updateRows((*messageRow)(nil)).Set("provider_id = ?", report.ProviderID).Set("provider_status = ?", report.Status).
		Where("m.id = ?", id)
	if report.Fault != 0 {
		query = query.Set("refusal = ?", fmt.Sprintf("Twilio %d", report.Fault))
	}
	result, err := query.Exec(ctx)
	ended, err := changed(result, err, "report text")
	return text, ended, err
}

// MarkNumber remembers on the factor that a text went to whether its number takes texts, where the factor still has that
// number: same compares with the one that is sealed to the factor's id. A factor that isn't enrolled has no mark.
func (s *Scope) MarkNumber(ctx context.Context, text QueuedMessage, refused bool, same func(sealedNumber []byte) bool) error {
	var row factorRow
	err := s.locked(s.selectRows(&row)).Where("f.user_id = ? AND f.id = ? AND f.kind = ?", text.User, text.Text.Factor, identity.SMS).
		Where("(f.refused_at IS NULL) = ?", refused).Limit(1).Scan(ctx)
	if isMissing(err) || err == nil && !same(row.SealedSecret) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("mark number: %w", err)
	}
	var at *time.Time
	if refused {
		at = &s.Now
	}
	if _, err := s.updateRows((*factorRow)(nil)).Set("refused_at = ?", at).Where("f.id = ?", row.ID).Exec(ctx); err != nil {
		return fmt.Errorf("mark number: %w", err)
	}
	return nil
}
