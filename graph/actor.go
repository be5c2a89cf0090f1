package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

type actorKey struct{}

// WithActor says who asks; the server does, once per request.
func WithActor(ctx context.Context, actor *identity.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// actorOf answers who asks. Without an actor a request never came through the server, which is a fault worth a panic.
func actorOf(ctx context.Context) identity.Actor {
	return *ctx.Value(actorKey{}).(*identity.Actor)
}
