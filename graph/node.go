package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r query) Node(ctx context.Context, id identity.ID) (identity.Node, error) {
	return r.app.Node(ctx, actorOf(ctx), id)
}
