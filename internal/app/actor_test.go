package app_test

import (
	"errors"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func TestAMistypedTokenIsRefusedWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := rig.New(t, db, rig.WithoutDelivery())
		token := []byte(r.Token("tvm", identity.OrganisationsRead))
		ask := func() error {
			_, err := r.App.Identify(t.Context(), r.Portal("tvm"), app.Credentials{BearerToken: string(token)}, identity.Client{})
			return err
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, refused := identity.Refusals(ask()); refused {
			t.Error("a token that could be one is refused without asking")
		}
		for at := range token {
			right := token[at]
			token[at] = map[bool]byte{true: 'y', false: 'x'}[right == 'x']
			if err := ask(); !errors.Is(err, identity.Refuse(identity.Unauthenticated)) {
				t.Errorf("with character %d mistyped: %v", at, err)
			}
			token[at] = right
		}
	})
}
