package app

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
)

// App is the use cases on one database. Safe for concurrent use.
type App struct {
	db     *store.DB
	keys   *secret.Keyring
	hasher *secret.Hasher
	random io.Reader
	steady Steady
	log    *slog.Logger
	// exhausted is told of every text that a budget forbids.
	exhausted func(portal string, budget identity.Budget)
	brokers   Brokers
	// webhookNetworks are open to webhooks though they aren't public.
	webhookNetworks []netip.Prefix
	quotas          quotas
}

// Steady runs work and answers at a time that doesn't tell how long the work took: what answers anonymous people whether
// or not somebody is known must not tell it by its speed.
type Steady func(ctx context.Context, work func() error) error

// Options is what the use cases work with. All but Steady are required.
type Options struct {
	DB     *store.DB
	Keys   *secret.Keyring
	Hasher *secret.Hasher
	// Random gives the randomness of ids, tokens and secrets. It must be safe for concurrent use and never fail.
	Random io.Reader
	// Steady is nil where timing doesn't matter: in tests.
	Steady Steady
	Log    *slog.Logger
	// Exhausted is told of every text that a budget forbids; nil: nobody is.
	Exhausted func(portal string, budget identity.Budget)
	// Brokers is nil where nobody signs in through an outside provider.
	Brokers Brokers
	// WebhookNetworks are open to webhooks though they aren't public, and they alone by plain HTTP: for tests and the demo.
	WebhookNetworks []netip.Prefix
}

// New makes the use cases.
func New(options Options) *App {
	steady := options.Steady
	if steady == nil {
		steady = func(_ context.Context, work func() error) error { return work() }
	}
	exhausted := options.Exhausted
	if exhausted == nil {
		exhausted = func(string, identity.Budget) {}
	}
	return &App{
		db: options.DB, keys: options.Keys, hasher: options.Hasher, random: options.Random, steady: steady, log: options.Log,
		exhausted: exhausted, brokers: options.Brokers, webhookNetworks: options.WebhookNetworks,
	}
}

// newID draws an id.
func (a *App) newID(kind identity.Kind, at time.Time) identity.ID {
	var random [10]byte
	if _, err := io.ReadFull(a.random, random[:]); err != nil {
		panic("the source of randomness failed: " + err.Error()) // going on would repeat ids and tokens
	}
	return identity.NewID(kind, at, random)
}

// record puts what happened in an organisation into its audit log.
func (a *App) record(s *store.Scope, actor identity.Actor, organisation identity.Organisation, action identity.Action, target identity.ID, details map[string]string) {
	s.Record(identity.AuditEvent{
		ID: a.newID(identity.KindEvent, s.Now), Portal: organisation.Portal, Organisation: organisation.ID,
		Action: action, Actor: actor.ID(), Target: target, Details: details,
	})
}

// tell sends a user a message without a link.
func (a *App) tell(s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, kind identity.MessageKind) {
	a.tellOf(s, actor, organisation, user, kind, identity.Factor{})
}

// tellOf sends a user a message about one of their factors, which it names where they can have several of the kind.
func (a *App) tellOf(s *store.Scope, actor identity.Actor, organisation identity.Organisation, user identity.User, kind identity.MessageKind, factor identity.Factor) {
	if user.Email == "" {
		return
	}
	message := kind.To(actor.Portal, organisation, user)
	message.ID = a.newID(identity.KindMessage, s.Now)
	if factor.Kind.IsPlural() {
		message.FactorName = factor.Name
	}
	s.Tell(message, nil)
}

// mailLinks mails each user a link of that purpose.
func (a *App) mailLinks(ctx context.Context, s *store.Scope, portal identity.Portal, organisation identity.Organisation, purpose identity.LinkPurpose, users ...identity.User) error {
	links := make([]store.HashedLink, len(users))
	for i, user := range users {
		token, err := secret.NewToken(a.random)
		if err != nil {
			return err
		}
		link := identity.Link{
			ID: a.newID(identity.KindLink, s.Now), Portal: organisation.Portal, Organisation: organisation.ID, User: user.ID,
			Purpose: purpose, CreatedAt: s.Now, ExpiresAt: s.Now.Add(portal.Links.Lifetime(purpose)),
		}
		links[i] = store.HashedLink{Link: link, TokenHash: token.Hash()}
		message := identity.MessageFor(purpose).To(portal, organisation, user)
		message.ID, message.ExpiresAt = a.newID(identity.KindMessage, s.Now), &link.ExpiresAt
		if purpose == identity.ForRegistration {
			message.Name = "" // somebody typed it who may be writing to a stranger
		}
		s.Tell(message, a.keys.Seal([]byte(token.Reveal()), []byte(message.ID)))
	}
	return s.AddLinks(ctx, links...)
}

// pick answers the organisation that an input names, or the actor's own where it names none.
func pick(actor identity.Actor, named *identity.ID) (identity.ID, error) {
	switch {
	case named != nil:
		return *named, nil
	case actor.Organisation != nil:
		return actor.Organisation.ID, nil
	case actor.Token != nil && actor.Token.Organisation != identity.WholePortal && len(actor.Token.Organisations) == 0:
		return actor.Token.Organisation, nil
	}
	return "", identity.Refuse(identity.InvalidInput, "input", "organisationId")
}
