// Package trace shows where the time of a request went: a span for the request, for its operation, for each statement and
// for each call to somebody else, sent to a collector by OpenTelemetry's protocol (OTLP over HTTP).
//
// A root begins with a Tracer, which is nil where nobody collects: then every method does nothing, and Step finds no span
// above it and does nothing either. Everything below a root is a Step: it takes the tracer of the span that its context
// carries, so no package but those with roots has to be given one.
//
// A job is a root of its own, and names what caused it.
//
// Spans say what kind of thing was done, how long it took and whether it failed. They hold no value of a variable, no
// statement with values, no address, no text of an error.
package trace

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options says where spans go.
type Options struct {
	// Endpoint is the collector's address, to whose path /v1/traces is added where it has none; "": what OpenTelemetry's own
	// OTEL_EXPORTER_OTLP_… settings say, which hold beside it too.
	Endpoint string
	// Version is the service's.
	Version string
	// Log is told where the collector can't be reached.
	Log *slog.Logger
}

// Tracer begins traces. nil: nobody collects them. Safe for concurrent use.
type Tracer struct{ provider *sdk.TracerProvider }

const name = "github.com/sleutelbos/sleutelbos"

// New makes a tracer. It connects in the background: a collector that can't be reached holds nothing up, and what it
// misses is lost.
func New(ctx context.Context, options Options) (*Tracer, error) {
	exporter, err := otlptracehttp.New(ctx, options.where()...)
	if err != nil {
		return nil, fmt.Errorf("set up traces: %w", err)
	}
	about, err := resource.Merge(resource.Default(), resource.NewSchemaless(
		attribute.String("service.name", "sleutelbos"), attribute.String("service.version", options.Version)))
	if err != nil {
		return nil, fmt.Errorf("set up traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		options.Log.Warn("traces are lost", "error", err)
	}))
	return &Tracer{sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))}, nil
}

// where is the collector's address, with the path that OTLP over HTTP has for traces where there is none.
func (o Options) where() []otlptracehttp.Option {
	if o.Endpoint == "" {
		return nil
	}
	address := o.Endpoint
	if parsed, err := url.Parse(address); err == nil && strings.Trim(parsed.Path, "/") == "" {
		address = parsed.JoinPath("v1", "traces").String()
	}
	return []otlptracehttp.Option{otlptracehttp.WithEndpointURL(address)}
}

// Stop sends what is left, for as long as the context lasts.
func (t *Tracer) Stop(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// Request begins the span of a request, under the one that its caller names in the header traceparent (W3C Trace Context)
// where the caller is trusted: others could have everything traced, or write into the traces of somebody else.
func (t *Tracer) Request(r *http.Request, trusted bool) (context.Context, Span) {
	ctx := r.Context()
	if t == nil {
		return ctx, Span{}
	}
	if trusted {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	}
	ctx, span := t.provider.Tracer(name).Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
	return ctx, Span{span}
}

// Job begins the trace of work that no request waits for, with a link to the span that caused it, as Cause tells it; "" for
// none. It is a trace of its own: it may be tried again for days.
func (t *Tracer) Job(ctx context.Context, kind, cause string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer)}
	caused := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{traceParent: cause})
	if link := trace.LinkFromContext(caused); link.SpanContext.IsValid() {
		options = append(options, trace.WithLinks(link))
	}
	ctx, span := t.provider.Tracer(name).Start(ctx, kind, options...)
	return ctx, Span{span}
}

const traceParent = "traceparent"

// Cause is the span in the context in the form of the header traceparent (W3C Trace Context), for a job that comes of it; "" where
// nothing is traced.
func Cause(ctx context.Context) string {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[traceParent]
}

// Span is one that was begun; the zero Span is none.
type Span struct{ span trace.Span }

// IsRecording tells whether what is said of the span is kept.
func (s Span) IsRecording() bool { return s.span != nil }

// TraceID is what the collector knows the whole trace by: 32 hexadecimal digits; "" for none.
func (s Span) TraceID() string {
	if s.span == nil {
		return ""
	}
	return s.span.SpanContext().TraceID().String()
}

// Name gives the span its name, once what it is about is known, and says more of it. Only words of our own belong here.
func (s Span) Name(name string, facts ...attribute.KeyValue) {
	if s.span != nil {
		s.span.SetName(name)
		s.span.SetAttributes(facts...)
	}
}

// End ends the span. Of a failure it says that there was one; the log says which.
func (s Span) End(failed bool) {
	if s.span == nil {
		return
	}
	if failed {
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}
