package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r organisation) BusinessIdentities(ctx context.Context, organisation *identity.Organisation) ([]identity.BusinessIdentity, error) {
	return of(ctx, *organisation, "businesses", r.app.BusinessIdentities)
}
