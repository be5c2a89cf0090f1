package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
)

// A household is an organisation with one of everything in it, saved. Its things have the organisation's number.
type household struct {
	organisation identity.Organisation
	main, user   identity.User
	number       int
}

func settle(t testing.TB, db testrig.Database, portal string, number int) household {
	t.Helper()
	o := addOrganisation(t, db, portal, number)
	h := household{organisation: o, main: userOf(o, 0), user: userOf(o, 1), number: number}
	h.user.Email = identity.EmailAddress(fmt.Sprintf("somebody@organisation%d.nl", number))
	u := h.user
	within(t, db, o.Tenant(), func(ctx context.Context, s *store.Scope) error {
		s.Record(eventOf(o, number))
		s.Tell(messageOf(u, number), []byte("sealed"))
		text, phone := messageOf(u, 100+number), factorOf(u, 100+number)
		text.Kind, text.To, phone.Kind = identity.TextCodeMessage, "", identity.SMS
		s.TellText(text, []byte("sealed"), textOf(number))
		claimed := requestOf(u)
		return errors.Join(
			s.AddUser(ctx, u),
			s.SetPasswordHash(ctx, u.ID, "a hash"),
			s.ClaimIdentifiers(ctx, u, identifiersOf(u)),
			s.AddInvitation(ctx, invitationOf(u, number)),
			s.AddLinks(ctx, store.HashedLink{Link: linkOf(u, number), TokenHash: hash(number)}),
			s.AddLinks(ctx, store.HashedLink{Link: stopLinkOf(u, number), TokenHash: hash(number + 1000)}),
			s.AddSignIn(ctx, signInOf(u, number), hash(number)),
			s.AddSession(ctx, sessionOf(u, number), hash(number)),
			s.AddFactor(ctx, u, factorOf(u, number), []byte("sealed"), 1),
			s.AddFactor(ctx, u, phone, []byte("sealed"), 0),
			second(s.SpendText(ctx, o.Tenant(), hash(number), plenty)),
			s.AddPublicKeyCredential(ctx, u, credentialOf(number, number)),
			s.Challenge(ctx, u, id(identity.KindSignIn, number), hash(number), noon.Add(time.Hour)),
			s.BeginEnrolment(ctx, u, enrolmentOf(u, number)),
			s.SendCode(ctx, u, id(identity.KindSignIn, number), dispatchOf(number), hash(number)),
			s.AddRecoveryCodes(ctx, u, [][]byte{hash(number)}, "k1"),
			s.BeginContactChange(ctx, contactChangeOf(u, number)),
			s.AddSupportAction(ctx, supportActionOf(u, number)),
			s.AddAPIToken(ctx, apiTokenOf(u, number), hash(number)),
			s.AddBusinessIdentity(ctx, businessOf(o, number)),
			s.AddFederatedIdentity(ctx, u, assertionOf(number)),
			second(s.NoteRefusal(ctx, o, "eherkenning", identity.NotACustomer, u.ID)),
			s.SetPolicyNumbers(ctx, o.Tenant(), policyNumbersOf(number)),
			s.SavePerson(ctx, personOf(o, number)),
			s.AddRegistrant(ctx, registrantOf(u, number)),
			second(s.Once(ctx, claimed, answers("a result"))),
			second(s.BeginImport(ctx, importOf(o, number))),
			s.AddImportRows(ctx, importOf(o, number), sealedRowOf(number)),
			second(s.AddWebhookEndpoint(ctx, webhookOf(o, number), sealedWebhook)),
			s.RewindWebhook(ctx, webhookOf(o, number), noon),
			second(s.AddAuditKey(ctx, u, auditKeyOf(number))),
			s.SettleWebhook(ctx, webhookOf(o, number), queuedOf(o, number), identity.WebhookDelivered, identity.WebhookAttempt{Status: 204}),
		)
	})
	within(t, db, identity.AcrossPortal(portal), func(ctx context.Context, s *store.Scope) error {
		several := apiTokenOf(u, 200+number)
		several.Organisation, several.Organisations = several.ID, []identity.ID{o.ID}
		if err := s.AddAPIToken(ctx, several, hash(200+number)); err != nil {
			return err
		}
		return second(s.CountAttempt(ctx, portal, hash(number)))
	})
	admit := func(identity.Failures, time.Time) error { return nil }
	after := func(f identity.Failures, now time.Time) identity.Failures { return f.Plus(now) }
	_, _, err := db.TryPassword(t.Context(), portal, identifiersOf(u)[0], hash(number), admit, after)
	_, used := db.UseAssertion(t.Context(), portal, assertionOf(number))
	if err := errors.Join(err, used, db.AddJourney(t.Context(), journeyOf(portal, number), "state"+strconv.Itoa(number))); err != nil {
		t.Fatal(err)
	}
	return h
}

func second[T any](_ T, err error) error { return err }

// tables lists those of ours.
func tables(t testing.TB, db testrig.Database, raw *sql.DB) []string {
	t.Helper()
	if db.IsPostgres() {
		return lines(t, raw, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND "+ours("relname")+" ORDER BY 1")
	}
	return lines(t, raw, "SELECT name FROM sqlite_master WHERE type = 'table' AND "+ours("name")+" ORDER BY 1")
}

// contents is every row of every table of ours, as text.
func contents(t testing.TB, db testrig.Database, raw *sql.DB) []string {
	t.Helper()
	var all []string
	for _, table := range tables(t, db, raw) {
		all = append(all, rowsOf(t, raw, table)...)
	}
	return all
}

func rowsOf(t testing.TB, raw *sql.DB, table string) (all []string) {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY 1, 2, 3")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values := make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %v %v", table, columns, values))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
