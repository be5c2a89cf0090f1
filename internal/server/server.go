package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

// Options is what a server works with. App, Graph, Portals and Log are required.
type Options struct {
	App *app.App
	// Graph answers GraphQL; it finds the actor in the context.
	Graph http.Handler
	// Schema is the text at …/schema.graphqls.
	Schema  string
	Portals []identity.Portal
	// TrustedProxies are the networks whose X-Forwarded-For and X-Request-Id count.
	TrustedProxies []netip.Prefix
	Log            *slog.Logger
	// Ready says why the process can't serve just now, or nil; it is asked at /readyz and given two seconds. Nil: always ready.
	Ready func(context.Context) error
	// Collectors are metrics of others, shown at /metrics beside the server's own.
	Collectors []prometheus.Collector
	// ReadTextReport reads what the provider of texts posted to an address, and answers false where it isn't signed by the
	// provider. Nil: nothing is heard of texts.
	ReadTextReport func(address string, body []byte, signature string) (identity.TextReport, bool)
	// Anonymous bounds what somebody who isn't signed in may ask, per portal and client address; zero: the default.
	Anonymous Rate
	// Linger is called when the server was told to stop: until it comes back all goes on as before, but for /readyz, so that
	// a load balancer can look the other way first. Nil: it stops at once.
	Linger func()
	// Tracer begins the trace of each request; nil: none is traced.
	Tracer *trace.Tracer
	// Clock is for tests; nil: time.Now.
	Clock func() time.Time
}

// Server serves the portals. Safe for concurrent use.
type Server struct {
	options Options
	portals portals
	proxies proxies
	limits  *limiter
	metrics *metrics
	stopping
}

// New makes a server.
func New(options Options) *Server {
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.Anonymous == (Rate{}) {
		options.Anonymous = anonymousRate
	}
	s := &Server{
		options: options,
		proxies: options.TrustedProxies,
		limits:  newLimiter(options.Anonymous),
		metrics: newMetrics(options.Collectors),
	}
	s.portals = newPortals(options.Portals, s.metrics)
	return s
}

// Public is what the world sees.
func (s *Server) Public() http.Handler { return http.HandlerFunc(s.public) }

// public answers one request; whatever happens in it, it ends with an answer, a line in the log and a count.
func (s *Server) public(w http.ResponseWriter, r *http.Request) {
	v := &visit{ResponseWriter: w, began: s.options.Clock(), portal: s.portals.none, route: elsewhere}
	var trusted bool
	v.client, v.id, trusted = s.proxies.origin(r)
	s.metrics.inFlight.Inc()
	if s.options.Tracer != nil {
		var ctx context.Context
		ctx, v.span = s.options.Tracer.Request(r, trusted)
		r = r.WithContext(ctx)
	}
	defer s.finish(v, r)
	speakToBrowsers(v)
	if s.isStopping() {
		v.Header()["Connection"] = closing // the next request on it would come too late
	}
	v.portal, v.path = s.portals.find(r)
	s.route(v, r)
}
