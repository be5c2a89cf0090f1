package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// There are two ways out for an error, and both are in this file. What the caller can mend in the input becomes userErrors
// of the payload (mend). Everything else becomes a top-level error (present): a denial with its own code, and a fault as
// INTERNAL, told in the log and nowhere else.

// mend takes what the caller can mend out of an error. What is left must be returned as it is.
func mend(ctx context.Context, err error) ([]generated.UserError, error) {
	if err == nil {
		return []generated.UserError{}, nil
	}
	refusals, ok := identity.Refusals(err)
	if !ok {
		return nil, err
	}
	for _, refusal := range refusals {
		if refusal.Code.IsDenial() {
			return nil, refusal
		}
	}
	noteRefusals(ctx, refusals)
	return userErrors(ctx, refusals), nil
}

func userErrors(ctx context.Context, refusals []*identity.Error) []generated.UserError {
	language := actorOf(ctx).Client.Language
	all := make([]generated.UserError, len(refusals))
	for i, refusal := range refusals {
		all[i] = generated.UserError{
			Code: refusal.Code, Message: text(language, refusal), Path: append([]string{}, refusal.Path...),
			RetryAfterSeconds: seconds(refusal.RetryAfter),
		}
	}
	return all
}

// seconds rounds up, so that whoever waits that long has waited long enough; nil for no wait.
func seconds(wait time.Duration) *int {
	if wait <= 0 {
		return nil
	}
	whole := int(math.Ceil(wait.Seconds()))
	return &whole
}

// presenter turns errors into what a client sees of them.
type presenter struct{ options Options }

func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	if refusals, ok := identity.Refusals(err); ok {
		noteRefusals(ctx, refusals[:1])
		presented := denial(ctx, refusals[0])
		presented.Path = graphql.GetPath(ctx)
		return presented
	}
	protocol, wrapped := errors.AsType[*gqlerror.Error](err)
	switch {
	case wrapped && protocol.Extensions["code"] != nil: // refused before it was executed
		return protocol
	case wrapped && len(protocol.Path) > len(graphql.GetPath(ctx)): // in an argument: its path leads below the field
		return &gqlerror.Error{Message: "A value doesn't fit its type.", Path: protocol.Path, Extensions: map[string]any{"code": codeInput}}
	case wrapped && protocol.Err != nil:
		err = protocol.Err // gqlgen wraps whatever a resolver answers
	}
	if p.options.Fault != nil {
		p.options.Fault(ctx)
	}
	p.options.Log.ErrorContext(ctx, "request failed", "requestId", p.options.RequestID(ctx), "error", err.Error())
	return &gqlerror.Error{Message: faultText, Path: graphql.GetPath(ctx), Extensions: map[string]any{"code": codeInternal}}
}

const faultText = "Something went wrong on our side. The request id finds it in our log."

func denial(ctx context.Context, refusal *identity.Error) *gqlerror.Error {
	extensions := map[string]any{"code": string(refusal.Code)}
	if wait := seconds(refusal.RetryAfter); wait != nil {
		extensions["retryAfterSeconds"] = *wait
	}
	if refusal.Code == identity.ReauthenticationRequired {
		extensions["requires"] = refusal.Strength
		if refusal.Factor != "" {
			extensions["requiresFactor"] = refusal.Factor
		}
		if refusal.ProofWithin > 0 {
			extensions["proofWithin"] = int(refusal.ProofWithin.Seconds())
		}
	}
	language := identity.English
	if actor, ok := ctx.Value(actorKey{}).(*identity.Actor); ok {
		language = actor.Client.Language
	}
	return &gqlerror.Error{Message: text(language, refusal), Extensions: extensions}
}

// recovered reports a panic. What was panicked with may hold anything; its kind and the place are what finds the mistake.
func (p presenter) recovered(ctx context.Context, fault any) error {
	p.options.Log.ErrorContext(ctx, "panic", "requestId", p.options.RequestID(ctx), "stack", string(debug.Stack()))
	return fmt.Errorf("panic with a %T", fault)
}

// WriteDenial answers a request that doesn't get as far as its operation: a refusal with the status that belongs to its
// code, or a fault (500).
func WriteDenial(w http.ResponseWriter, r *http.Request, requestID string, err error) {
	presented := &gqlerror.Error{Message: faultText, Extensions: map[string]any{"code": codeInternal}}
	status := http.StatusInternalServerError
	if refusals, ok := identity.Refusals(err); ok {
		presented, status = denial(r.Context(), refusals[0]), statusOf(refusals[0].Code)
		if wait := seconds(refusals[0].RetryAfter); wait != nil {
			w.Header().Set("Retry-After", strconv.Itoa(*wait))
		}
	}
	presented.Extensions["requestId"] = requestID
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": gqlerror.List{presented}}) // a request error has no data
}

func statusOf(code identity.Code) int {
	switch code {
	case identity.Unauthenticated:
		return http.StatusUnauthorized
	case identity.Forbidden, identity.NetworkNotAllowed, identity.ReauthenticationRequired:
		return http.StatusForbidden
	case identity.RateLimited:
		return http.StatusTooManyRequests
	case identity.NotFound:
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}
