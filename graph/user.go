package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r organisation) Users(ctx context.Context, organisation *identity.Organisation, first int, after *string, filter *identity.UserFilter, orderBy *identity.UserOrder) (*page.UserConnection, error) {
	return listUsers(ctx, r.app, *organisation, first, after, orZero(filter), orderBy)
}

func listUsers(ctx context.Context, use *app.App, organisation identity.Organisation, first int, after *string, filter identity.UserFilter, orderBy *identity.UserOrder) (*page.UserConnection, error) {
	order := userOrder(orderBy)
	asked, err := page.UserList(order).Of(use, first, after, organisation.ID, filter, order)
	if err != nil {
		return nil, err
	}
	found, err := of(ctx, organisation, named("users", filter, order, asked.Page),
		func(ctx context.Context, all []identity.Organisation) (map[identity.ID]identity.Slice[identity.User], error) {
			return use.Users(ctx, actorOf(ctx), all, filter, order, asked.Page)
		})
	standTogether(ctx, []identity.Organisation{organisation})
	return page.Users(asked, order, found, func(ctx context.Context) (int, error) {
		return of(ctx, organisation, named("count of users", filter), func(ctx context.Context, all []identity.Organisation) (map[identity.ID]int, error) {
			return use.CountUsers(ctx, all, filter)
		})
	}), err
}

// userOrder is by name where nothing else is asked for.
func userOrder(asked *identity.UserOrder) identity.UserOrder {
	if asked == nil {
		return identity.UserOrder{Field: identity.ByDisplayName, Direction: identity.Ascending}
	}
	return *asked
}

func (r user) Organisation(ctx context.Context, user *identity.User) (*identity.Organisation, error) {
	return organisationOf(ctx, r.app, *user)
}

func (r mutation) UpdateUser(ctx context.Context, input generated.UpdateUserInput) (*generated.UserPayload, error) {
	updated, err := r.app.UpdateUser(ctx, actorOf(ctx), app.UserChange{
		ID: input.ID, DisplayName: input.DisplayName, Username: input.Username, Role: input.Role,
	})
	return userPayload(ctx, updated, err)
}

func (r mutation) BlockUser(ctx context.Context, input generated.BlockUserInput) (*generated.UserPayload, error) {
	blocked, err := r.app.BlockUser(ctx, actorOf(ctx), input.ID, app.Grounds{Reason: input.Reason, Ticket: input.Ticket})
	return userPayload(ctx, blocked, err)
}

func (r mutation) UnblockUser(ctx context.Context, input generated.UnblockUserInput) (*generated.UserPayload, error) {
	unblocked, err := r.app.UnblockUser(ctx, actorOf(ctx), input.ID, app.Grounds{Reason: input.Reason, Ticket: input.Ticket})
	return userPayload(ctx, unblocked, err)
}

func (r mutation) RemoveUser(ctx context.Context, input generated.RemoveUserInput) (*generated.UserPayload, error) {
	removed, err := r.app.RemoveUser(ctx, actorOf(ctx), input.ID, app.Grounds{Reason: input.Reason, Ticket: input.Ticket})
	return userPayload(ctx, removed, err)
}

func (r mutation) EraseUser(ctx context.Context, input generated.EraseUserInput) (*generated.EraseUserPayload, error) {
	action, err := r.app.EraseUser(ctx, actorOf(ctx), input.ID, app.Grounds{Reason: input.Reason, Ticket: input.Ticket})
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.EraseUserPayload{UserErrors: toMend}, err
	}
	return &generated.EraseUserPayload{ErasedID: doneTo(input.ID, action), Action: action, UserErrors: toMend}, nil
}

func (r mutation) TransferMainUser(ctx context.Context, input generated.TransferMainUserInput) (*generated.UserPayload, error) {
	appointed, err := r.app.TransferMainUser(ctx, actorOf(ctx), input.UserID, app.Grounds{Reason: input.Reason, Ticket: input.Ticket})
	return userPayload(ctx, appointed, err)
}

func userPayload(ctx context.Context, changed identity.User, err error) (*generated.UserPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.UserPayload{UserErrors: toMend}, err
	}
	return &generated.UserPayload{User: &changed, UserErrors: toMend}, nil
}
