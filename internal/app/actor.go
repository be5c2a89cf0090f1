package app

import (
	"context"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
)

// Credentials are what came with a request, as they came; "" where it didn't.
type Credentials struct {
	// SessionToken and SignInToken are the two cookies.
	SessionToken, SignInToken string
	// BearerToken is a partner's API token.
	BearerToken string
}

// Identify answers who asks. A cookie that no longer stands for anything makes an anonymous actor; a bearer token that
// doesn't is refused (UNAUTHENTICATED), for a program can't be helped by silence.
func (a *App) Identify(ctx context.Context, portal identity.Portal, credentials Credentials, client identity.Client) (identity.Actor, error) {
	actor := identity.Actor{Portal: portal, Client: client}
	if credentials.BearerToken != "" {
		return a.identifyPartner(ctx, actor, credentials.BearerToken)
	}
	if credentials.SessionToken != "" {
		var err error
		if actor, err = a.identifySession(ctx, actor, credentials.SessionToken); err != nil || actor.Session != nil {
			return actor, err
		}
	}
	if credentials.SignInToken != "" {
		return a.identifySignIn(ctx, actor, credentials.SignInToken)
	}
	return actor, nil
}

func (a *App) identifySession(ctx context.Context, actor identity.Actor, text string) (identity.Actor, error) {
	token, err := secret.ParseToken(text)
	if err != nil {
		return actor, nil
	}
	visitor, ok, err := a.db.VisitorByToken(ctx, actor.Portal.Slug, token.Hash())
	if err != nil || !ok {
		return actor, err
	}
	session := actor.Portal.Sessions.Timed(visitor.Session)
	status := visitor.User.Status()
	if !session.Alive(visitor.Now) || !session.Stands(actor.Portal, visitor.Customer(), visitor.User) || status != identity.StatusActive && status != identity.StatusReRegistering {
		return actor, nil
	}
	if session.SeenDue(visitor.Now) && !actor.Client.Unattended {
		if err := a.db.SawSession(ctx, session, visitor.Now); err != nil {
			return actor, err
		}
		session.LastSeenAt = visitor.Now
		session = actor.Portal.Sessions.Timed(session)
	}
	session.IsCurrent = true
	user, organisation := session.Restrict(visitor.User, visitor.Organisation)
	user = user.WithTwoFactor(actor.Portal, organisation)
	actor.At, actor.Session, actor.User, actor.Organisation = visitor.Now, &session, &user, &organisation
	return actor, nil
}

func (a *App) identifySignIn(ctx context.Context, actor identity.Actor, text string) (identity.Actor, error) {
	token, err := secret.ParseToken(text)
	if err != nil {
		return actor, nil
	}
	attempt, now, ok, err := a.db.SignInByToken(ctx, actor.Portal.Slug, token.Hash())
	if err == nil && !ok {
		actor.Refused, err = a.db.RefusalByToken(ctx, actor.Portal.Slug, token.Hash())
	}
	if err != nil || !ok || !now.Before(attempt.ExpiresAt) {
		return actor, err
	}
	actor.At, actor.SignIn = now, &attempt
	return actor, nil
}

func (a *App) identifyPartner(ctx context.Context, actor identity.Actor, text string) (identity.Actor, error) {
	token, err := secret.ParseAPIToken(text)
	if err != nil {
		return actor, identity.Refuse(identity.Unauthenticated)
	}
	partner, ok, err := a.db.PartnerByToken(ctx, actor.Portal.Slug, token.Hash())
	switch {
	case err != nil:
		return actor, err
	case !ok || !partner.Token.Alive(partner.Now) || !partner.Token.StandsBy(partner.Maker):
		return actor, identity.Refuse(identity.Unauthenticated)
	}
	if err := partner.Token.CheckNetwork(actor.Client); err != nil {
		return actor, err
	}
	actor.At, actor.Token = partner.Now, &partner.Token
	quota, err := a.quotas.spend(ctx, a.db, actor)
	actor.Quota = &quota
	return actor, err
}
