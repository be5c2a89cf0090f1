package server

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// failure is the answer at an address where there is no graph, in the shape of GraphQL's errors: a client reads one kind
// of error whatever went wrong.
type failure struct {
	Errors [1]failureError `json:"errors"`
}

type failureError struct {
	Message    string     `json:"message"`
	Extensions extensions `json:"extensions"`
}

type extensions struct {
	Code      identity.Code `json:"code"`
	RequestID string        `json:"requestId"`
}

// deny answers a request that doesn't reach the graph as the graph would: a refusal by its code and in the caller's
// language, anything else as a fault that tells nothing but the request's id.
func (s *Server) deny(ctx context.Context, v *visit, r *http.Request, err error) {
	_, refused := identity.Refusals(err)
	switch {
	case errors.Is(err, identity.Refuse(identity.Unauthenticated)):
		v.Header().Set("WWW-Authenticate", "Bearer")
	case !refused && ctx.Err() == nil: // else the client left, and that is all that went wrong
		s.options.Log.LogAttrs(ctx, slog.LevelError, "fault",
			slog.String("requestId", v.id), slog.String("error", err.Error()))
	}
	nobody := identity.Actor{Portal: v.portal.Portal, Client: v.clientOf(r)}
	graph.WriteDenial(v, r.WithContext(graph.WithActor(ctx, &nobody)), v.id, err)
}

func (v *visit) notFound(message string) {
	v.fail(http.StatusNotFound, identity.NotFound, message)
}

func (v *visit) badMethod(allowed string) {
	v.Header().Set("Allow", allowed)
	v.fail(http.StatusMethodNotAllowed, identity.BadUserInput, "Only "+allowed+" are answered here.")
}

// fail answers. No message repeats anything of the request.
func (v *visit) fail(status int, code identity.Code, message string) {
	v.Header().Set("Content-Type", "application/json; charset=utf-8")
	v.WriteHeader(status)
	// Strings always encode, and who hung up needs no answer.
	_ = json.NewEncoder(v).Encode(failure{[1]failureError{{message, extensions{code, v.id}}}})
}
