package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r query) Viewer(ctx context.Context) (*identity.Viewer, error) {
	return actorOf(ctx).Viewer(), nil
}

// Sessions and Factors are asked of whom the viewer is, which in the answer that opens a session is not yet who asked.

func (r viewer) Sessions(ctx context.Context, viewer *identity.Viewer) ([]identity.Session, error) {
	return r.app.Sessions(ctx, actorOf(ctx).Portal, *viewer)
}

func (r viewer) RecoveryCodesRemaining(ctx context.Context, viewer *identity.Viewer) (*int, error) {
	return r.app.RecoveryCodesRemaining(ctx, actorOf(ctx).Portal, *viewer)
}

func (r viewer) PendingSupportActions(ctx context.Context, viewer *identity.Viewer) ([]identity.SupportAction, error) {
	return r.app.PendingSupportActions(ctx, *viewer)
}

func (r viewer) Factors(ctx context.Context, viewer *identity.Viewer) ([]identity.Factor, error) {
	return r.app.Factors(ctx, *viewer)
}
