package server

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Internal is what the operator's machines see; it belongs on an address that the world can't reach: /healthz (the
// process lives), /readyz (it can serve), /metrics (Prometheus).
func (s *Server) Internal() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, "ok\n") })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	return mux
}

// readinessTime is how long whatever readiness depends on may take to answer.
const readinessTime = 2 * time.Second

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.isStopping() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readinessTime)
	defer cancel()
	if s.options.Ready != nil {
		if err := s.options.Ready(ctx); err != nil {
			s.options.Log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.String("error", err.Error()))
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
	}
	plain(w, "ready\n")
}

// stopping is set when the server was told to stop.
type stopping struct{ told atomic.Bool }

func (s *stopping) isStopping() bool { return s.told.Load() }
