package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// resealed at once: between two batches it is told how far the work is.
const resealedAtOnce = 200

// Rotation is how far the rotation of a column is.
type Rotation struct {
	// Column is table.column.
	Column string
	// Resealed counts what is under the newest key now; Unopened what opens under no key of the keyring, and stays as it is.
	Resealed, Unopened int
}

// RotateKeys seals everything anew that is sealed under another key than the newest. Requests go on meanwhile, in any
// process that has both keys: each value is replaced by one statement, and only where it is still what was read. So the
// work can be broken off at any time and be begun again, and several processes can do it at once. told hears of each
// batch.
func (a *App) RotateKeys(ctx context.Context, told func(Rotation)) error {
	for _, column := range store.SealedColumns {
		if err := a.rotateColumn(ctx, column, told); err != nil {
			return fmt.Errorf("rotate keys of %s: %w", column, err)
		}
	}
	return nil
}

func (a *App) rotateColumn(ctx context.Context, column store.SealedColumn, told func(Rotation)) error {
	done, newest := Rotation{Column: column.String()}, secret.SealPrefix(a.keys.IDs()[0])
	var after []string
	for {
		batch, err := a.db.SealedValues(ctx, column, [][]byte{newest}, after, resealedAtOnce)
		if err != nil {
			return err
		}
		for _, value := range batch {
			if err := a.reseal(ctx, column, value, &done); err != nil {
				return err
			}
		}
		if done != (Rotation{Column: done.Column}) && len(batch) > 0 {
			told(done)
		}
		if len(batch) < resealedAtOnce {
			return nil
		}
		after = batch[len(batch)-1].Place
	}
}

// reseal seals one value anew, with the MACs by which it is found where there are such.
func (a *App) reseal(ctx context.Context, column store.SealedColumn, value store.SealedValue, done *Rotation) error {
	plain, err := a.keys.Open(value.Sealed, value.BoundTo)
	if err != nil {
		done.Unopened++
		return nil
	}
	var found *store.PersonKeys
	if column.String() == store.Persons.String() {
		var person identity.Person
		if err := json.Unmarshal(plain, &person); err != nil {
			return errors.New("a record of a person can't be read") // the error would repeat it
		}
		found = &a.keysOf(value.Place[0], person)[0]
	}
	won, err := a.db.Reseal(ctx, column, value, a.keys.Seal(plain, value.BoundTo), found)
	if won {
		done.Resealed++
	}
	return err
}

// KeyUse is what a key of the keyring, or one that should be in it, is needed for.
type KeyUse struct {
	// Key is its id; "" where that wasn't noted.
	Key string
	// Place is table.column, Values how many are there.
	Place  string
	Values int
}

// recoveryCodes is where hashes are whose codes nobody has but their owners: no rotation takes them to another key.
const recoveryCodes = "recovery_codes.code_hash"

// KeysInUse tells which keys are needed, and what for. Codes that were sent are left out: in a day there are none of an
// older key.
func (a *App) KeysInUse(ctx context.Context) ([]KeyUse, error) {
	var uses []KeyUse
	for _, column := range store.SealedColumns {
		of, err := a.usesOf(ctx, column)
		if err != nil {
			return nil, err
		}
		uses = append(uses, of...)
	}
	codes, err := a.db.RecoveryCodesByKey(ctx)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(codes)) {
		uses = append(uses, KeyUse{key, recoveryCodes, codes[key]})
	}
	return uses, nil
}

// usesOf counts by the keys of the keyring, and by those that values name besides.
func (a *App) usesOf(ctx context.Context, column store.SealedColumn) ([]KeyUse, error) {
	var uses []KeyUse
	var counted [][]byte
	count := func(key string) error {
		counted = append(counted, secret.SealPrefix(key))
		values, err := a.db.CountSealed(ctx, column, secret.SealPrefix(key))
		if values > 0 {
			uses = append(uses, KeyUse{key, column.String(), values})
		}
		return err
	}
	for _, key := range a.keys.IDs() {
		if err := count(key); err != nil {
			return nil, err
		}
	}
	for {
		other, err := a.db.SealedValues(ctx, column, counted, nil, 1)
		if err != nil || len(other) == 0 {
			return uses, err
		}
		key, is := secret.SealedUnder(other[0].Sealed)
		if !is {
			return nil, fmt.Errorf("count keys of %s: a value isn't sealed", column)
		}
		if err := count(key); err != nil {
			return nil, err
		}
	}
}
