package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/app"
)

func (r mutation) RequestEmailChange(ctx context.Context, input generated.RequestEmailChangeInput) (*generated.ContactChangePayload, error) {
	change, err := r.app.RequestEmailChange(ctx, actorOf(ctx), input.Email, input.IdempotencyKey)
	return contactPayload(ctx, change, err)
}

func (r mutation) RequestPhoneChange(ctx context.Context, input generated.RequestPhoneChangeInput) (*generated.ContactChangePayload, error) {
	change, err := r.app.RequestPhoneChange(ctx, actorOf(ctx), input.PhoneNumber, input.IdempotencyKey)
	return contactPayload(ctx, change, err)
}

func (r mutation) ConfirmContactChange(ctx context.Context, input generated.ConfirmContactChangeInput) (*generated.ContactChangePayload, error) {
	change, err := r.app.ConfirmContactChange(ctx, actorOf(ctx), input.ChangeID, input.Code)
	return contactPayload(ctx, change, err)
}

func (r mutation) UndoContactChange(ctx context.Context, input generated.UndoContactChangeInput) (*generated.ContactChangePayload, error) {
	change, err := r.app.UndoContactChange(ctx, actorOf(ctx), input.Token)
	return contactPayload(ctx, change, err)
}

func contactPayload(ctx context.Context, change app.ContactChange, err error) (*generated.ContactChangePayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.ContactChangePayload{UserErrors: toMend}, err
	}
	return &generated.ContactChangePayload{Change: &change, UserErrors: toMend}, nil
}
