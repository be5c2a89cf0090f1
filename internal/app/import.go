package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Delivery is rows of an import, as one call brings them.
type Delivery[R UserRow | OrganisationRow] struct {
	// Key is what the caller calls the import.
	Key  string
	Rows []R
	// Invites says whether whoever comes without a password is mailed their invitation.
	Invites bool
}

// ImportUsers takes rows of users. Its answer says that they are kept; what becomes of each, the import tells later. A row that
// came before is the same row: to go on after a lost answer is to send the same rows again.
func (a *App) ImportUsers(ctx context.Context, actor identity.Actor, brought Delivery[UserRow]) (identity.Import, error) {
	bringsSecrets := slices.ContainsFunc(brought.Rows, func(r UserRow) bool { return r.PasswordHash != nil || r.TOTP != nil })
	parcels := make([]parcel, len(brought.Rows))
	for i, row := range brought.Rows {
		parcels[i] = parcel{row.Number, sentUser{row, brought.Invites}}
	}
	return a.accept(ctx, actor, identity.ImportOfUsers, brought.Key, parcels, bringsSecrets)
}

// ImportOrganisations takes rows of organisations, as ImportUsers does of users.
func (a *App) ImportOrganisations(ctx context.Context, actor identity.Actor, brought Delivery[OrganisationRow]) (identity.Import, error) {
	parcels := make([]parcel, len(brought.Rows))
	for i, row := range brought.Rows {
		parcels[i] = parcel{row.Number, sentOrganisation{row, brought.Invites}}
	}
	return a.accept(ctx, actor, identity.ImportOfOrganisations, brought.Key, parcels, false)
}

// parcel is a row with its number.
type parcel struct {
	number  int
	content any
}

func (a *App) accept(ctx context.Context, actor identity.Actor, kind identity.ImportKind, key string, parcels []parcel, bringsSecrets bool) (identity.Import, error) {
	if err := checkParcels(key, parcels); err != nil {
		return identity.Import{}, err
	}
	if err := actor.CheckImport(kind, bringsSecrets); err != nil {
		return identity.Import{}, err
	}
	var accepted identity.Import
	err := a.db.Within(ctx, actor.Tenant(), func(s *store.Scope) error {
		if err := holdPlace(ctx, s, actor); err != nil {
			return err
		}
		begun, err := s.BeginImport(ctx, identity.Import{
			ID: a.newID(identity.KindImport, s.Now), Portal: actor.Portal.Slug, Organisation: homeOf(actor),
			Key: key, Kind: kind, CreatedBy: actor.ID(), CreatedAt: s.Now,
		})
		if err != nil {
			return err
		}
		if begun.Kind != kind {
			return identity.Refuse(identity.IdempotencyKeyReused, "input", "key")
		}
		rows, err := a.fresh(ctx, s, begun, parcels)
		if err != nil {
			return err
		}
		if err := s.AddImportRows(ctx, begun, rows...); err != nil {
			return err
		}
		accepted, err = s.ImportProgress(ctx, begun.ID)
		return err
	})
	return accepted, err
}

// homeOf is where an actor's imports are kept: with their API token, or for the whole portal.
func homeOf(actor identity.Actor) identity.ID {
	if actor.Token != nil {
		return actor.Token.Organisation
	}
	return identity.WholePortal
}

func checkParcels(key string, parcels []parcel) error {
	if identity.CheckIdempotencyKey(key) != nil {
		return identity.Refuse(identity.InvalidInput, "input", "key")
	}
	if len(parcels) == 0 || len(parcels) > identity.MostRowsAtOnce {
		return identity.Refuse(identity.InvalidInput, "input", "rows")
	}
	for i, p := range parcels {
		if p.number < 1 || p.number > identity.MostImportRows {
			return identity.Refuse(identity.InvalidInput, "input", "rows", strconv.Itoa(i), "number")
		}
	}
	return nil
}

