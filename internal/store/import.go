package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type importRow struct {
	bun.BaseModel `bun:"table:imports,alias:m"`
	tenancy
	ID        identity.ID         `bun:"id,pk"`
	ActorID   identity.ID         `bun:"actor_id"`
	Key       string              `bun:"key"`
	Kind      identity.ImportKind `bun:"kind"`
	CreatedAt time.Time           `bun:"created_at"`

	Total  int `bun:"total,scanonly"`
	Done   int `bun:"done,scanonly"`
	Failed int `bun:"failed,scanonly"`
}

func importRowOf(i identity.Import) *importRow {
	return &importRow{tenancy: tenancy{i.Portal, i.Organisation}, ID: i.ID, ActorID: i.CreatedBy, Key: i.Key, Kind: i.Kind, CreatedAt: i.CreatedAt}
}

func (r *importRow) toImport() identity.Import {
	return identity.Import{
		ID: r.ID, Portal: r.Portal, Organisation: r.OrganisationID, Key: r.Key, Kind: r.Kind, CreatedBy: r.ActorID,
		CreatedAt: r.CreatedAt, Total: r.Total, Done: r.Done, Failed: r.Failed,
	}
}

// sentRow is a row of an import.
type sentRow struct {
	bun.BaseModel `bun:"table:import_rows,alias:r"`
	tenancy
	ImportID identity.ID             `bun:"import_id,pk"`
	Number   int                     `bun:"number,pk"`
	State    identity.ImportRowState `bun:"state"`
	MAC      []byte                  `bun:"mac"`
	Sealed   []byte                  `bun:"sealed"`
	TargetID identity.ID             `bun:"target_id"`
	Refusals string                  `bun:"refusals"`
}

// keptRefusal is a refusal as it is kept with a row.
type keptRefusal struct {
	Code identity.Code `json:"code"`
	Path []string      `json:"path"`
}

func (r *sentRow) row() (identity.ImportRow, error) {
	row := identity.ImportRow{Number: r.Number, State: r.State, Target: r.TargetID}
	var all []keptRefusal
	if err := json.Unmarshal([]byte(r.Refusals), &all); err != nil {
		return row, fmt.Errorf("read why row %d of an import failed: %w", r.Number, err)
	}
	for _, one := range all {
		row.Refusals = append(row.Refusals, identity.Refuse(one.Code, one.Path...))
	}
	return row, nil
}

// SealedRow is what was sent as a row: sealed, with a MAC by which the same row is known again.
type SealedRow struct {
	Number      int
	MAC, Sealed []byte
}

// BeginImport makes an import, or finds the one that its maker calls so, and holds it: rows are added to it, and worked on,
// by one transaction at a time.
func (s *Scope) BeginImport(ctx context.Context, i identity.Import) (identity.Import, error) {
	row := importRowOf(i)
	if !s.admits(row.owner()) {
		return i, fmt.Errorf("begin import: it belongs to another tenant")
	}
	_, err := s.tx.NewInsert().Model(row).On("CONFLICT (portal, organisation_id, actor_id, key) DO NOTHING").Exec(ctx)
	if err != nil {
		return i, fmt.Errorf("begin import: %w", err)
	}
	var begun importRow
	err = s.locked(s.selectRows(&begun)).Where("m.organisation_id = ? AND m.actor_id = ? AND m.key = ?", i.Organisation, i.CreatedBy, i.Key).Scan(ctx)
	return begun.toImport(), found(err, "begin import")
}

// LockImport loads an import, without its counts, and holds it; or refuses with NOT_FOUND.
func (s *Scope) LockImport(ctx context.Context, id identity.ID) (identity.Import, error) {
	var row importRow
	err := s.locked(s.selectRows(&row)).Where("m.id = ?", id).Scan(ctx)
	return row.toImport(), found(err, "lock import")
}

// Import loads one without its counts, or refuses with NOT_FOUND.
func (s *Scope) Import(ctx context.Context, id identity.ID) (identity.Import, error) {
	var row importRow
	err := s.selectRows(&row).Where("m.id = ?", id).Scan(ctx)
	return row.toImport(), found(err, "load import")
}

// ImportProgress loads one with its counts, for which each of its rows is read, or refuses with NOT_FOUND.
func (s *Scope) ImportProgress(ctx context.Context, id identity.ID) (identity.Import, error) {
	var row importRow
	const rows = "SELECT count(*) FROM import_rows AS r WHERE r.portal = m.portal AND r.organisation_id = m.organisation_id AND r.import_id = m.id"
	err := s.selectRows(&row).ColumnExpr("?TableColumns").ColumnExpr("("+rows+") AS total").
		ColumnExpr("("+rows+" AND r.state = ?) AS done", identity.RowDone).
		ColumnExpr("("+rows+" AND r.state = ?) AS failed", identity.RowFailed).Where("m.id = ?", id).Scan(ctx)
	return row.toImport(), found(err, "count an import's rows")
}

