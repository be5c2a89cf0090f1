package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/app"
)

func (r mutation) Register(ctx context.Context, input app.Registration) (*generated.AcceptedPayload, error) {
	toMend, err := mend(ctx, r.app.Register(ctx, actorOf(ctx), input))
	return &generated.AcceptedPayload{Accepted: err == nil && len(toMend) == 0, UserErrors: toMend}, err
}

func (r mutation) KeepAccount(ctx context.Context, input generated.KeepAccountInput) (*generated.KeepAccountPayload, error) {
	toMend, err := mend(ctx, r.app.KeepAccount(ctx, actorOf(ctx), input.Token))
	return &generated.KeepAccountPayload{Kept: err == nil && len(toMend) == 0, UserErrors: toMend}, err
}
