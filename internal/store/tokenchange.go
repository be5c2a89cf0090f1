package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// LockAPIToken loads one and holds it, so that of two changes the second sees the first; or refuses with NOT_FOUND.
func (s *Scope) LockAPIToken(ctx context.Context, id identity.ID) (identity.APIToken, error) {
	var row apiTokenRow
	err := s.locked(s.selectRows(&row)).ColumnExpr(apiTokenColumns).Where("t.id = ?", id).Scan(ctx)
	return row.apiToken(), found(err, "lock API token")
}

// SaveAPIToken saves what became of a token that is locked. Where its place is another now, what it keeps there comes with it:
// the keys of what it asked for, and its imports.
func (s *Scope) SaveAPIToken(ctx context.Context, old, next identity.APIToken) error {
	if !s.admits(tenancy{next.Portal, next.Organisation}.owner()) {
		return errors.New("save API token: its place belongs to another tenant")
	}
	row := apiTokenRowOf(next, nil)
	result, err := s.updateRows((*apiTokenRow)(nil)).
		Set("organisation_id = ?, name = ?, scopes = ?, networks = ?", row.OrganisationID, row.Name, row.Scopes, row.Networks).
		Set("expires_at = ?, created_by = ?", row.ExpiresAt, row.CreatedBy).Where("t.id = ?", next.ID).Exec(ctx)
	if is, err := changed(result, err, "save API token"); err != nil || !is {
		return errors.Join(err, fmt.Errorf("save API token: %s isn't there", next.ID))
	}
	if _, err := s.deleteRows((*chosenRow)(nil)).Where("c.token_id = ?", next.ID).Exec(ctx); err != nil {
		return fmt.Errorf("let an API token out of organisations: %w", err)
	}
	if err := insert(ctx, s, chosenRowsOf(next)...); err != nil {
		return fmt.Errorf("let an API token into organisations: %w", err)
	}
	if old.Organisation == next.Organisation {
		return nil
	}
	return s.moveKept(ctx, old, next.Organisation)
}

// moveKept takes what a token keeps for itself to another place. A request under way at the old place is waited for, by
// HoldPlace.
func (s *Scope) moveKept(ctx context.Context, token identity.APIToken, to identity.ID) error {
	if _, err := s.updateRows((*idempotencyRow)(nil)).Set("organisation_id = ?", to).
		Where("k.organisation_id = ? AND k.actor_id = ?", token.Organisation, token.ID).Exec(ctx); err != nil {
		return fmt.Errorf("move idempotency keys: %w", err)
	}
	var imports []*importRow
	if err := s.selectRows(&imports).Where("m.organisation_id = ? AND m.actor_id = ?", token.Organisation, token.ID).Scan(ctx); err != nil {
		return fmt.Errorf("list a token's imports: %w", err)
	}
	for _, moved := range imports {
		if err := s.moveImport(ctx, moved, to); err != nil {
			return fmt.Errorf("move import: %w", err)
		}
	}
	return nil
}

// moveImport makes the import anew at its place, for its rows hang on to it.
func (s *Scope) moveImport(ctx context.Context, row *importRow, to identity.ID) error {
	from := row.OrganisationID
	row.OrganisationID = to
	if err := insert(ctx, s, row); err != nil {
		return err
	}
	if _, err := s.updateRows((*sentRow)(nil)).Set("organisation_id = ?", to).
		Where("r.organisation_id = ? AND r.import_id = ?", from, row.ID).Exec(ctx); err != nil {
		return err
	}
	_, err := s.deleteRows((*importRow)(nil)).Where("m.organisation_id = ? AND m.id = ?", from, row.ID).Exec(ctx)
	return err
}

// HoldPlace keeps a token at its place until the transaction ends, as a foreign key would: what is kept for it there isn't left
// behind by a change. It fails where the token went to another place since the request began.
func (s *Scope) HoldPlace(ctx context.Context, token identity.APIToken) error {
	query := s.selectRows((*apiTokenRow)(nil)).ColumnExpr("t.id").Where("t.organisation_id = ? AND t.id = ?", token.Organisation, token.ID)
	if s.isPostgres() {
		query = query.For("KEY SHARE OF ?TableAlias")
	}
	var id identity.ID
	if err := query.Scan(ctx, &id); err != nil {
		return fmt.Errorf("hold an API token's place: %w", err)
	}
	return nil
}
