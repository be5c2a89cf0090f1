package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/secret"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

const (
	oldKey = "old:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	newKey = "new:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="
)

func TestAfterARotationTheOldKeyIsNeededForRecoveryCodesAlone(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		before := rig.New(t, db, rig.Sealing(oldKey), rig.WithBroker(t, db.Clock, "default", nil), rig.Portal("default", func(p *identity.Portal) {
			p.Factors.Kinds, p.Factors.RecoveryCodes = []identity.FactorKind{identity.TOTP}, true
		}))
		jonnie, change := fillSealedColumns(t, before)
		during := before.Another(rig.Sealing(newKey + "," + oldKey))
		wantUses(t, during.App, map[string]int{"factors.sealed_secret old": 1, "recovery_codes.code_hash old": 10}, "new")
		unopened := 0
		if err := during.App.RotateKeys(t.Context(), func(r app.Rotation) { unopened += r.Unopened }); err != nil || unopened > 0 {
			t.Fatalf("%d don't open; %v", unopened, err)
		}
		wantUses(t, during.App, map[string]int{"factors.sealed_secret new": 1, "messages.sealed_number new": 1, "recovery_codes.code_hash old": 10}, "old")
		allOpen(t, db, keyring(t, newKey))
		found, customer := foundBy(t, db)
		again := before.Another(rig.Sealing(newKey))
		same := again.Partner("avero", again.Token("avero", identity.OrganisationsRead, identity.OrganisationsWrite))
		updated := same.Do(`mutation ($id: ID!) { updateOrganisation(input: {id: $id, person: `+aPerson+`}) { userErrors { code path } } }`,
			map[string]any{"id": customer})
		if now, _ := foundBy(t, db); updated.Code() != "" || now != found {
			t.Errorf("with the new key alone a person is found by something else than what the rotation left: %s", updated.Text)
		}
		// A change that was begun before goes on, where the old key still is.
		confirmed := jonnie.At(during).Do(`mutation ($id: ID!, $code: String!) {
			confirmContactChange(input: {changeId: $id, code: $code}) { change { state } userErrors { code } } }`, change)
		if confirmed.String("confirmContactChange.change.state") != "CHANGED" {
			t.Error(confirmed.Text)
		}
		after := before.Another(rig.Sealing(newKey))
		db.Clock.Advance(time.Hour)
		signIn := after.Browser("default")
		factor := signIn.SignIn("jonnie@nieuw.test", rig.Password).String("beginSignIn.step.factors.0.id")
		if got := signIn.Verify(factor, jonnie.App.Code()).String("verifySignIn.step.__typename"); got != "SignInComplete" {
			t.Errorf("without the old key the app's code leads to %q", got)
		}
		wantFactsOpen(t, after.App, db)
	})
}

