package config_test

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var update = flag.Bool("update", false, "write golden files anew")

// least is a portal file with the required keys only.
const least = `slug: acme
name: Acme
hosts: [acme.example]
spa: {origin: "https://acme.example"}
mail: {fromAddress: portal@acme.example}
`

// plus is the least portal file and more, which begins on line 6.
func plus(more string) string { return least + more }

func folder(files ...string) fstest.MapFS {
	f := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		f[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return f
}

func loadOne(t *testing.T, text string) identity.Portal {
	t.Helper()
	portals, err := config.LoadPortals(folder("acme.yaml", text))
	if err != nil || len(portals) != 1 {
		t.Fatalf("portals %d, error:\n%v", len(portals), err)
	}
	return portals[0]
}

func loadOurs(t *testing.T) map[string]identity.Portal {
	t.Helper()
	portals, err := config.ReadPortals("../../portals")
	if err != nil {
		t.Fatal(err)
	}
	bySlug := map[string]identity.Portal{}
	for _, p := range portals {
		bySlug[p.Slug] = p
	}
	return bySlug
}

func amsterdam(t *testing.T) *time.Location {
	t.Helper()
	location, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return location
}

var sameZone = cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })

func TestALeastPortalFileHasTheSafestPolicy(t *testing.T) {
	t.Parallel()
	want := identity.Portal{
		Slug: "acme", Name: "Acme", Hosts: []string{"acme.example"},
		Languages: []identity.Language{identity.Dutch, identity.English}, Location: amsterdam(t),
		SPA: identity.SPA{
			Origin: "https://acme.example", PasswordPath: "/password", SignInPath: "/sign-in", UndoPath: "/undo", StopPath: "/stop",
		},
		Mail:      identity.MailSender{FromAddress: "portal@acme.example", FromName: "Acme", Colour: "#1f4e79", Support: "portal@acme.example"},
		SignIn:    identity.SignInPolicy{Identifiers: []identity.IdentifierKind{identity.ByEmail}},
		Passwords: identity.PasswordPolicy{MinimumLength: 8, Blocklist: identity.BlockExpected},
		Factors: identity.FactorPolicy{
			Kinds: []identity.FactorKind{identity.TOTP}, Change: identity.ChangedByUser, WebAuthnDomain: "acme.example", TOTPSkew: 1,
		},
		TwoFactor: identity.TwoFactorPolicy{StartedBy: identity.StartedByPortal},
		Sessions:  identity.SessionPolicy{Idle: 30 * time.Minute, Absolute: 12 * time.Hour},
		Lockout: identity.LockoutPolicy{
			FreeAttempts: 3, FirstDelay: time.Second, LongestDelay: 15 * time.Minute,
			PasswordLimit: 20, PasswordLockedFor: time.Hour, CodeLimit: 10,
			LiftedBy: identity.LiftedBySupport, CodeLockedFor: 24 * time.Hour,
		},
		Recovery: identity.RecoveryPolicy{Factors: identity.BySupport, EmailCodeAfterReset: identity.Refused},
		Links: identity.LinkPolicy{
			Invitation: 7 * 24 * time.Hour, Registration: 24 * time.Hour, ReRegistration: 24 * time.Hour, PasswordReset: time.Hour,
			ResendPause: time.Minute,
		},
		Support:      identity.SupportPolicy{NoticePeriod: 24 * time.Hour, ApprovalWithin: 3 * 24 * time.Hour},
		API:          identity.APIPolicy{RequestsPerMinute: 600},
		Registration: identity.RegistrationPolicy{By: identity.OnlyInvited, Notice: 24 * time.Hour},
		Retention: identity.RetentionPolicy{
			RemovedUsers: 365 * 24 * time.Hour, RemovedOrganisations: 365 * 24 * time.Hour, Invitations: 90 * 24 * time.Hour,
			AuditFacts: 365 * 24 * time.Hour,
			Links:      90 * 24 * time.Hour, Sessions: 48 * time.Hour, Messages: 90 * 24 * time.Hour, Imports: 30 * 24 * time.Hour,
			WebhookDeliveries: 90 * 24 * time.Hour, IdempotencyKeys: 24 * time.Hour,
		},
		SMS: identity.SMSPolicy{
			Countries: []identity.Country{"NL", "BE", "DE"}, Budgets: identity.Budgets{PerNumber: 20, PerOrganisation: 300, PerPortal: 3000},
		},
	}
	if diff := cmp.Diff(want, loadOne(t, least), sameZone); diff != "" {
		t.Error(diff)
	}
}

