package trace_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/trace"
)

func TestWithoutATracerNothingIsTracedAndEverythingWorks(t *testing.T) {
	t.Parallel()
	var none *trace.Tracer
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	ctx, span := none.Request(request, true)
	if ctx != request.Context() || span.IsRecording() || span.TraceID() != "" {
		t.Error("a span began")
	}
	if same, below := trace.Step(ctx, "step"); same != ctx || below.IsRecording() {
		t.Error("a step began a trace by itself")
	}
	if same, job := none.Job(ctx, "job", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"); same != ctx || job.IsRecording() {
		t.Error("a job was traced")
	}
	if got := trace.Cause(ctx); got != "" {
		t.Errorf("the cause of nothing is %s", got)
	}
	span.Name("name")
	span.End(true)
	if err := none.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func TestAStepWithoutATraceAllocatesNothing(t *testing.T) {
	ctx := context.WithValue(t.Context(), http.ServerContextKey, "something")
	if got := testing.AllocsPerRun(100, func() {
		_, span := trace.Step(ctx, "step")
		span.End(false)
		_ = trace.Cause(ctx)
	}); got > 0 {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkStepWithoutATrace(b *testing.B) {
	ctx := context.WithValue(b.Context(), http.ServerContextKey, "something")
	b.ReportAllocs()
	for b.Loop() {
		_, span := trace.Step(ctx, "step")
		span.End(false)
	}
}
