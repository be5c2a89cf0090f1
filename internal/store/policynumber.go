package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type policyNumberRow struct {
	bun.BaseModel `bun:"table:policy_numbers,alias:n"`
	tenancy
	Number identity.PolicyNumber `bun:"number,pk"`
}

// PolicyNumbersOf loads those of several organisations, in their order.
func (s *Scope) PolicyNumbersOf(ctx context.Context, of []identity.ID) (map[identity.ID][]identity.PolicyNumber, error) {
	var rows []policyNumberRow
	err := s.selectRows(&rows).Where("n.organisation_id IN (?)", bun.List(of)).OrderExpr("n.organisation_id, n.number").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("load policy numbers: %w", err)
	}
	all := make(map[identity.ID][]identity.PolicyNumber, len(of))
	for _, organisation := range of {
		all[organisation] = []identity.PolicyNumber{}
	}
	for _, row := range rows {
		all[row.OrganisationID] = append(all[row.OrganisationID], row.Number)
	}
	return all, nil
}

// SetPolicyNumbers makes an organisation's exactly those. It refuses one that another organisation of the portal has
// (POLICY_NUMBER_TAKEN).
func (s *Scope) SetPolicyNumbers(ctx context.Context, organisation identity.Tenant, numbers []identity.PolicyNumber) error {
	_, err := s.deleteRows((*policyNumberRow)(nil)).Where("n.organisation_id = ?", organisation.Organisation).Exec(ctx)
	if err != nil {
		return fmt.Errorf("remove policy numbers: %w", err)
	}
	rows := make([]*policyNumberRow, len(numbers))
	for i, number := range numbers {
		rows[i] = &policyNumberRow{tenancy: tenancy{organisation.Portal, organisation.Organisation}, Number: number}
	}
	if err := insert(ctx, s, rows...); err != nil {
		return fmt.Errorf("add policy numbers: %w", err)
	}
	return nil
}

// PolicyHolder answers which organisation has a policy number; "" for none.
func (s *Scope) PolicyHolder(ctx context.Context, number identity.PolicyNumber) (identity.ID, error) {
	var row policyNumberRow
	err := s.selectRows(&row).Where("n.number = ?", number).Scan(ctx)
	if refusal := found(err, "look a policy number up"); err != nil && !errors.Is(refusal, identity.Refuse(identity.NotFound)) {
		return "", refusal
	}
	return row.OrganisationID, nil
}
