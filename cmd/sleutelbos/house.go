package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/kvk"
	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// plan is what the settings and the portal files say.
type plan struct {
	config.Config
	portals []identity.Portal
	mail    mail.Options
	// register is nil where no trade register is asked.
	register *kvk.Register
}

// readPlan reads settings and portal files, and tells all that is wrong with any of them at once. The caller names the
// settings that it can't do without.
func readPlan(environ []string, required ...string) (plan, error) {
	c, settingsErr := config.Load(environ, required...)
	p := plan{Config: c}
	var portalsErr, mailErr, registerErr error
	p.portals, portalsErr = config.ReadPortals(c.Portals)
	if c.SMTP.IsSet() {
		if p.mail, mailErr = mail.ParseURL(c.SMTP.Reveal()); mailErr != nil {
			mailErr = &config.Fault{Setting: config.SMTP, Text: "can't be used: " + mailErr.Error()}
		}
	}
	if c.KVKKey.IsSet() {
		if p.register, registerErr = kvk.New(c.KVKBase, c.KVKKey.Reveal()); registerErr != nil {
			registerErr = &config.Fault{Setting: config.KVKBase, Text: "can't be used: " + registerErr.Error()}
		}
	}
	return p, errors.Join(settingsErr, mailErr, registerErr, portalsErr)
}

// house is an open database with the use cases on it, and the outbox that their messages go to.
type house struct {
	db     *store.DB
	app    *app.App
	outbox *outbox.Outbox
	hasher *secret.Hasher
}

// open opens the database, which must be up to date.
func (p plan) open(ctx context.Context, log *slog.Logger, observe mailObserver) (*house, error) {
	db, err := store.Open(ctx, store.Options{URL: p.Database.Reveal(), SystemURL: p.System.Reveal()})
	if err != nil {
		return nil, err
	}
	h := &house{db: db, hasher: secret.NewHasher(secret.HasherOptions{})}
	h.outbox, err = outbox.New(outbox.Options{
		DB: db, Keys: p.SecretKeys, Sender: mail.NewSender(p.mail), Portals: p.portals, Log: log, Observe: observe,
		Register: p.register,
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	h.app = app.New(app.Options{
		DB: db, Keys: p.SecretKeys, Hasher: h.hasher, Random: rand.Reader, Steady: steadily, Log: log,
	})
	return h, nil
}

// use opens the database for one piece of work, and closes it.
func (p plan) use(ctx context.Context, work func(*house) error) error {
	if err := upToDate(ctx, p.Config); err != nil {
		return err
	}
	h, err := p.open(ctx, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		return err
	}
	return errors.Join(work(h), h.db.Close())
}

func newLog(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}
