package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/graph/page"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r organisation) Invitations(ctx context.Context, organisation *identity.Organisation, first int, after *string, status *identity.InvitationStatus) (*page.InvitationConnection, error) {
	asked, err := page.InvitationList.Of(r.app, first, after, organisation.ID, status)
	if err != nil {
		return nil, err
	}
	found, err := of(ctx, *organisation, named("invitations", status, asked.Page),
		func(ctx context.Context, all []identity.Organisation) (map[identity.ID]identity.Slice[identity.Invitation], error) {
			return r.app.Invitations(ctx, all, status, asked.Page)
		})
	return page.Invitations(asked, found, func(ctx context.Context) (int, error) {
		return of(ctx, *organisation, named("count of invitations", status), func(ctx context.Context, all []identity.Organisation) (map[identity.ID]int, error) {
			return r.app.CountInvitations(ctx, all, status)
		})
	}), err
}

func (r mutation) InviteUser(ctx context.Context, input generated.InviteUserInput) (*generated.InviteUserPayload, error) {
	invited, err := r.app.InviteUser(ctx, actorOf(ctx), app.Invitee{
		Organisation: input.OrganisationID, Email: input.Email, DisplayName: input.DisplayName, Username: input.Username,
		Role: input.Role, SignIn: input.SignIn, IdempotencyKey: input.IdempotencyKey,
	})
	return invitationPayload(ctx, invited, err)
}

func (r mutation) ResendInvitation(ctx context.Context, input generated.ResendInvitationInput) (*generated.InviteUserPayload, error) {
	resent, err := r.app.ResendInvitation(ctx, actorOf(ctx), input.ID, input.IdempotencyKey)
	return invitationPayload(ctx, resent, err)
}

func (r mutation) RevokeInvitation(ctx context.Context, input generated.RevokeInvitationInput) (*generated.InviteUserPayload, error) {
	revoked, err := r.app.RevokeInvitation(ctx, actorOf(ctx), input.ID)
	return invitationPayload(ctx, revoked, err)
}

func invitationPayload(ctx context.Context, invited app.Invited, err error) (*generated.InviteUserPayload, error) {
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.InviteUserPayload{UserErrors: toMend}, err
	}
	return &generated.InviteUserPayload{Invitation: &invited.Invitation, AccountLimit: &invited.Limit, UserErrors: toMend}, nil
}
