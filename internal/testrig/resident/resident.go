// Package resident puts people into a test's database: somebody who is signed in, a partner with a token, and the use
// cases they knock on. Tests of the layers above package app begin here.
package resident

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// House is the use cases on a database, with dice that always fall the same way and passwords that cost nothing.
type House struct {
	*app.App
	db testrig.Database
}

// New makes the use cases on a database.
func New(t testing.TB, db testrig.Database) House {
	t.Helper()
	keys, err := secret.ParseKeyring("test:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	if err != nil {
		t.Fatal(err)
	}
	return House{db: db, App: app.New(app.Options{
		DB: db.DB, Keys: keys, Hasher: secret.NewHasher(secret.InsecureFastForTests()),
		Random: testrig.Random(1), Log: slog.New(slog.DiscardHandler),
	})}
}

// Portal is a portal with that name, the host SLUG.test, and the SPA https://SLUG.spa.test.
func Portal(slug string) identity.Portal {
	return identity.Portal{
		Slug: slug, Name: "Portal " + slug, Hosts: []string{slug + ".test"}, Languages: []identity.Language{identity.Dutch, identity.English},
		SPA:      identity.SPA{Origin: "https://" + slug + ".spa.test", PasswordPath: "/password", SignInPath: "/sign-in", UndoPath: "/undo"},
		Mail:     identity.MailSender{FromAddress: identity.EmailAddress("portal@" + slug + ".test"), FromName: slug, Colour: "#000000"},
		SignIn:   identity.SignInPolicy{Identifiers: []identity.IdentifierKind{identity.ByEmail}},
		Factors:  identity.FactorPolicy{Kinds: []identity.FactorKind{identity.TOTP}, Change: identity.ChangedByUser, TOTPSkew: 1},
		Sessions: identity.SessionPolicy{Idle: 30 * time.Minute, Absolute: 12 * time.Hour},
		Links:    identity.LinkPolicy{Invitation: time.Hour, ReRegistration: time.Hour, PasswordReset: time.Hour, ResendPause: time.Minute},
		API:      identity.APIPolicy{RequestsPerMinute: 600},
	}
}

// SignedIn makes an organisation of one user, and answers the user and the token of a session of theirs.
func (h House) SignedIn(t testing.TB, portal identity.Portal) (identity.User, string) {
	t.Helper()
	now := h.db.Clock.Now()
	id := func(kind identity.Kind) identity.ID {
		var random [10]byte
		copy(random[:], portal.Slug)
		return identity.NewID(kind, now, random)
	}
	organisation := identity.Organisation{
		ID: id(identity.KindOrganisation), Portal: portal.Slug, Name: "Transport", MainUserID: id(identity.KindUser), CreatedAt: now,
	}
	user := identity.User{
		ID: organisation.MainUserID, Portal: portal.Slug, OrganisationID: organisation.ID, DisplayName: "Jo", Role: identity.SuperSubUser,
		Email: "jo@transport.test", Registration: identity.Registered, CreatedAt: now, CredentialVersion: 1, Language: identity.Dutch,
	}
	session := portal.Sessions.Open(identity.Session{
		ID: id(identity.KindSession), Portal: portal.Slug, Organisation: organisation.ID, User: user.ID, Strength: identity.SingleFactor,
		Provider: "password",
	}, now)
	token, err := secret.NewToken(testrig.Random(uint64(len(portal.Slug)) + uint64(portal.Slug[0])))
	if err != nil {
		t.Fatal(err)
	}
	h.save(t, organisation, user, session, token)
	return user, token.Reveal()
}

// Partner makes a token for a whole portal.
func (h House) Partner(t testing.TB, portal identity.Portal) string {
	t.Helper()
	issued, err := h.IssueAPIToken(context.Background(), portal, app.NewAPIToken{Name: "Partner", Scopes: identity.APIScopes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return issued.Shown
}

func (h House) save(t testing.TB, organisation identity.Organisation, user identity.User, session identity.Session, token secret.Token) {
	t.Helper()
	ctx := context.Background()
	err := h.db.Within(ctx, organisation.Tenant(), func(s *store.Scope) error {
		return errors.Join(s.AddOrganisation(ctx, organisation), s.AddUser(ctx, user), s.AddSession(ctx, session, token.Hash()))
	})
	if err != nil {
		t.Fatal(err)
	}
}