// rowsOf finds the rows of an import by where it is kept, which their indexes begin with.
func rowsOf(i identity.Import) func(bun.QueryBuilder) bun.QueryBuilder {
	return func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("r.organisation_id = ? AND r.import_id = ?", i.Organisation, i.ID)
	}
}

// SentRows answers the MACs of those rows of an import that came before, by their numbers.
func (s *Scope) SentRows(ctx context.Context, of identity.Import, numbers []int) (map[int][]byte, error) {
	var rows []sentRow
	err := s.selectRows(&rows).Column("number", "mac").ApplyQueryBuilder(rowsOf(of)).Where("r.number IN (?)", bun.List(numbers)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for sent rows: %w", err)
	}
	macs := map[int][]byte{}
	for _, row := range rows {
		macs[row.Number] = row.MAC
	}
	return macs, nil
}

// AddImportRows saves new rows of an import, which must be locked, and has it gone on with once the transaction commits.
func (s *Scope) AddImportRows(ctx context.Context, i identity.Import, rows ...SealedRow) error {
	added := make([]*sentRow, len(rows))
	for n, row := range rows {
		added[n] = &sentRow{
			tenancy: tenancy{i.Portal, i.Organisation}, ImportID: i.ID, Number: row.Number, State: identity.RowWaiting,
			MAC: row.MAC, Sealed: row.Sealed, Refusals: "[]",
		}
	}
	if err := insert(ctx, s, added...); err != nil {
		return fmt.Errorf("add rows of an import: %w", err)
	}
	s.imports = append(s.imports, i)
	return nil
}

func (s *Scope) flushImports(ctx context.Context, enqueuer Enqueuer) error {
	for _, i := range s.imports {
		if enqueuer == nil {
			break
		}
		if err := enqueuer.EnqueueImport(ctx, s.tx.Tx, i.Portal, i.ID); err != nil {
			return fmt.Errorf("enqueue import: %w", err)
		}
	}
	return nil
}

// WaitingRows loads the next rows of an import that wait, behind that number. The import must be locked.
func (s *Scope) WaitingRows(ctx context.Context, of identity.Import, after, most int) ([]SealedRow, error) {
	var rows []sentRow
	err := s.selectRows(&rows).Column("number", "mac", "sealed").
		ApplyQueryBuilder(rowsOf(of)).Where("r.state = ? AND r.number > ?", identity.RowWaiting, after).
		OrderExpr("r.number").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("load waiting rows: %w", err)
	}
	all := make([]SealedRow, len(rows))
	for n, row := range rows {
		all[n] = SealedRow{Number: row.Number, MAC: row.MAC, Sealed: row.Sealed}
	}
	return all, nil
}

// SettleImportRow notes what became of a row, and forgets what stood in it; false where it was settled before.
func (s *Scope) SettleImportRow(ctx context.Context, of identity.Import, row identity.ImportRow) (bool, error) {
	kept := make([]keptRefusal, len(row.Refusals))
	for n, refusal := range row.Refusals {
		kept[n] = keptRefusal{Code: refusal.Code, Path: refusal.Path}
	}
	refusals, err := json.Marshal(kept)
	if err != nil {
		return false, fmt.Errorf("settle row: %w", err)
	}
	result, err := s.updateRows((*sentRow)(nil)).Set("state = ?", row.State).Set("target_id = ?", row.Target).
		Set("refusals = ?", string(refusals)).Set("sealed = NULL").
		ApplyQueryBuilder(rowsOf(of)).Where("r.number = ? AND r.state = ?", row.Number, identity.RowWaiting).Exec(ctx)
	return changed(result, err, "settle row")
}

// ImportRows lists an import's by number; of one state where it is asked for.
func (s *Scope) ImportRows(ctx context.Context, of identity.Import, state *identity.ImportRowState, page identity.Page) (identity.Slice[identity.ImportRow], error) {
	var rows []sentRow
	query := s.selectRows(&rows).Column("number", "state", "target_id", "refusals").ApplyQueryBuilder(rowsOf(of)).
		OrderExpr("r.number").Limit(int64(page.First) + 1)
	if state != nil {
		query = query.Where("r.state = ?", *state)
	}
	if len(page.After) == 1 {
		after, _ := strconv.Atoi(page.After[0]) // what is no number begins at the beginning
		query = query.Where("r.number > ?", after)
	}
	if err := query.Scan(ctx); err != nil {
		return identity.Slice[identity.ImportRow]{}, fmt.Errorf("list rows of an import: %w", err)
	}
	var failed error
	listed := slice(rows, page, func(r *sentRow) identity.ImportRow {
		row, err := r.row()
		if err != nil {
			failed = err
		}
		return row
	})
	return listed, failed
}

// CountImportRows counts what ImportRows lists.
func (s *Scope) CountImportRows(ctx context.Context, of identity.Import, state *identity.ImportRowState) (int, error) {
	query := s.selectRows((*sentRow)(nil)).ApplyQueryBuilder(rowsOf(of))
	if state != nil {
		query = query.Where("r.state = ?", *state)
	}
	count, err := query.Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count rows of an import: %w", err)
	}
	return int(count), nil
}
