package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r query) Portal(ctx context.Context) (*generated.Portal, error) {
	portal := actorOf(ctx).Portal
	languages := make([]string, len(portal.Languages))
	for i, language := range portal.Languages {
		languages[i] = string(language)
	}
	return &generated.Portal{
		Slug: portal.Slug, Name: portal.Name, Languages: languages,
		SignIn:  &generated.PortalSignIn{Identifiers: portal.SignIn.Identifiers, Providers: providerNames(portal)},
		Factors: portal.Factors.Kinds, PasswordRules: portal.Passwords.Rules(),
		TwoFactor: &generated.PortalTwoFactor{
			StartedBy: portal.TwoFactor.StartedBy, RequiredFrom: portal.TwoFactor.RequiredFrom,
			PostponableUntil: portal.TwoFactor.PostponableUntil,
		},
		Sessions: &generated.PortalSessions{
			IdleSeconds: int(portal.Sessions.Idle.Seconds()), AbsoluteSeconds: int(portal.Sessions.Absolute.Seconds()),
		},
	}, nil
}

func (passwordRule) Description(ctx context.Context, rule *identity.PasswordRule) (string, error) {
	return say(actorOf(ctx).Client.Language, "rule."+rule.ID, map[string]any{"Minimum": rule.Minimum}), nil
}

func providerNames(portal identity.Portal) []string {
	names := make([]string, len(portal.Providers))
	for i, provider := range portal.Providers {
		names[i] = provider.Name
	}
	return names
}
