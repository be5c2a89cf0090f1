package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/mail"
	"github.com/sleutelbos/sleutelbos/internal/outbox"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// patience is how long a test waits for the next thing to happen. It is only ever spent by a test that fails.
const patience = 20 * time.Second

var noon = testrig.NewClock().Now()

// A rig is an organisation with many users, what delivers their mails, and the mailbox where these arrive.
type rig struct {
	testrig.Database
	mailbox      *testrig.Mailbox
	organisation identity.Organisation
	users        []identity.User
	// outcomes are told by every outbox of the rig.
	outcomes chan outbox.Outcome
	messages int
}

func id(kind identity.Kind, number int) identity.ID {
	return identity.NewID(kind, noon.Add(time.Duration(number)*time.Millisecond), [10]byte{})
}

func newRig(t testing.TB, db testrig.Database, users int) *rig {
	t.Helper()
	r := &rig{Database: db, mailbox: testrig.NewMailbox(t), outcomes: make(chan outbox.Outcome, 100_000)}
	r.organisation = identity.Organisation{
		ID: id(identity.KindOrganisation, 1), Portal: "voorbeeld", Name: "Transport Wientjes B.V.",
		MainUserID: id(identity.KindUser, 0), CreatedAt: noon,
	}
	for number := range users {
		r.users = append(r.users, identity.User{
			ID: id(identity.KindUser, number), Portal: "voorbeeld", OrganisationID: r.organisation.ID,
			DisplayName: fmt.Sprintf("User %d", number), Email: identity.EmailAddress(fmt.Sprintf("user%d@transport.test", number)),
			Role: identity.SubUser, Registration: identity.Registered, CreatedAt: noon, CredentialVersion: 1, Language: "nl",
		})
	}
	r.within(t, func(ctx context.Context, s *store.Scope) error {
		return errors.Join(s.AddOrganisation(ctx, r.organisation), s.AddUser(ctx, r.users[0]))
	})
	for users := r.users[1:]; len(users) > 0; users = users[min(1000, len(users)):] {
		r.within(t, func(ctx context.Context, s *store.Scope) error {
			for _, user := range users[:min(1000, len(users))] {
				if err := s.AddUser(ctx, user); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return r
}

func (r *rig) within(t testing.TB, work func(ctx context.Context, s *store.Scope) error) {
	t.Helper()
	err := r.Within(t.Context(), r.organisation.Tenant(), func(s *store.Scope) error { return work(t.Context(), s) })
	if err != nil {
		t.Fatal(err)
	}
}

var portal = identity.Portal{
	Hosts: []string{"mijn.voorbeeld.nl"}, SMS: identity.SMSPolicy{
		Countries: []identity.Country{"NL"}, Budgets: identity.Budgets{PerNumber: 3, PerOrganisation: 100, PerPortal: 100},
	},
	Slug: "voorbeeld", Name: "Mijn Voorbeeld", Languages: []identity.Language{identity.Dutch},
	SPA:  identity.SPA{Origin: "https://mijn.voorbeeld.nl", PasswordPath: "/wachtwoord", SignInPath: "/inloggen"},
	Mail: identity.MailSender{FromAddress: "online@voorbeeld.nl", Support: "bel 0528 - 12 34 56"},
}

func keys(t testing.TB, ring string) *secret.Keyring {
	t.Helper()
	keys, err := secret.ParseKeyring(ring)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

const ring = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func sender(t testing.TB, url string) *mail.Sender {
	t.Helper()
	options, err := mail.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	return mail.NewSender(options)
}

// options are an outbox's that tries again at once.
func (r *rig) options(t testing.TB) outbox.Options {
	t.Helper()
	return outbox.Options{
		DB: r.DB, Keys: keys(t, ring), Sender: sender(t, r.mailbox.URL()), Portals: []identity.Portal{portal}, Log: slog.New(slog.DiscardHandler),
		Backoff: func(int) time.Duration { return 0 },
		Observe: func(outcome outbox.Outcome, _ time.Duration) { r.outcomes <- outcome },
	}
}

// enqueueOnly makes an outbox that isn't started.
func (r *rig) enqueueOnly(t testing.TB) *outbox.Outbox {
	t.Helper()
	return r.make(t, r.options(t))
}

func (r *rig) make(t testing.TB, options outbox.Options) *outbox.Outbox {
	t.Helper()
	o, err := outbox.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// start makes an outbox that delivers until the test ends.
func (r *rig) start(t testing.TB, change ...func(*outbox.Options)) *outbox.Outbox {
	t.Helper()
	options := r.options(t)
	for _, change := range change {
		change(&options)
	}
	o := r.make(t, options)
	if err := o.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, o) })
	return o
}

func stop(t testing.TB, o *outbox.Outbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := o.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// tokenOf is the token in the link that user gets.
func tokenOf(user identity.User) string { return "marker-token-for-" + string(user.ID) }

// tell tells each user to choose another password, in one transaction, by a link that lives for an hour.
func (r *rig) tell(t testing.TB, users ...identity.User) []identity.ID {
	t.Helper()
	var told []identity.ID
	r.within(t, func(_ context.Context, s *store.Scope) error {
		told = nil
		for _, user := range users {
			told = append(told, r.tellIn(t, s, user))
		}
		return nil
	})
	return told
}

func (r *rig) tellIn(t testing.TB, s *store.Scope, user identity.User) identity.ID {
	t.Helper()
	r.messages++
	message := identity.PasswordResetMessage.To(portal, r.organisation, user)
	expires := s.Now.Add(time.Hour)
	message.ID, message.ExpiresAt = id(identity.KindMessage, r.messages), &expires
	s.Tell(message, keys(t, ring).Seal([]byte(tokenOf(user)), []byte(message.ID)))
	return message.ID
}

// next waits for the next try to end.
func (r *rig) next(t testing.TB) outbox.Outcome {
	t.Helper()
	select {
	case outcome := <-r.outcomes:
		return outcome
	case <-time.After(patience):
		t.Fatalf("no further try ended in %s; the messages are\n%s", patience, dump(t, r.owner(t), "messages"))
		return ""
	}
}

// expect waits for that many tries to end, and all of them to end so.
func (r *rig) expect(t testing.TB, want outbox.Outcome, times int) {
	t.Helper()
	for n := range times {
		if got := r.next(t); got != want {
			t.Fatalf("try %d of %d ended as %s, want %s", n+1, times, got, want)
		}
	}
}

// expectAll waits for as many tries to end, in any order, and as each of them should.
func (r *rig) expectAll(t testing.TB, want map[outbox.Outcome]int) {
	t.Helper()
	got, left := map[outbox.Outcome]int{}, 0
	for _, times := range want {
		left += times
	}
	for ; left > 0; left-- {
		got[r.next(t)]++
	}
	if !maps.Equal(got, want) {
		t.Fatalf("tries ended as %v, want %v", got, want)
	}
}

// expectNoneQueued waits until every message is settled: each try that ends is a reason to look again.
func (r *rig) expectNoneQueued(t testing.TB) {
	t.Helper()
	for r.settled(t, store.MessageQueued, "") > 0 {
		r.next(t)
	}
}

// await asks again and again, for what nothing announces.
func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline, again := time.After(patience), time.NewTicker(20*time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// user loads a user as they are now.
func (r *rig) user(t testing.TB, number int) (user identity.User) {
	t.Helper()
	r.within(t, func(ctx context.Context, s *store.Scope) (err error) {
		user, err = s.User(ctx, r.users[number].ID)
		return err
	})
	return user
}

// owner opens the database as its owner, who sees all of it.
func (r *rig) owner(t testing.TB) *sql.DB {
	t.Helper()
	var raw *sql.DB
	if file, isSQLite := strings.CutPrefix(r.URL, "sqlite:"); isSQLite {
		opened, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)")
		if err != nil {
			t.Fatal(err)
		}
		raw = opened
	} else {
		config, err := pgxpool.ParseConfig(r.URL)
		if err != nil {
			t.Fatal(err)
		}
		raw = stdlib.OpenDB(*config.ConnConfig)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}

func count(t testing.TB, raw *sql.DB, query string) (n int) {
	t.Helper()
	if err := raw.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// settled counts the messages in a state for a reason like that one.
func (r *rig) settled(t testing.TB, state store.MessageState, reason string) int {
	t.Helper()
	return count(t, r.owner(t), fmt.Sprintf(
		"SELECT count(*) FROM messages WHERE state = '%s' AND refusal LIKE '%s' AND (state = 'QUEUED') = (settled_at IS NULL)", state, reason))
}
