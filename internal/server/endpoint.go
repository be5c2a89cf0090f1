package server

import (
	"context"
	"net/http"
	"strings"
	"unicode"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// graphql finds out who asks, and hands the request to the graph.
func (s *Server) graphql(v *visit, r *http.Request) {
	if preflight(v, r) {
		return
	}
	ctx := context.WithValue(r.Context(), visitKey{}, v)
	actor, err := s.identify(ctx, v, r)
	if err != nil {
		s.deny(ctx, v, r, err)
		return
	}
	v.actor = actor.ID()
	s.options.Graph.ServeHTTP(v, r.WithContext(graph.WithActor(ctx, &actor)))
}

func (s *Server) identify(ctx context.Context, v *visit, r *http.Request) (identity.Actor, error) {
	if err := v.portal.checkOrigin(r); err != nil {
		return identity.Actor{}, err
	}
	credentials, err := credentials(r, v.portal.Slug)
	if err != nil {
		return identity.Actor{}, err
	}
	actor, err := s.options.App.Identify(ctx, v.portal.Portal, credentials, v.clientOf(r))
	if actor.Quota != nil {
		tellQuota(v.Header(), *actor.Quota)
	}
	if _, refused := identity.Refusals(err); err != nil && !refused {
		return identity.Actor{}, err
	}
	if r.Method == http.MethodPost && actor.IsAnonymous() {
		// By now, and not when it came: a slow look-up isn't the caller's haste.
		if limited := s.limits.admit(v.portal.Slug, v.client, s.options.Clock()); limited != nil {
			return identity.Actor{}, limited
		}
	}
	return actor, err
}

// credentials reads the cookies or the bearer token. A request that has both doesn't know what it is. Only a POST speaks
// with a cookie: a link or a picture on a foreign page makes browsers send a GET.
func credentials(r *http.Request, portal string) (app.Credentials, error) {
	var found app.Credentials
	if r.Method == http.MethodPost && len(r.Header["Cookie"]) > 0 {
		found = graph.Credentials(r, portal)
	}
	given := r.Header["Authorization"]
	if len(given) == 0 {
		return found, nil
	}
	if found != (app.Credentials{}) || len(given) > 1 {
		return found, identity.Refuse(identity.BadUserInput)
	}
	scheme, token, _ := strings.Cut(given[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return found, identity.Refuse(identity.Unauthenticated)
	}
	return app.Credentials{BearerToken: token}, nil
}

// unattended is the header by which a page says that it asks by itself: to tell people when their session ends, say, which
// must not be what keeps it going.
const unattended = "X-Unattended"

func (v *visit) clientOf(r *http.Request) identity.Client {
	client := identity.Client{UserAgent: userAgent(r.UserAgent()), RequestID: v.id, Unattended: r.Header.Get(unattended) == "true"}
	if v.client.IsValid() {
		client.IPAddress = v.client.String()
	}
	if accepted := r.Header["Accept-Language"]; len(accepted) > 0 {
		client.Language = v.portal.Speak(preferred(accepted[0], v.portal.Languages))
	} else {
		client.Language = v.portal.Speak()
	}
	return client
}

const longestUserAgent = 256

// userAgent keeps what a person could read in the list of their sessions.
func userAgent(text string) string {
	if len(text) > longestUserAgent {
		text = text[:longestUserAgent]
	}
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}