// wantFactsOpen wants all that audit events tell of people to open, and that to be something.
func wantFactsOpen(t *testing.T, a *app.App, db testrig.Database) {
	t.Helper()
	tenants, err := db.TenantsOf(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, tenant := range tenants {
		of := []identity.Organisation{{ID: tenant.Organisation, Portal: tenant.Portal}}
		found, err := a.AuditEvents(t.Context(), of, identity.AuditFilter{}, identity.Page{First: identity.LargestPage})
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range found[tenant.Organisation].Items {
			if event.KeyID != "" && event.Facts == nil {
				t.Errorf("event %d, %s: its facts don't open", event.Sequence, event.Action)
			}
			if event.Facts != nil {
				opened++
			}
		}
	}
	if opened == 0 {
		t.Error("no event tells of anybody")
	}
}

const aPerson = `{initials: "J.", familyName: "Jansen", birthDate: "1984-02-29", street: "Kade", houseNumber: "3", postalCode: "8011 AA", city: "Zwolle"}`

// foundBy is what the one record of a person is found by, and whose it is.
func foundBy(t *testing.T, db testrig.Database) (found, organisation string) {
	t.Helper()
	var address, birth, both []byte
	if err := db.SystemSQL().QueryRow("SELECT organisation_id, name_address, name_birth, address_birth FROM persons").Scan(&organisation, &address, &birth, &both); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x %x %x", address, birth, both), organisation
}

// fillSealedColumns puts at least one value into each sealed column, and answers whose, and a change of contact that waits
// for its code.
func fillSealedColumns(t *testing.T, r *rig.Rig) (*rig.Browser, map[string]any) {
	t.Helper()
	r.Organisation("default", "Joosten", "joost@joosten.test")
	made := r.Partner("default", r.Token("default", identity.OrganisationsWrite)).Do(`mutation { createOrganisation(input: {
		name: "Wientjes", mainUser: {email: "w@wientjes.test", displayName: "W"}, idempotencyKey: "one"}) { organisation { id } userErrors { code } } }`)
	person := r.Partner("avero", r.Token("avero", identity.OrganisationsWrite)).Do(`mutation { createOrganisation(input: {
		name: "Jansen", person: ` + aPerson + `}) { organisation { id } userErrors { code path } } }`)
	jonnie := r.Enrolled("default", "joost@joosten.test")
	begun := jonnie.Do(`mutation {
		beginTotpEnrolment { enrolment { id } userErrors { code } }
		requestEmailChange(input: {email: "jonnie@nieuw.test"}) { change { id } userErrors { code } }
	}`)
	r.Browser("default").Depart("/welcome")
	code, _, _ := strings.Cut(r.Mailbox.ExpectSubject(t, "jonnie@nieuw.test", "code").Subject, " ")
	if begun.Code() != "" || made.Code() != "" || person.Code() != "" || code == "" {
		t.Fatalf("%s, %s, %s, code %q", begun.Text, made.Text, person.Text, code)
	}
	// A text that nobody delivers.
	keys, silent := keyring(t, oldKey), r.Database.Open(t)
	user := jonnie.Do(`{ viewer { user { id organisation { id } } } }`)
	tenant := identity.Tenant{Portal: "default", Organisation: identity.ID(user.String("viewer.user.organisation.id"))}
	err := silent.Within(t.Context(), tenant, func(s *store.Scope) error {
		organisation, err := s.Organisation(t.Context(), tenant.Organisation)
		person, userErr := s.User(t.Context(), identity.ID(user.String("viewer.user.id")))
		message := identity.TextCodeMessage.To(r.Portal("default"), organisation, person)
		message.ID = identity.NewID(identity.KindMessage, s.Now, [10]byte{1})
		s.TellText(message, keys.Seal([]byte("123456"), []byte(message.ID)), store.Text{
			Factor: "fac_1", SealedNumber: keys.Seal([]byte("+31612345678"), message.NumberSeal()), NumberKey: []byte("key"),
		})
		drawn, drawErr := secret.NewWebhookSecret(testrig.Random(7))
		endpoint := identity.WebhookEndpoint{
			ID: "whk_1", Portal: tenant.Portal, Organisation: tenant.Organisation, URL: "https://partner.test/", CreatedAt: s.Now, DisabledAt: &s.Now,
		}
		_, addErr := s.AddWebhookEndpoint(t.Context(), endpoint, store.WebhookSecrets{
			Sealed: keys.SealWebhook(drawn, "whk_1"), Previous: keys.SealWebhook(drawn, "whk_1"),
		})
		return errors.Join(err, userErr, drawErr, addErr, waitingRow(t, s, tenant, keys))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range store.SealedColumns {
		if values, err := r.Database.SealedValues(t.Context(), column, nil, nil, 1); err != nil || len(values) == 0 {
			t.Fatalf("there is nothing in %s, of which nothing is proved then; %v", column, err)
		}
	}
	return jonnie, map[string]any{"id": begun.String("requestEmailChange.change.id"), "code": code}
}

// waitingRow leaves a row of an import that nobody works on.
func waitingRow(t *testing.T, s *store.Scope, tenant identity.Tenant, keys *secret.Keyring) error {
	t.Helper()
	begun, err := s.BeginImport(t.Context(), identity.Import{
		ID: "imp_1", Portal: tenant.Portal, Organisation: tenant.Organisation, Key: "k", Kind: identity.ImportOfUsers, CreatedBy: "tok_1", CreatedAt: s.Now,
	})
	row := store.SealedRow{Number: 12, MAC: []byte("mac"), Sealed: keys.Seal([]byte("{}"), []byte("import imp_1 row 12"))}
	return errors.Join(err, s.AddImportRows(t.Context(), begun, row))
}

func keyring(t *testing.T, text string) *secret.Keyring {
	t.Helper()
	keys, err := secret.ParseKeyring(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// allOpen wants every sealed value to open.
func allOpen(t *testing.T, db testrig.Database, keys *secret.Keyring) {
	t.Helper()
	for _, column := range store.SealedColumns {
		values, err := db.SealedValues(t.Context(), column, nil, nil, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range values {
			if _, err := keys.Open(value.Sealed, value.BoundTo); err != nil {
				t.Errorf("%s %s: %v", column, value.Place, err)
			}
		}
	}
}

// wantUses wants these among the uses of keys, by place and key, and nothing but recovery codes under the key unwanted.
func wantUses(t *testing.T, a *app.App, want map[string]int, unwanted string) {
	t.Helper()
	uses, err := a.KeysInUse(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for place, values := range want {
		if !slices.ContainsFunc(uses, func(u app.KeyUse) bool { return u.Place+" "+u.Key == place && u.Values == values }) {
			t.Errorf("%s isn't told to be needed for %d values: %v", place, values, uses)
		}
	}
	for _, use := range uses {
		if use.Key == unwanted && use.Place != "recovery_codes.code_hash" {
			t.Errorf("key %s is still told to be needed: %v", unwanted, use)
		}
	}
}

func TestARotationThatIsBrokenOffIsTakenUpAgainAndTwoAtOnceDoNoHarm(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		const sealed = 500
		before := rig.New(t, db, rig.Sealing(oldKey), rig.WithoutDelivery())
		rig.LeaveMessages(t, db, before.Portal("default"), oldKey, sealed)
		during := before.Another(rig.Sealing(newKey+","+oldKey), rig.WithoutDelivery())
		ctx, breakOff := context.WithCancel(t.Context())
		if err := during.App.RotateKeys(ctx, func(app.Rotation) { breakOff() }); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		wantUses(t, during.App, map[string]int{"messages.sealed_token new": 200, "messages.sealed_token old": 300}, "none")
		other := during.Another(rig.Sealing(newKey+","+oldKey), rig.WithoutDelivery())
		ended := make(chan error)
		for _, process := range []*rig.Rig{during, other} {
			go func() { ended <- process.App.RotateKeys(t.Context(), func(app.Rotation) {}) }()
		}
		if err := errors.Join(<-ended, <-ended); err != nil {
			t.Fatal(err)
		}
		wantUses(t, during.App, map[string]int{"messages.sealed_token new": sealed}, "old")
		allOpen(t, db, keyring(t, newKey))
	})
}
