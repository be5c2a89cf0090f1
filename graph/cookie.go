package graph

import (
	"context"
	"net/http"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// The two cookies. Each portal has names of its own, so that portals that share a host (under /portals/…) never see each
// other's. The __Host- prefix makes browsers refuse them unless they are Secure, bound to the host and set over https
// (or on localhost); SameSite=Strict keeps them out of requests that other sites cause.
func sessionCookie(portal string) string { return "__Host-" + portal + "-session" }
func signInCookie(portal string) string  { return "__Host-" + portal + "-sign-in" }

// Credentials reads what a request brings for a portal. Nothing is what a cookie of another portal stands for.
func Credentials(r *http.Request, portal string) app.Credentials {
	var credentials app.Credentials
	if cookie, err := r.Cookie(sessionCookie(portal)); err == nil {
		credentials.SessionToken = cookie.Value
	}
	if cookie, err := r.Cookie(signInCookie(portal)); err == nil {
		credentials.SignInToken = cookie.Value
	}
	return credentials
}

// signedIn sets the cookies that an outcome asks for. It is the only way by which an answer gives a browser a session;
// the resolvers that call it are counted in doors_test.go.
func signedIn(ctx context.Context, outcome app.Outcome) {
	portal := actorOf(ctx).Portal
	if outcome.SignIn != nil {
		setCookie(ctx, signInCookie(portal.Slug), outcome.SignIn.Reveal(), identity.SignInLifetime)
	} else if outcome.SignInEnded {
		dropCookie(ctx, signInCookie(portal.Slug))
	}
	switch {
	case outcome.Session != nil:
		setCookie(ctx, sessionCookie(portal.Slug), outcome.Session.Reveal(), portal.Sessions.Absolute)
	case outcome.SignIn != nil && actorOf(ctx).Session != nil:
		dropCookie(ctx, sessionCookie(portal.Slug)) // it has ended: somebody began anew in this browser
	}
}

// signedOut takes the session's cookie away.
func signedOut(ctx context.Context) {
	dropCookie(ctx, sessionCookie(actorOf(ctx).Portal.Slug))
}

func setCookie(ctx context.Context, name, token string, lifetime time.Duration) {
	addCookie(ctx, &http.Cookie{Name: name, Value: token, MaxAge: int(lifetime.Seconds())})
}

func dropCookie(ctx context.Context, name string) {
	addCookie(ctx, &http.Cookie{Name: name, MaxAge: -1})
}

func addCookie(ctx context.Context, cookie *http.Cookie) {
	cookie.Path, cookie.Secure, cookie.HttpOnly, cookie.SameSite = "/", true, true, http.SameSiteStrictMode
	responseHeader(ctx).Add("Set-Cookie", cookie.String())
}
