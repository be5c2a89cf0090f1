package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"

	"github.com/sleutelbos/sleutelbos/graph"
	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/server"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// serveProduct puts together what «sleutelbos serve» does, from the same environment, and shows its profiles on the
// internal address besides, which the product never does.
func serveProduct(ctx context.Context, _ []string) error {
	settings, err := config.Load(os.Environ(), config.SecretKeys, config.SMTP)
	if err != nil {
		return err
	}
	portals, err := config.ReadPortals(settings.Portals)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Options{URL: settings.Database.Reveal(), SystemURL: settings.System.Reveal()})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	sender, err := mail.ParseURL(settings.SMTP.Reveal())
	if err != nil {
		return err
	}
	var use *app.App
	box, err := outbox.New(outbox.Options{
		DB: db, Keys: settings.SecretKeys, Sender: mail.NewSender(sender), Portals: portals, Log: log,
		PerformImport: func(ctx context.Context, portal identity.Portal, id identity.ID, after int) (int, error) {
			return use.PerformImport(ctx, portal, id, after)
		},
	})
	if err != nil {
		return err
	}
	use = app.New(app.Options{
		DB: db, Keys: settings.SecretKeys, Hasher: secret.NewHasher(secret.HasherOptions{}), Random: rand.Reader, Log: log,
	})
	if err := box.Start(ctx); err != nil {
		return err
	}
	public := server.New(server.Options{
		App: use, Portals: portals, Schema: graph.SDL(), Log: log, Ready: db.Ping,
		Graph: graph.Handler(use, graph.Options{RequestID: server.RequestID, Log: log}),
	})
	err = listen(ctx, public, settings)
	return errors.Join(err, box.Stop(context.WithoutCancel(ctx)))
}

// listen serves the public address as the product does, and the internal one with profiles.
func listen(ctx context.Context, public *server.Server, settings config.Config) error {
	world, err := net.Listen("tcp", string(settings.Listen))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	unused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	operator, err := net.Listen("tcp", string(settings.InternalListen))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", public.Internal())
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.Handle("/debug/pprof/allocs", pprof.Handler("allocs"))
	mux.Handle("/debug/pprof/heap", pprof.Handler("heap"))
	go func() { _ = http.Serve(operator, mux) }() //nolint:gosec // loopback, and gone with the process
	return public.Run(ctx, world, unused, public.Public())
}
