package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/server"
	"github.com/sleutelbos/sleutelbos/internal/trace"
)

var serveCommand = command{
	name: "serve", summary: "the production server",
	about: `
Serves the portals, until it is told to stop (SIGTERM): then /readyz fails, and for SLEUTELBOS_DRAIN all goes on, so that
proxies send their requests elsewhere; requests in flight are finished, and mails in flight too. It refuses to start on a bad setting or portal file, and names every fault at once. Mail that can't be delivered
waits; it is no reason not to start. On PostgreSQL the migrations must have been applied («sleutelbos migrate»).`,
	run: func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		if err := parse(flags, arguments); err != nil {
			return err
		}
		p, err := readPlan(sh.environ, config.SecretKeys, config.SMTP)
		if err != nil {
			return err
		}
		if p.Database.Kind() == "sqlite" {
			err = migrate(ctx, p.Config)
		} else {
			err = upToDate(ctx, p.Config)
		}
		if err != nil {
			return err
		}
		around := setting{linger: func() { time.Sleep(time.Duration(p.Drain)) }}
		if around.public, around.internal, err = listen(ctx, p.Listen, p.InternalListen); err != nil {
			return err
		}
		return p.serve(ctx, newLog(sh.stderr, p.Log), around)
	},
}

// setting is what surrounds a server: production, or the demo.
type setting struct {
	public, internal net.Listener
	// linger is server.Options.Linger.
	linger func()
	// opened is called when all is at work, and may put something around the public handler; nil: nothing.
	opened func(ctx context.Context, h *house, public http.Handler) (http.Handler, error)
}

// serve opens everything, serves until the context ends, and closes everything in the opposite order.
func (p plan) serve(ctx context.Context, log *slog.Logger, around setting) error {
	defer around.public.Close()
	defer around.internal.Close()
	tuneMemory()
	metrics := newMetrics()
	tracer, err := p.newTracer(ctx, log)
	if err != nil {
		return err
	}
	h, err := p.open(ctx, log, metrics, tracer)
	if err != nil {
		return errors.Join(err, tracer.Stop(ctx))
	}
	if err := h.outbox.Start(ctx); err != nil {
		return errors.Join(err, h.db.Close())
	}
	s := p.newServer(h, log, around, metrics, tracer)
	handler := s.Public()
	if around.opened != nil {
		handler, err = around.opened(ctx, h, handler)
	}
	if err == nil {
		log.Info("serving", "public", address(around.public), "internal", address(around.internal),
			"database", p.Database, "portals", len(p.portals), "version", version())
		err = s.Run(ctx, around.public, around.internal, handler)
	}
	log.Info("stopping")
	return errors.Join(err, h.close(context.WithoutCancel(ctx)))
}

func address(l net.Listener) string { return "http://" + l.Addr().String() }

func listen(ctx context.Context, outside, inside config.Address) (public, internal net.Listener, err error) {
	var listening net.ListenConfig
	if public, err = listening.Listen(ctx, "tcp", string(outside)); err != nil {
		return nil, nil, fmt.Errorf("serve: %w", err)
	}
	if internal, err = listening.Listen(ctx, "tcp", string(inside)); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("serve: %w", err), public.Close())
	}
	return public, internal, nil
}

func (p plan) newServer(h *house, log *slog.Logger, around setting, metrics metrics, tracer *trace.Tracer) *server.Server {
	options := server.Options{
		App: h.app,
		Graph: graph.Handler(h.app, graph.Options{
			RequestID: server.RequestID, Fault: server.Faulted, Log: log, Operated: metrics.operated, Refused: metrics.refused,
			Traced: tracer != nil,
		}),
		Schema:  graph.SDL(),
		Portals: p.portals, TrustedProxies: p.TrustedProxies, Log: log, Ready: h.db.Ready, Linger: around.linger,
		Collectors: append(metrics.collectors(), newGauges(p, h)...), Tracer: tracer,
	}
	if p.texts != nil {
		options.ReadTextReport = p.texts.Report
	}
	return server.New(options)
}

// longestDelivery is how long mails in flight get to arrive once the server stops.
const longestDelivery = 10 * time.Second

// close stops what delivers, and then the database under it.
func (h *house) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longestDelivery)
	defer cancel()
	return errors.Join(h.outbox.Stop(ctx), h.db.Close(), h.tracer.Stop(ctx))
}

// newTracer makes what traces are told to, where a collector is named; nil: nowhere.
func (p plan) newTracer(ctx context.Context, log *slog.Logger) (*trace.Tracer, error) {
	if !p.Collector.IsSet() && !p.collects {
		return nil, nil
	}
	return trace.New(ctx, trace.Options{Endpoint: p.Collector.Reveal(), Version: version(), Log: log})
}