// fresh seals those of the rows that didn't come before. Another row under a number that came before is refused
// (IDEMPOTENCY_KEY_REUSED): what became of the first is told already.
func (a *App) fresh(ctx context.Context, s *store.Scope, begun identity.Import, parcels []parcel) ([]store.SealedRow, error) {
	numbers := make([]int, len(parcels))
	for i, p := range parcels {
		numbers[i] = p.number
	}
	sent, err := s.SentRows(ctx, begun, numbers)
	if err != nil {
		return nil, err
	}
	var rows []store.SealedRow
	for i, p := range parcels {
		text, err := json.Marshal(p.content)
		if err != nil {
			return nil, fmt.Errorf("write a row of an import: %w", err)
		}
		place := placeOf(begun.ID, p.number)
		if mac, came := sent[p.number]; came {
			if !a.keys.VerifyMAC("import row", mac, place, text) {
				return nil, identity.Refuse(identity.IdempotencyKeyReused, "input", "rows", strconv.Itoa(i), "number")
			}
			continue
		}
		row := store.SealedRow{Number: p.number, MAC: a.keys.MAC("import row", place, text), Sealed: a.keys.Seal(text, place)}
		sent[p.number] = row.MAC
		rows = append(rows, row)
	}
	return rows, nil
}

// placeOf is where the content of a row belongs.
func placeOf(id identity.ID, number int) []byte {
	return fmt.Appendf(nil, "import %s row %d", id, number)
}

// rowsAtOnce is how many rows share a transaction: enough for the commit to be cheap, and few enough for others to wait for
// the organisations that it locks no longer than a moment.
const rowsAtOnce = 25

// PerformImport works on the next rows of an import that wait, behind that number, and answers the last that it came to; the
// same number where none is left. What the rows make and what is told of them is one commit, so that whatever dies in
// between, and however many processes try, no row is worked on twice. Where a row meets a fault it goes on waiting, and the
// others are done; the fault is answered.
func (a *App) PerformImport(ctx context.Context, portal identity.Portal, id identity.ID, after int) (int, error) {
	last, err := a.importRows(ctx, portal, id, after, rowsAtOnce)
	if err == nil {
		return last, nil
	}
	reached, faults := after, error(nil)
	for reached < last && ctx.Err() == nil {
		next, err := a.importRows(ctx, portal, id, reached, 1)
		faults = errors.Join(faults, err)
		if next == reached {
			break
		}
		reached = next
	}
	if faults == nil && reached == after {
		faults = err
	}
	return reached, faults
}

func (a *App) importRows(ctx context.Context, portal identity.Portal, id identity.ID, after, most int) (last int, err error) {
	begun, maker, err := a.makerOf(ctx, portal, id)
	if err != nil {
		return after, ignoreNotFound(err)
	}
	err = a.db.Within(ctx, maker.Tenant(), func(s *store.Scope) error {
		last = after
		if _, err := s.LockImport(ctx, id); err != nil {
			return ignoreNotFound(err)
		}
		rows, err := s.WaitingRows(ctx, begun, after, most)
		if err != nil || len(rows) == 0 {
			return err
		}
		last = rows[len(rows)-1].Number
		for _, row := range rows {
			if err := a.importRow(ctx, s, maker, begun, row); err != nil {
				return fmt.Errorf("row %d of import %s: %w", row.Number, id, err)
			}
		}
		return nil
	})
	return last, err
}

// Import loads one with its counts; nil for one that the actor may not see, as for one that doesn't exist.
func (a *App) Import(ctx context.Context, actor identity.Actor, id identity.ID) (*identity.Import, error) {
	var found identity.Import
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		found, err = s.ImportProgress(ctx, id)
		return err
	})
	return visible(&found, err, true)
}

// ImportRows lists an import's by number; of one state where it is asked for.
func (a *App) ImportRows(ctx context.Context, actor identity.Actor, of identity.Import, state *identity.ImportRowState, page identity.Page) (identity.Slice[identity.ImportRow], error) {
	var rows identity.Slice[identity.ImportRow]
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		rows, err = s.ImportRows(ctx, of, state, page)
		return err
	})
	return rows, err
}

// CountImportRows counts what ImportRows lists.
func (a *App) CountImportRows(ctx context.Context, actor identity.Actor, of identity.Import, state *identity.ImportRowState) (int, error) {
	var count int
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		count, err = s.CountImportRows(ctx, of, state)
		return err
	})
	return count, err
}
