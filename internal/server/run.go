package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The bounds of a connection. A sign-in may wait in the queue for password hashes, so writing may take longest.
const (
	headerTime     = 5 * time.Second
	readTime       = 15 * time.Second
	writeTime      = 60 * time.Second
	idleTime       = 2 * time.Minute
	longestHeader  = 16 << 10 // bytes
	longestStopped = 20 * time.Second
)

// Run serves the public handler (Public, or what the caller put around it) and Internal, until the context ends. Then
// readiness fails, the server lingers, and what is in flight has 20 seconds to finish; nothing new is let in. It answers
// nil when all of that went as it should.
func (s *Server) Run(ctx context.Context, public, internal net.Listener, handler http.Handler) error {
	world, operator := s.newHTTP(handler), s.newHTTP(s.Internal())
	ended := make(chan error, 2)
	go func() { ended <- world.Serve(public) }()
	go func() { ended <- operator.Serve(internal) }()
	var failed error
	select {
	case <-ctx.Done():
		s.told.Store(true)
		if s.options.Linger != nil {
			s.options.Linger()
		}
	case failed = <-ended:
		failed = fmt.Errorf("serve: %w", failed)
	}
	return errors.Join(failed, stop(context.WithoutCancel(ctx), world), stop(context.WithoutCancel(ctx), operator))
}

func stop(ctx context.Context, server *http.Server) error {
	ctx, cancel := context.WithTimeout(ctx, longestStopped)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close() // what is left is broken off
		return fmt.Errorf("finish requests in flight: %w", err)
	}
	return nil
}

func (s *Server) newHTTP(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: longestHeader, ErrorLog: slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug),
	}
}
