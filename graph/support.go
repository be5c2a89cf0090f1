package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r query) Users(ctx context.Context, first int, after *string, search string, filter *identity.UserFilter, orderBy *identity.UserOrder) (*page.UserConnection, error) {
	actor, narrowed, order := actorOf(ctx), orZero(filter), userOrder(orderBy)
	asked, err := page.FoundUserList(order).Of(r.app, first, after, actor.Portal.Slug, search, narrowed, order)
	if err != nil {
		return nil, err
	}
	found, err := r.app.SearchUsers(ctx, actor, search, narrowed, order, asked.Page)
	usersStandTogether(ctx, found.Items)
	return page.Users(asked, order, found, func(ctx context.Context) (int, error) {
		return r.app.CountSearchedUsers(ctx, actor, search, narrowed)
	}), err
}

func (r query) SupportActions(ctx context.Context, first int, after *string, filter *identity.SupportActionFilter) (*page.SupportActionConnection, error) {
	actor, narrowed := actorOf(ctx), orZero(filter)
	asked, err := page.SupportActionList.Of(r.app, first, after, actor.Portal.Slug, narrowed)
	if err != nil {
		return nil, err
	}
	found, err := r.app.SupportActions(ctx, actor, narrowed, asked.Page)
	return page.SupportActions(asked, found, func(ctx context.Context) (int, error) {
		return r.app.CountSupportActions(ctx, actor, narrowed)
	}), err
}

func (r mutation) DeactivateOrganisationTwoFactor(ctx context.Context, input generated.SupportActionInput) (*generated.SupportActionPayload, error) {
	return requestPayload(ctx, input, r.app.DeactivateTwoFactor)
}

func (r mutation) ResetUserFactors(ctx context.Context, input generated.SupportActionInput) (*generated.SupportActionPayload, error) {
	return requestPayload(ctx, input, r.app.ResetFactors)
}

func (r mutation) SendAccountLink(ctx context.Context, input generated.SupportActionInput) (*generated.SupportActionPayload, error) {
	return requestPayload(ctx, input, r.app.SendAccountLink)
}

func (r mutation) RequestMainUserTransfer(ctx context.Context, input generated.SupportActionInput) (*generated.SupportActionPayload, error) {
	return requestPayload(ctx, input, r.app.RequestMainUserTransfer)
}

func (r mutation) RequestAccountLimit(ctx context.Context, input generated.RequestAccountLimitInput) (*generated.SupportActionPayload, error) {
	action, err := r.app.RequestAccountLimit(ctx, actorOf(ctx), app.SupportRequest{
		Target: input.ID, AccountMaximum: input.AccountLimit, Reason: input.Reason, Ticket: input.Ticket,
		IdempotencyKey: input.IdempotencyKey,
	})
	return supportPayload(ctx, action, err)
}

func (r mutation) ApproveSupportAction(ctx context.Context, input generated.ApproveSupportActionInput) (*generated.SupportActionPayload, error) {
	action, err := r.app.ApproveSupportAction(ctx, actorOf(ctx), input.ID)
	return supportPayload(ctx, action, err)
}

func (r mutation) CancelSupportAction(ctx context.Context, input generated.CancelSupportActionInput) (*generated.SupportActionPayload, error) {
	action, err := r.app.CancelSupportAction(ctx, actorOf(ctx), input.ID)
	return supportPayload(ctx, action, err)
}

func (r mutation) StopSupportAction(ctx context.Context, input generated.StopSupportActionInput) (*generated.StopSupportActionPayload, error) {
	err := r.app.StopSupportAction(ctx, actorOf(ctx), input.Token)
	toMend, err := mend(ctx, err)
	return &generated.StopSupportActionPayload{Stopped: err == nil && len(toMend) == 0, UserErrors: toMend}, err
}

func requestPayload(ctx context.Context, input generated.SupportActionInput,
	act func(context.Context, identity.Actor, app.SupportRequest) (identity.SupportAction, error),
) (*generated.SupportActionPayload, error) {
	action, err := act(ctx, actorOf(ctx), app.SupportRequest{
		Target: input.ID, Reason: input.Reason, Ticket: input.Ticket, IdempotencyKey: input.IdempotencyKey,
	})
	return supportPayload(ctx, action, err)
}

func supportPayload(ctx context.Context, action identity.SupportAction, err error) (*generated.SupportActionPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.SupportActionPayload{UserErrors: toMend}, err
	}
	return &generated.SupportActionPayload{Action: &action, UserErrors: toMend}, nil
}
