package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type businessRow struct {
	bun.BaseModel `bun:"table:business_identities,alias:b"`
	tenancy
	ID                       identity.ID             `bun:"id,pk"`
	KVKNumber                identity.KVKNumber      `bun:"kvk_number"`
	EstablishmentNumbers     string                  `bun:"establishment_numbers"`
	RegisteredEstablishments string                  `bun:"registered_establishments"`
	LegalName                string                  `bun:"legal_name"`
	RegisterStatus           identity.RegisterStatus `bun:"register_status"`
	VerifiedAt               *time.Time              `bun:"verified_at"`
	CheckDueAt               time.Time               `bun:"check_due_at"`
	CreatedAt                time.Time               `bun:"created_at"`
}

func businessRowOf(b identity.BusinessIdentity) *businessRow {
	return &businessRow{
		tenancy: tenancy{b.Portal, b.Organisation}, ID: b.ID, KVKNumber: b.KVKNumber,
		EstablishmentNumbers: spaced(b.EstablishmentNumbers), RegisteredEstablishments: spaced(b.RegisteredEstablishments),
		LegalName: b.LegalName, RegisterStatus: b.RegisterStatus, VerifiedAt: b.VerifiedAt, CheckDueAt: b.CheckDueAt,
		CreatedAt: b.CreatedAt,
	}
}

func (r *businessRow) business() identity.BusinessIdentity {
	return identity.BusinessIdentity{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, KVKNumber: r.KVKNumber,
		EstablishmentNumbers: establishments(r.EstablishmentNumbers), RegisteredEstablishments: establishments(r.RegisteredEstablishments),
		LegalName: r.LegalName, RegisterStatus: r.RegisterStatus, VerifiedAt: r.VerifiedAt, CheckDueAt: r.CheckDueAt,
		CreatedAt: r.CreatedAt,
	}
}

// spaced puts numbers into one text.
func spaced(numbers []identity.EstablishmentNumber) string {
	texts := make([]string, len(numbers))
	for i, number := range numbers {
		texts[i] = string(number)
	}
	return strings.Join(texts, " ")
}

func establishments(text string) []identity.EstablishmentNumber {
	numbers := []identity.EstablishmentNumber{}
	for number := range strings.FieldsSeq(text) {
		numbers = append(numbers, identity.EstablishmentNumber(number))
	}
	return numbers
}

// AddBusinessIdentity saves a new one, and has the trade register asked about it once the transaction commits. A number
// that another organisation of the portal has is refused (KVK_NUMBER_TAKEN).
func (s *Scope) AddBusinessIdentity(ctx context.Context, b identity.BusinessIdentity) error {
	if err := insert(ctx, s, businessRowOf(b)); err != nil {
		return fmt.Errorf("add business identity: %w", err)
	}
	s.checks = append(s.checks, b)
	return nil
}

// BusinessIdentity loads one, or refuses with NOT_FOUND.
func (s *Scope) BusinessIdentity(ctx context.Context, id identity.ID) (identity.BusinessIdentity, error) {
	var row businessRow
	err := s.locked(s.selectBusinesses(&row)).Where("b.id = ?", id).Scan(ctx)
	return s.tenant.Scope.Narrow(row.business()), found(err, "load business identity")
}

// BusinessIdentities loads an organisation's, by number.
func (s *Scope) BusinessIdentities(ctx context.Context, organisation identity.ID) ([]identity.BusinessIdentity, error) {
	all, err := s.BusinessIdentitiesOf(ctx, []identity.ID{organisation})
	return all[organisation], err
}

// BusinessIdentitiesOf loads those of several organisations, by their numbers.
func (s *Scope) BusinessIdentitiesOf(ctx context.Context, of []identity.ID) (map[identity.ID][]identity.BusinessIdentity, error) {
	var rows []businessRow
	err := s.selectBusinesses(&rows).Where("b.organisation_id IN (?)", bun.List(of)).OrderExpr("b.organisation_id, b.kvk_number").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("load business identities: %w", err)
	}
	all := make(map[identity.ID][]identity.BusinessIdentity, len(of))
	for _, organisation := range of {
		all[organisation] = []identity.BusinessIdentity{}
	}
	for i := range rows {
		owner := rows[i].OrganisationID
		all[owner] = append(all[owner], s.tenant.Scope.Narrow(rows[i].business()))
	}
	return all, nil
}

// SaveEstablishments saves which establishments may act, and nothing of what the register says.
func (s *Scope) SaveEstablishments(ctx context.Context, b identity.BusinessIdentity) error {
	_, err := s.updateRows(businessRowOf(b)).Column("establishment_numbers").Where("b.id = ?", b.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save establishments: %w", err)
	}
	return nil
}

// SaveRegisterAnswer saves what the register says, and nothing of what partners do.
func (s *Scope) SaveRegisterAnswer(ctx context.Context, b identity.BusinessIdentity) error {
	_, err := s.updateRows(businessRowOf(b)).
		Column("registered_establishments", "legal_name", "register_status", "verified_at", "check_due_at").
		Where("b.id = ?", b.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save an answer of the register: %w", err)
	}
	return nil
}

// RemoveBusinessIdentity takes one away; its number is free then.
func (s *Scope) RemoveBusinessIdentity(ctx context.Context, id identity.ID) error {
	if _, err := s.deleteRows((*businessRow)(nil)).Where("b.id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("remove business identity: %w", err)
	}
	return nil
}

func (s *Scope) flushChecks(ctx context.Context, enqueuer Enqueuer) error {
	return enqueueChecks(ctx, s.tx, enqueuer, s.checks)
}

func enqueueChecks(ctx context.Context, tx bun.Tx, enqueuer Enqueuer, checks []identity.BusinessIdentity) error {
	byTenant := map[identity.Tenant][]identity.ID{}
	for _, b := range checks {
		tenant := identity.Tenant{Portal: b.Portal, Organisation: b.Organisation}
		byTenant[tenant] = append(byTenant[tenant], b.ID)
	}
	for tenant, ids := range byTenant {
		if enqueuer == nil {
			break
		}
		if err := enqueuer.EnqueueChecks(ctx, tx.Tx, tenant, ids); err != nil {
			return fmt.Errorf("enqueue checks: %w", err)
		}
	}
	return nil
}

// QueueDueChecks enqueues checks of the business identities, in every tenant, that are due, at most so many, and keeps
// them from being due again for a while. It works across the walls, and answers nothing of what is behind them.
func (db *DB) QueueDueChecks(ctx context.Context, most int) error {
	err := db.system.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		now, err := db.now(ctx, tx)
		if err != nil {
			return err
		}
		due := tx.NewSelect().Model((*businessRow)(nil)).Column("id").Where("b.check_due_at <= ?", now).
			OrderExpr("b.check_due_at").Limit(int64(most))
		var rows []businessRow
		_, err = tx.NewUpdate().Model((*businessRow)(nil)).Set("check_due_at = ?", now.Add(identity.RecheckPause)).
			Where("b.id IN (?)", due).Returning("portal, organisation_id, id").Exec(ctx, &rows)
		if err != nil {
			return err
		}
		checks := make([]identity.BusinessIdentity, len(rows))
		for i := range rows {
			checks[i] = rows[i].business()
		}
		return enqueueChecks(ctx, tx, db.enqueuer, checks)
	})
	if err != nil {
		return fmt.Errorf("queue due checks: %w", err)
	}
	return nil
}
