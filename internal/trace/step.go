package trace

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Step begins a span under the one in the context. Without one there it does nothing, and costs a look into the context.
func Step(ctx context.Context, what string) (context.Context, Span) {
	return step(ctx, what, trace.SpanKindInternal)
}

// Call is Step for a call to somebody else.
func Call(ctx context.Context, whom string) (context.Context, Span) {
	return step(ctx, whom, trace.SpanKindClient)
}

func step(ctx context.Context, what string, kind trace.SpanKind) (context.Context, Span) {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return ctx, Span{}
	}
	ctx, span := above.TracerProvider().Tracer(name).Start(ctx, what, trace.WithSpanKind(kind))
	return ctx, Span{span}
}

// Transport makes a span of every request to somebody. It tells them nothing of the trace, and keeps neither address nor
// header: a path may hold what a person is called by.
func Transport(whom string, next http.RoundTripper) http.RoundTripper { return transport{whom, next} }

type transport struct {
	whom string
	next http.RoundTripper
}

// RoundTrip sends the request on.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	_, span := Call(request.Context(), t.whom)
	response, err := t.next.RoundTrip(request)
	if span.IsRecording() && err == nil {
		span.Name(t.whom, attribute.Int("http.response.status_code", response.StatusCode))
	}
	span.End(err != nil)
	return response, err
}
