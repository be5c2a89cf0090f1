package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/kvk"
	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/sms"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/trace"
	"github.com/sleutelbos/sleutelbos/internal/webhook"
)

// plan is what the settings and the portal files say.
type plan struct {
	config.Config
	portals []identity.Portal
	mail    mail.Options
	// texts is nil where there is no account for them.
	texts *sms.Sender
	// register is nil where no trade register is asked.
	register *kvk.Register
	brokers  app.Brokers
	// collects: OpenTelemetry's own settings name a collector of traces.
	collects bool
}

// readPlan reads settings and portal files, and tells all that is wrong with any of them at once. The caller names the
// settings that it can't do without.
func readPlan(environ []string, required ...string) (plan, error) {
	c, settingsErr := config.Load(environ, required...)
	p := plan{Config: c, collects: namesCollector(environ)}
	var portalsErr, mailErr, textsErr, registerErr error
	p.portals, portalsErr = config.ReadPortals(c.Portals)
	if c.SMTP.IsSet() {
		if p.mail, mailErr = mail.ParseURL(c.SMTP.Reveal()); mailErr != nil {
			mailErr = &config.Fault{Setting: config.SMTP, Text: "can't be used: " + mailErr.Error()}
		}
	}
	p.texts, textsErr = newTexts(c.Twilio, offering(p.portals, required))
	if c.KVKKey.IsSet() {
		if p.register, registerErr = kvk.New(c.KVKBase, c.KVKKey.Reveal()); registerErr != nil {
			registerErr = &config.Fault{Setting: config.KVKBase, Text: "can't be used: " + registerErr.Error()}
		}
	}
	var brokersErr error
	if portalsErr == nil && slices.Contains(required, config.SMTP) { // who signs people in needs the providers, and their secrets
		p.brokers, brokersErr = joining{c.Portals, c.ProviderSecrets, toFirstHost, time.Now()}.brokers(p.portals)
		brokersErr = errors.Join(c.ProviderSecrets.Check(p.portals), brokersErr)
	}
	return p, errors.Join(settingsErr, mailErr, textsErr, registerErr, portalsErr, brokersErr)
}

// namesCollector tells whether OpenTelemetry's own settings say where traces go.
func namesCollector(environ []string) bool {
	return slices.ContainsFunc(environ, func(setting string) bool {
		name, value, _ := strings.Cut(setting, "=")
		return value != "" && (name == "OTEL_EXPORTER_OTLP_ENDPOINT" || name == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	})
}

// offering are the portals that a command can't do without texts for: those that offer them, where it can't do without
// mails either.
func offering(portals []identity.Portal, required []string) []identity.Portal {
	return slices.DeleteFunc(slices.Clone(portals), func(p identity.Portal) bool {
		return !p.Factors.Offers(identity.SMS) || !slices.Contains(required, config.SMTP)
	})
}

// newTexts sets texts up where there are settings for it, or fails where there are none and a portal offers them.
func newTexts(twilio config.Twilio, offering []identity.Portal) (*sms.Sender, error) {
	if twilio.IsSet() {
		texts, err := sms.NewSender(sms.Options{
			AccountSID: twilio.AccountSID, AuthToken: strings.TrimSpace(twilio.AuthToken.Reveal()), From: twilio.From,
			MessagingServiceSID: twilio.MessagingServiceSID, BaseURL: twilio.BaseURL,
		})
		if err != nil {
			return nil, &config.Fault{Setting: config.TwilioSID, Text: "can't be used: " + err.Error()}
		}
		return texts, nil
	}
	if len(offering) > 0 {
		return nil, &config.Fault{Setting: config.TwilioSID, Text: "is missing; portal " + offering[0].Slug + " offers sms among its factors"}
	}
	return nil, nil
}

// house is an open database with the use cases on it, and the outbox that their messages go to.
type house struct {
	db     *store.DB
	app    *app.App
	outbox *outbox.Outbox
	hasher *secret.Hasher
	tracer *trace.Tracer
}

// open opens the database, which must be up to date.
func (p plan) open(ctx context.Context, log *slog.Logger, metrics metrics, tracer *trace.Tracer) (*house, error) {
	db, err := store.Open(ctx, store.Options{URL: p.Database.Reveal(), SystemURL: p.System.Reveal(), Traced: tracer != nil})
	if err != nil {
		return nil, err
	}
	db.OnEvents(metrics.recorded)
	h := &house{db: db, hasher: secret.NewHasher(secret.HasherOptions{Waited: metrics.hashWaited}), tracer: tracer}
	h.outbox, err = outbox.New(outbox.Options{
		DB: db, Keys: p.SecretKeys, Sender: mail.NewSender(p.mail), Portals: p.portals, Log: log, Observe: metrics.mails.observe,
		Texts: p.texts, ObserveText: metrics.texts.observe, Register: p.register, ObserveCheck: metrics.checked,
		Webhooks:   outbox.Webhooks{Sender: webhook.NewSender(webhook.Options{Allowed: p.WebhookNetworks}), Observe: metrics.webhooks.observe},
		Tracer:     tracer,
		PerformDue: func(ctx context.Context, portal identity.Portal) error { return h.app.PerformDue(ctx, portal) },
		Retain: func(ctx context.Context, portal identity.Portal, what identity.Retained) (int, bool, error) {
			gone, err := h.app.Retain(ctx, portal, what)
			return gone.Count, gone.More, err
		},
		ObserveRetention: metrics.let,
		PerformImport: func(ctx context.Context, portal identity.Portal, id identity.ID, after int) (int, error) {
			return h.app.PerformImport(ctx, portal, id, after)
		},
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	h.app = app.New(app.Options{
		DB: db, Keys: p.SecretKeys, Hasher: h.hasher, Random: rand.Reader, Steady: steadily, Log: log,
		Exhausted: metrics.exhausted, Brokers: p.brokers, WebhookNetworks: p.WebhookNetworks,
	})
	return h, nil
}

// use opens the database for one piece of work, and closes it.
func (p plan) use(ctx context.Context, work func(*house) error) error {
	if err := upToDate(ctx, p.Config); err != nil {
		return err
	}
	h, err := p.open(ctx, slog.New(slog.DiscardHandler), newMetrics(), nil)
	if err != nil {
		return err
	}
	return errors.Join(work(h), h.db.Close())
}

func newLog(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}
