package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/demo"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/portals"
)

var demoCommand = command{
	name: "demo", summary: "try everything: people, portals, an inbox; nothing to set up",
	about: `
Serves the portals on a throw-away database, with people in each of them and an inbox that catches their mails and texts, and prints
who they are and what to try. Stop it with Ctrl-C; nothing is left behind.`,
	run: func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		listen := flags.String("listen", "127.0.0.1:8080", "where people go, on this machine only; port 0: any")
		internal := flags.String("internal-listen", "127.0.0.1:9090", "health checks and metrics")
		verbose := flags.Bool("verbose", false, "log every request")
		if err := parse(flags, arguments); err != nil {
			return err
		}
		level := slog.LevelWarn
		if *verbose {
			level = slog.LevelInfo
		}
		return runDemo(ctx, sh, newLog(sh.stderr, level), config.Address(*listen), config.Address(*internal))
	},
}

func runDemo(ctx context.Context, sh shell, log *slog.Logger, outside, inside config.Address) (err error) {
	around := setting{}
	if around.public, around.internal, err = listen(ctx, outside, inside); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "sleutelbos-demo-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	inbox, err := demo.OpenInbox()
	if err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	defer func() { err = errors.Join(err, inbox.Close(), os.RemoveAll(folder)) }()
	origin := originOf(around.public)
	p, err := demoPlan(filepath.Join(folder, "demo.db"), inbox, origin)
	if err != nil {
		return err
	}
	around.opened = func(ctx context.Context, h *house, public http.Handler) (http.Handler, error) {
		places, err := seed(ctx, h, inbox, p.portals)
		if err != nil {
			return nil, err
		}
		providers, err := demo.Providers(p.portals, toPath(origin))
		if err != nil {
			return nil, err
		}
		printPlaces(sh.stdout, origin, address(around.internal), places)
		return withPages(demo.Pages(inbox, places, log), providers, public), nil
	}
	if err := migrate(ctx, p.Config); err != nil {
		return err
	}
	return p.serve(ctx, log, around)
}

// demoPlan is what the settings would say, and the embedded portal files with their dates moved.
func demoPlan(database string, inbox *demo.Inbox, origin string) (plan, error) {
	all, err := config.LoadPortals(portals.Files)
	if err != nil {
		return plan{}, err
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails, says its documentation
	c, err := config.Load(append(append(inbox.Twilio(), demoSecrets(all)...),
		"SLEUTELBOS_DATABASE_URL=sqlite:"+database, "SLEUTELBOS_SMTP_URL="+inbox.URL(),
		"SLEUTELBOS_SECRET_KEYS=demo:"+base64.StdEncoding.EncodeToString(key[:]),
		"SLEUTELBOS_WEBHOOK_ALLOWED_NETWORKS=127.0.0.0/8,::1/128",
	))
	if err != nil {
		return plan{}, err
	}
	p := plan{Config: c}
	if p.mail, err = mail.ParseURL(inbox.URL()); err != nil {
		return p, err
	}
	if p.texts, err = newTexts(c.Twilio, nil); err != nil {
		return p, err
	}
	p.portals = config.Demo(all, time.Now(), origin)
	p.brokers, err = joining{secrets: c.ProviderSecrets, returnURL: toPath(origin), now: time.Now()}.brokers(p.portals)
	return p, err
}

// demoSecrets are the settings of what the portals share with their providers.
func demoSecrets(all []identity.Portal) (settings []string) {
	for _, portal := range all {
		for _, provider := range portal.Providers {
			settings = append(settings, config.ClientSecretSetting(portal.Slug, provider.Name)+"="+demo.BrokerSecret)
		}
	}
	return settings
}

// originOf is the server as browsers are to name it: by a name that they take for safe, so that they keep its cookies.
func originOf(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String()) // what a listener answers is well-formed
	return "http://localhost:" + port
}

// longestSeeding bounds the wait for the mails.
const longestSeeding = time.Minute

func seed(ctx context.Context, h *house, inbox *demo.Inbox, all []identity.Portal) ([]demo.Place, error) {
	ctx, cancel := context.WithTimeout(ctx, longestSeeding)
	defer cancel()
	return demo.Seed(ctx, h.app, inbox, all)
}

// withPages serves the demo's own pages beside the portals.
func withPages(pages, providers, public http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/dev/", pages)
	mux.Handle("/dev/provider/", providers)
	mux.Handle("/", public)
	mux.Handle("GET /{$}", http.RedirectHandler("/dev/", http.StatusSeeOther))
	return mux
}

// printPlaces tells who there is and what to try.
func printPlaces(w io.Writer, origin, internal string, places []demo.Place) {
	for _, place := range places {
		fmt.Fprintf(w, "\n%s · %s · %s/portals/%s/graphiql\n\n", place.Portal.Name, place.Organisation, origin, place.Portal.Slug)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "  WHO\tROLE\tSIGN-IN NAME\tPASSWORD\tAUTHENTICATOR")
		for _, one := range place.People {
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", one.Name, one.Role, demo.Account(one.SignIn), one.Password, one.TOTP)
		}
		_ = table.Flush() // fails where printing does
		fmt.Fprintf(w, "\n  a partner's token: %s\n", place.PartnerToken)
		for _, try := range place.Try {
			fmt.Fprintf(w, "  · %s\n", try)
		}
	}
	fmt.Fprintf(w, "\nStart here:   %s/dev/\nInbox:        %s/dev/inbox\nHealth:       %s/healthz\nStop:         Ctrl-C; nothing is left behind\n", origin, origin, internal)
}
