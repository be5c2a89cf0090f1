package store_test

import (
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

func TestAKeyStandsForOneRequest(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		o := addOrganisation(t, db, "p", 1)
		request := requestOf(userOf(o, 1))
		claim := func(request store.Request, result string, refusal error) (stands string, err error) {
			err = db.Within(t.Context(), o.Tenant(), func(s *store.Scope) error {
				text, err := s.Once(t.Context(), request, func() ([]byte, error) { return []byte(result), refusal })
				stands = string(text)
				return err
			})
			return stands, err
		}
		for _, refusal := range []error{identity.Refuse(identity.InvalidInput), store.Keep(identity.Refuse(identity.InvalidInput))} {
			_, err := claim(request, "refused", refusal)
			wantRefusal(t, err, identity.InvalidInput)
		}
		for _, result := range []string{"first", "second"} {
			if stands, err := claim(request, result, nil); err != nil || stands != "first" {
				t.Errorf("the key stands for %q (%v), want the first result", stands, err)
			}
		}
		otherInput, otherOperation, otherActor := request, request, request
		otherInput.InputDigest, otherOperation.Operation, otherActor.Actor = hash(9), "blockUser", "usr_other"
		_, err := claim(otherInput, "third", nil)
		wantRefusal(t, err, identity.IdempotencyKeyReused)
		_, err = claim(otherOperation, "third", nil)
		wantRefusal(t, err, identity.IdempotencyKeyReused)
		if stands, err := claim(otherActor, "third", nil); err != nil || stands != "third" {
			t.Errorf("another actor's key stands for %q (%v), want their own result", stands, err)
		}
	})
}
