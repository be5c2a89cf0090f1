package server

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// failure is an answer in the shape of GraphQL's errors, so that a client reads one kind of error whatever went wrong.
type failure struct {
	Errors [1]failureError `json:"errors"`
}

type failureError struct {
	Message    string     `json:"message"`
	Extensions extensions `json:"extensions"`
}

type extensions struct {
	Code              string `json:"code"`
	RequestID         string `json:"requestId"`
	RetryAfterSeconds int    `json:"retryAfterSeconds,omitempty"`
}

// deny answers a request that doesn't reach the graph: a refusal by its code, anything else as a fault that tells nothing
// but the request's id.
func (s *Server) deny(v *visit, r *http.Request, err error) {
	refusals, refused := identity.Refusals(err)
	if !refused {
		if r.Context().Err() == nil { // else the client left, and that is all that went wrong
			s.options.Log.LogAttrs(r.Context(), slog.LevelError, "fault",
				slog.String("requestId", v.id), slog.String("error", err.Error()))
		}
		v.internal()
		return
	}
	refusal := refusals[0]
	said := extensions{Code: string(refusal.Code)}
	status, message := http.StatusBadRequest, "A request brings cookies or one bearer token, not both."
	switch refusal.Code {
	case identity.Unauthenticated:
		v.Header().Set("WWW-Authenticate", "Bearer")
		status, message = http.StatusUnauthorized, "This is no token that lets you in: send «Authorization: Bearer slb_…»."
	case identity.Forbidden:
		status, message = http.StatusForbidden, "Requests from that origin are not let in."
	case identity.RateLimited:
		said.RetryAfterSeconds = int((refusal.RetryAfter + time.Second - 1) / time.Second)
		v.Header().Set("Retry-After", strconv.Itoa(said.RetryAfterSeconds))
		status, message = http.StatusTooManyRequests, "Too many requests: try again later."
	}
	v.fail(status, said, message)
}

func (v *visit) internal() {
	v.fail(http.StatusInternalServerError, extensions{Code: "INTERNAL"}, "Something went wrong on our side.")
}

func (v *visit) notFound(message string) {
	v.fail(http.StatusNotFound, extensions{Code: string(identity.NotFound)}, message)
}

func (v *visit) badMethod(allowed string) {
	v.Header().Set("Allow", allowed)
	v.fail(http.StatusMethodNotAllowed, extensions{Code: string(identity.BadUserInput)}, "Only "+allowed+" are answered here.")
}

// fail answers. No message repeats anything of the request.
func (v *visit) fail(status int, said extensions, message string) {
	said.RequestID = v.id
	v.Header().Set("Content-Type", "application/json; charset=utf-8")
	v.WriteHeader(status)
	// Strings and a number always encode, and who hung up needs no answer.
	_ = json.NewEncoder(v).Encode(failure{[1]failureError{{message, said}}})
}
