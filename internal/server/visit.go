package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// visit is one request on its way through: one allocation that serves as its notes and as the writer that sees the status.
type visit struct {
	http.ResponseWriter
	id     string
	client netip.Addr // not valid where the connection has none
	began  time.Time
	portal *portal // never nil; the portal «none» where there is none
	route  route
	path   string // behind the portal's prefix
	actor  identity.ID
	status int // 0 until the header is written
	// faulted is set by whatever answers a fault under a status that doesn't say so.
	faulted bool
	span    trace.Span
}

type visitKey struct{}

// RequestID is the id of the request that a context belongs to: in its answer's X-Request-Id, in its errors and in the
// log. It is "" outside a request.
func RequestID(ctx context.Context) string {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v.id
	}
	return ""
}

// Faulted notes that the request a context belongs to ran into a fault, whatever the status of its answer.
func Faulted(ctx context.Context) {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		v.faulted = true
	}
}

// WriteHeader notes the status.
func (v *visit) WriteHeader(status int) {
	if v.status == 0 && status >= http.StatusOK {
		v.status = status
	}
	v.ResponseWriter.WriteHeader(status)
}

// Write notes that the status is 200 where nobody said another.
func (v *visit) Write(content []byte) (int, error) {
	if v.status == 0 {
		v.status = http.StatusOK
	}
	return v.ResponseWriter.Write(content)
}

// Unwrap leads http.ResponseController to the connection.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }

var errPanic = errors.New("panic")

// finish ends a visit, with an answer where a panic left none, and writes it down.
func (s *Server) finish(v *visit, r *http.Request) {
	breakOff := s.survive(v, r, recover())
	s.metrics.inFlight.Dec()
	duration := s.options.Clock().Sub(v.began)
	v.portal.count(v.route, v.outcome(), duration)
	s.record(r, v, duration)
	v.endSpan(method(r.Method))
	if breakOff {
		panic(http.ErrAbortHandler)
	}
}

// survive answers for a panic, or tells that the connection must be broken off: half an answer is not to be taken for a
// whole one.
func (s *Server) survive(v *visit, r *http.Request, fault any) (breakOff bool) {
	if fault == nil {
		return false
	}
	if err, is := fault.(error); is && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	// What was panicked with may hold anything; its kind and the place are what finds the mistake.
	s.options.Log.LogAttrs(r.Context(), slog.LevelError, "panic",
		slog.String("requestId", v.id), slog.String("kind", fmt.Sprintf("%T", fault)), slog.String("stack", string(debug.Stack())))
	if v.status == 0 {
		graph.WriteDenial(v, r, v.id, errPanic)
		return false
	}
	return true
}

// record writes the access log: ids, never an address, a query or a value of one.
func (s *Server) record(r *http.Request, v *visit, duration time.Duration) {
	facts := [8]slog.Attr{
		slog.String("requestId", v.id), slog.String("portal", v.portal.Slug), slog.String("route", v.route.String()),
		slog.String("method", method(r.Method)), slog.Int("status", v.status), slog.String("actor", string(v.actor)),
		slog.Float64("milliseconds", float64(duration.Microseconds())/1000),
	}
	all := facts[:7]
	if v.span.IsRecording() {
		all = append(all, slog.String("traceId", v.span.TraceID()))
	}
	s.options.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", all...)
}

// endSpan says of the request what its line in the log says, but for who asked.
func (v *visit) endSpan(method string) {
	if v.span.IsRecording() {
		v.span.Name(method+" "+v.route.String(), attribute.String("http.request.method", method),
			attribute.String("http.route", v.route.String()), attribute.Int("http.response.status_code", v.status),
			attribute.String("sleutelbos.portal", v.portal.Slug), attribute.String("sleutelbos.request_id", v.id))
	}
	v.span.End(v.outcome() == broken)
}

// method is the request's, where it is one of HTTP's: anything can stand there.
func method(name string) string {
	switch name {
	case http.MethodGet, http.MethodPost, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return name
	}
	return "other"
}

// newRequestID draws 128 bits, so that nobody guesses the id of another's request.
func newRequestID() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails, says its documentation
	var text [32]byte
	hex.Encode(text[:], random[:])
	return string(text[:])
}
