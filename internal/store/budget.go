package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// budgetRow counts the texts of one day. It belongs to a portal and to no organisation: a number can be asked for by
// anybody in the portal.
type budgetRow struct {
	bun.BaseModel `bun:"table:text_budgets,alias:b"`
	Portal        string     `bun:"portal,pk"`
	Subject       string     `bun:"subject,pk"`
	Day           time.Time  `bun:"day,pk"`
	Spent         int        `bun:"spent"`
	ExhaustedAt   *time.Time `bun:"exhausted_at"`
}

// Exhausted is a budget that is used up; the zero value: none is.
type Exhausted struct {
	Budget identity.Budget
	// First: nobody has run into it before today.
	First bool
}

// SpendText counts one more text to a number for an organisation, or answers which budget forbids it; then none is
// counted. The counts are locked until the transaction ends, so that texts at the same time can't get past a limit
// together: always in the same order, the one that most wait for last.
func (s *Scope) SpendText(ctx context.Context, organisation identity.Tenant, numberKey []byte, policy identity.SMSPolicy) (Exhausted, error) {
	if !s.admits(organisation) {
		return Exhausted{}, errors.New("spend on a text: the organisation is another tenant's")
	}
	var spent identity.Budgets
	counts := []struct {
		budget  identity.Budget
		subject string
		spent   *int
	}{
		{identity.NumberBudget, "number " + hex.EncodeToString(numberKey), &spent.PerNumber},
		{identity.OrganisationBudget, "organisation " + string(organisation.Organisation), &spent.PerOrganisation},
		{identity.PortalBudget, "portal", &spent.PerPortal},
	}
	for _, count := range counts {
		if err := s.lockBudget(ctx, count.subject, count.spent); err != nil {
			return Exhausted{}, err
		}
	}
	exhausted := Exhausted{Budget: policy.Spend(spent)}
	for _, count := range counts {
		var err error
		switch exhausted.Budget {
		case "":
			_, err = s.updateBudget(count.subject).Set("spent = spent + 1").Exec(ctx)
		case count.budget:
			exhausted.First, err = s.exhaust(ctx, count.subject)
		}
		if err != nil {
			return Exhausted{}, fmt.Errorf("spend on a text: %w", err)
		}
	}
	return exhausted, nil
}

// lockBudget adds a count, or touches it where there is one: it is locked either way.
func (s *Scope) lockBudget(ctx context.Context, subject string, spent *int) error {
	row := &budgetRow{Portal: s.tenant.Portal, Subject: subject, Day: s.today()}
	_, err := s.tx.NewInsert().Model(row).On("CONFLICT (portal, subject, day) DO UPDATE").Set("spent = b.spent").
		Returning("spent").Exec(ctx)
	if err != nil {
		return fmt.Errorf("lock the budget of texts: %w", err)
	}
	*spent = row.Spent
	return nil
}

// exhaust notes when somebody first ran into a budget; false where somebody had before.
func (s *Scope) exhaust(ctx context.Context, subject string) (bool, error) {
	result, err := s.updateBudget(subject).Set("exhausted_at = ?", s.Now).Where("b.exhausted_at IS NULL").Exec(ctx)
	return changed(result, err, "note an exhausted budget")
}

func (s *Scope) updateBudget(subject string) *bun.UpdateQuery {
	return s.tx.NewUpdate().Model((*budgetRow)(nil)).
		Where("b.portal = ? AND b.subject = ? AND b.day = ?", s.tenant.Portal, subject, s.today())
}

// today begins at midnight UTC.
func (s *Scope) today() time.Time { return s.Now.Truncate(24 * time.Hour) }

func isMissing(err error) bool { return errors.Is(err, sql.ErrNoRows) }
