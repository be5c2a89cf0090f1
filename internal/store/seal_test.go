package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// notSealed are the columns of bytes that hold no value sealed by the service's keys: hashes, digests, what is public, and
// what is sealed under keys of audit_keys, which are.
var notSealed = []string{
	"audit_events.sealed_facts",
	"federated_identities.subject", "import_rows.mac", "messages.number_key", "password_failures.subject",
	"persons.name_address", "persons.name_birth", "persons.address_birth",
	"webauthn_credentials.credential_id", "webauthn_credentials.public_key",
}

func TestEveryColumnOfBytesIsSealedAndRotatedOrKnownToHoldNoSecret(t *testing.T) {
	t.Parallel()
	rotated := map[string]bool{}
	for _, column := range store.SealedColumns {
		rotated[column.String()] = true
	}
	all := lines(t, owner(t, testrig.NewSQLite(t, nil)), `SELECT m.name || '.' || c.name
		FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS c WHERE m.type = 'table' AND lower(c.type) = 'blob' AND `+ours("m.name"))
	for _, column := range all {
		harmless := slices.Contains(notSealed, column) || strings.HasSuffix(column, "hash") || strings.HasSuffix(column, "digest")
		if rotated[column] == harmless {
			t.Errorf("%s: put it into SealedColumns, or into the list of what holds no secret", column)
		}
		delete(rotated, column)
	}
	if len(rotated) > 0 || len(all) < 20 {
		t.Errorf("of %d columns, these don't exist: %v", len(all), rotated)
	}
}

func TestASealedValueIsReplacedOnlyWhileItIsWhatWasRead(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		u := userOf(addOrganisation(t, db, "tvm", 1), 0)
		within(t, db, identity.Tenant{Portal: u.Portal, Organisation: u.OrganisationID}, func(ctx context.Context, s *store.Scope) error {
			return errors.Join(s.AddFactor(ctx, u, factorOf(u, 1), []byte("old 1"), 0), s.AddFactor(ctx, u, factorOf(u, 2), []byte("old 2"), 0),
				s.AddFactor(ctx, u, factorOf(u, 3), []byte("new 3"), 0), s.AddFactor(ctx, u, factorOf(u, 4), []byte{}, 0))
		})
		factors, old := store.SealedColumns[0], [][]byte{[]byte("new")}
		first, err := db.SealedValues(t.Context(), factors, old, nil, 1)
		if err != nil || len(first) != 1 || string(first[0].Sealed) != "old 1" || string(first[0].BoundTo) != string(factorOf(u, 1).ID) {
			t.Fatalf("%s, %v", first, err)
		}
		second, err := db.SealedValues(t.Context(), factors, old, first[0].Place, 10)
		if err != nil || len(second) != 1 || string(second[0].Sealed) != "old 2" {
			t.Fatalf("behind the first: %s, %v", second, err)
		}
		for _, want := range []bool{true, false} {
			if won, err := db.Reseal(t.Context(), factors, first[0], []byte("new 1"), nil); err != nil || won != want {
				t.Errorf("replaced: %t, %v; want %t", won, err, want)
			}
		}
		for prefix, want := range map[string]int{"new": 2, "old": 1, "older": 0} {
			if got, err := db.CountSealed(t.Context(), factors, []byte(prefix)); err != nil || got != want {
				t.Errorf("%d begin with %s, want %d; %v", got, prefix, want, err)
			}
		}
	})
}
