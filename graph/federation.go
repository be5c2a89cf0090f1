package graph

import (
	"context"
	"net/http"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

func (r mutation) BeginBusinessSignIn(ctx context.Context, input generated.BeginBusinessSignInInput) (*generated.BeginBusinessSignInPayload, error) {
	invitation := ""
	if input.Invitation != nil {
		invitation = *input.Invitation
	}
	departure, err := r.app.BeginBusinessSignIn(ctx, actorOf(ctx), input.Provider, input.ReturnTo, invitation)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.BeginBusinessSignInPayload{UserErrors: toMend}, err
	}
	signedOut(ctx)
	sendAway(ctx, departure)
	return &generated.BeginBusinessSignInPayload{RedirectURL: &departure.URL, UserErrors: toMend}, nil
}

// JourneyCookie is what a browser keeps while it is away at a provider. It alone goes along with what another site sends,
// for the provider's answer comes from there; it opens nothing, and goes to the path of the return alone.
func JourneyCookie(portal string) string { return "__Secure-" + portal + "-journey" }

func sendAway(ctx context.Context, departure app.Departure) {
	cookie := &http.Cookie{
		Name: JourneyCookie(actorOf(ctx).Portal.Slug), Value: departure.Browser.Reveal(), Path: departure.Path,
		MaxAge: int(identity.JourneyLifetime.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode,
	}
	responseHeader(ctx).Add("Set-Cookie", cookie.String())
}

// Returned gives a browser that is back from a provider the cookies that belong to the outcome. It is the one door that is no
// mutation.
func Returned(ctx context.Context, header http.Header, actor identity.Actor, outcome app.Outcome) {
	signedIn(context.WithValue(WithActor(ctx, &actor), headerKey{}, header), outcome)
}

func (signInRefused) Message(ctx context.Context, refused *identity.Unadmitted) (string, error) {
	return text(actorOf(ctx).Client.Language, identity.Refuse(refused.Code)), nil
}

func (r mutation) ApproveUser(ctx context.Context, input generated.ApproveUserInput) (*generated.UserPayload, error) {
	approved, err := r.app.ApproveUser(ctx, actorOf(ctx), input.ID)
	return userPayload(ctx, approved, err)
}