func TestTheExampleFileStatesTheDefaults(t *testing.T) {
	t.Parallel()
	stated := loadOurs(t)["default"]
	if stated.Slug == "" {
		t.Fatal("portals/default.yaml is missing")
	}
	const same = `slug: default
name: Customer portal
hosts: [portal.example]
spa: {origin: "https://portal.example"}
mail: {fromAddress: portal@portal.example}
`
	unstated, err := config.LoadPortals(folder("default.yaml", same))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(unstated[0], stated, sameZone); diff != "" {
		t.Error(diff)
	}
}

func TestDefaultsFollowTheKeysTheyDependOn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		read func(p identity.Portal) any
		want any
	}{
		{"twoFactor: {startedBy: organisation}\n", func(p identity.Portal) any { return p.Passwords.MinimumLength }, 15},
		{"twoFactor: {postponableUntil: 2025-10-01}\n", func(p identity.Portal) any { return p.Passwords.MinimumLength }, 15},
		{"twoFactor: {startedBy: organisation}\n", func(p identity.Portal) any { return p.TwoFactor.Irreversible }, true},
		{"sessions: {absolute: 20m}\n", func(p identity.Portal) any { return p.Sessions.Idle }, 20 * time.Minute},
		{"accounts:\n  # nothing\n", func(p identity.Portal) any { return p.Accounts.LimitPerOrganisation == nil }, true},
		{"accounts: {limitPerOrganisation: 5}\n", func(p identity.Portal) any { return *p.Accounts.LimitPerOrganisation }, 5},
	} {
		if got := test.read(loadOne(t, plus(test.text))); got != test.want {
			t.Errorf("%s: got %v, want %v", strings.TrimSpace(test.text), got, test.want)
		}
	}
}

func TestADateIsItsMidnightInThePortalsZone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{requiredFrom: 2025-11-01}":                  "2025-11-01T00:00:00+01:00",
		"{requiredFrom: 2025-07-01}":                  "2025-07-01T00:00:00+02:00",
		`{requiredFrom: "2025-11-01"}`:                "2025-11-01T00:00:00+01:00",
		"{requiredFrom: 2025-11-01T12:00:00Z}":        "2025-11-01T13:00:00+01:00",
		"{requiredFrom: 2025-11-01T09:00:00+01:00}":   "2025-11-01T09:00:00+01:00",
		`{requiredFrom: "2025-11-01T09:00:00+01:00"}`: "2025-11-01T09:00:00+01:00",
	} {
		p := loadOne(t, plus("twoFactor: "+text+"\n"))
		if got := p.TwoFactor.RequiredFrom.Format(time.RFC3339); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	p := loadOne(t, plus("twoFactor: {requiredFrom: 2025-11-01}\ntimeZone: America/New_York\n"))
	if got := p.TwoFactor.RequiredFrom.Format(time.RFC3339); got != "2025-11-01T00:00:00-04:00" {
		t.Errorf("a zone that stands below the date: got %s", got)
	}
}

func TestPortalsComeBySlug(t *testing.T) {
	t.Parallel()
	other := strings.NewReplacer("acme", "zeta").Replace(least)
	portals, err := config.LoadPortals(folder("zeta.yaml", other, "acme.yaml", least, "README.md", "no portal"))
	if err != nil || len(portals) != 2 || portals[0].Slug != "acme" || portals[1].Slug != "zeta" {
		t.Errorf("got %v, %v", portals, err)
	}
}

func TestAFolderWithoutPortalsIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := config.LoadPortals(folder("README.md", "none")); err == nil {
		t.Error("an empty folder was accepted")
	}
	if _, err := config.ReadPortals("testdata/nowhere"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: got %v", err)
	}
}

func TestEveryFaultOfBrokenFilesIsToldAtOnce(t *testing.T) {
	t.Parallel()
	portals, err := config.ReadPortals("testdata/broken")
	if err == nil || portals != nil {
		t.Fatalf("got %d portals, error %v", len(portals), err)
	}
	got := err.Error() + "\n"
	const golden = "testdata/broken.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got; `go test ./internal/config -update` writes it anew\n%s", diff)
	}
}
