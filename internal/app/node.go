package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// Node loads what an id leads to; nil for what the actor may not see, as for what doesn't exist. It gives nobody more than
// the fields that lead to the same thing: an API token needs the scope that those need.
func (a *App) Node(ctx context.Context, actor identity.Actor, id identity.ID) (identity.Node, error) {
	switch id.Kind() {
	case identity.KindOrganisation:
		return node(a.Organisation(ctx, actor, &id))
	case identity.KindUser:
		if actor.Token != nil && !actor.Token.Has(identity.UsersRead) {
			return nil, nil
		}
		return node(a.User(ctx, actor, id))
	case identity.KindInvitation:
		return node(a.invitationSeen(ctx, actor, id))
	case identity.KindSession:
		return node(a.sessionSeen(ctx, actor, id))
	case identity.KindSupportAction:
		return node(a.supportActionSeen(ctx, actor, id))
	case identity.KindBusiness:
		return node(a.businessSeen(ctx, actor, id))
	case identity.KindAPIToken:
		return node(a.apiTokenSeen(ctx, actor, id))
	case identity.KindWebhook:
		return node(a.webhookSeen(ctx, actor, id))
	}
	return nil, nil
}

// node keeps a nil pointer from becoming a Node that isn't nil.
func node[T identity.Node](loaded *T, err error) (identity.Node, error) {
	if loaded == nil || err != nil {
		return nil, err
	}
	return *loaded, nil
}

func (a *App) invitationSeen(ctx context.Context, actor identity.Actor, id identity.ID) (*identity.Invitation, error) {
	var invitation identity.Invitation
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		invitation, err = s.Invitation(ctx, id)
		return err
	})
	return visible(&invitation, err, actor.SeesInvitations() && (actor.Token == nil || !invitation.Role.IsStaff()))
}

func (a *App) sessionSeen(ctx context.Context, actor identity.Actor, id identity.ID) (*identity.Session, error) {
	if actor.Session == nil {
		return nil, nil
	}
	sessions, err := a.Sessions(ctx, actor.Portal, *actor.Viewer())
	for _, session := range sessions {
		if session.ID == id {
			return &session, err
		}
	}
	return nil, err
}

func (a *App) supportActionSeen(ctx context.Context, actor identity.Actor, id identity.ID) (*identity.SupportAction, error) {
	var action identity.SupportAction
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		action, err = s.SupportAction(ctx, id)
		return err
	})
	return visible(&action, err, actor.IsStaff() || action.PartyOf(actor).As == identity.AsConcerned)
}

func (a *App) apiTokenSeen(ctx context.Context, actor identity.Actor, id identity.ID) (*identity.APIToken, error) {
	var token identity.APIToken
	err := a.db.Read(ctx, actor.Tenant(), func(s *store.Scope) (err error) {
		token, err = s.APIToken(ctx, id)
		return err
	})
	return visible(&token, err, actor.SeesAPITokens())
}
