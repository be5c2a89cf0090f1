package graph_test

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// customer is Test BV Donald, with two establishments that may act.
const customer, shop, yard = "68750110", "000037178598", "000037178601"

// withCustomer starts a portal that people come into through a broker, and whose customer is Donald.
func withCustomer(t *testing.T, change func(*identity.Provider), test func(t *testing.T, r *rig.Rig, main *rig.Browser)) {
	t.Helper()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := rig.New(t, db, rig.WithBroker(t, db.Clock, "tvm", change))
		main := donald(r)
		test(t, r, main)
	})
}

// donald makes the customer, and answers its main user.
func donald(r *rig.Rig) *rig.Browser {
	r.Organisation("tvm", "Donald", "main@donald.test")
	main := r.SignedIn("tvm", "main@donald.test")
	admin := r.Staff("tvm", "admin@desk.test", identity.PortalAdmin)
	id := one(r, "SELECT organisation_id FROM organisations WHERE name = 'Donald'")
	admin.Do(`mutation ($id: ID!) { updateOrganisation(input: {id: $id, businessIdentities: [
		{kvkNumber: "`+customer+`", establishmentNumbers: ["`+shop+`", "`+yard+`"]}]}) { userErrors { code } } }`, map[string]any{"id": id})
	return main
}

// mandate is what the broker says of an employee.
func mandate(person string, more map[string]any) map[string]any {
	claims := map[string]any{"sub": person, "chamber_of_commerce": customer}
	maps.Copy(claims, more)
	return claims
}

const howItWent = `{ currentSignIn { __typename ... on SignInRefused { code message } ... on SignInComplete { session { provider } } }
	viewer { user { id role email displayName status } permissions { manageUsers }
		session { strength provider assuranceLevel establishmentScope intermediary } } }`

func TestAnEmployeeComesInThroughTheBrokerAsThemselves(t *testing.T) {
	t.Parallel()
	withCustomer(t, nil, func(t *testing.T, r *rig.Rig, main *rig.Browser) {
		browser := r.Browser("tvm")
		status, location := browser.Come(mandate("p-1", nil))
		if want := r.Portal("tvm").SPA.Origin + "/welcome"; status != http.StatusSeeOther || location != want {
			t.Fatalf("back with %d at %s, want %s", status, location, want)
		}
		answer := browser.Do(howItWent)
		for path, want := range map[string]string{
			"currentSignIn.__typename": "SignInComplete", "viewer.user.role": "SUB_USER", "viewer.session.strength": "TWO_FACTOR",
			"viewer.session.provider": "eherkenning", "viewer.session.assuranceLevel": "EH3", "viewer.user.status": "ACTIVE",
		} {
			if got := answer.String(path); got != want {
				t.Errorf("%s is %q, want %q", path, got, want)
			}
		}
		again, colleague := r.Browser("tvm"), r.Browser("tvm")
		again.Come(mandate("p-1", map[string]any{"acr": testrig.SaysEH4}))
		colleague.Come(mandate("p-2", nil))
		me := answer.String("viewer.user.id")
		if id := again.Do(howItWent).String("viewer.user.id"); id != me {
			t.Errorf("the same person became %s besides %s", id, me)
		}
		if id := colleague.Do(howItWent).String("viewer.user.id"); id == me || id == "" {
			t.Errorf("a colleague is %q", id)
		}
		if used := one(r, "SELECT count(*) FROM users WHERE provider = ''"); used != "2" {
			t.Errorf("%s accounts have a password", used)
		}
		main.Do(`{ viewer { user { id } } }`)
		if limit := main.Do(`{ organisation { accountLimit { used } } }`); !strings.Contains(limit.Text, `"used":1`) {
			t.Errorf("employees of the mandate count as accounts: %s", limit.Text)
		}
	})
}

func TestWhoIsNotLetInHearsWhyAndNoAccountIsMade(t *testing.T) {
	t.Parallel()
	withCustomer(t, nil, func(t *testing.T, r *rig.Rig, _ *rig.Browser) {
		for name, row := range map[string]struct {
			claims map[string]any
			want   identity.Code
		}{
			"no customer":                     {mandate("p", map[string]any{"chamber_of_commerce": "69599084"}), identity.NotACustomer},
			"a level too low":                 {mandate("p", map[string]any{"acr": testrig.SaysEH2}), identity.AssuranceTooLow},
			"no level":                        {mandate("p", map[string]any{"acr": ""}), identity.AssuranceTooLow},
			"no KVK number":                   {map[string]any{"sub": "p"}, identity.KVKNumberMissing},
			"an unknown establishment":        {mandate("p", map[string]any{"eherkenning_vestigingsnr": "000037143557"}), identity.EstablishmentUnknown},
			"an intermediary":                 {mandate("p", map[string]any{"eherkenning_intermediate_kvknr": "69599084"}), identity.IntermediaryNotAllowed},
			"a token of another request":      {mandate("p", map[string]any{"nonce": "other"}), identity.IdentificationFailed},
			"a token for somebody else":       {mandate("p", map[string]any{"aud": "other"}), identity.IdentificationFailed},
			"somebody who proved it long ago": {mandate("p", map[string]any{"auth_time": r.Clock.Now().Add(-time.Hour).Unix()}), identity.IdentificationFailed},
		} {
			browser := r.Browser("tvm")
			status, location := browser.Come(row.claims)
			answer := browser.Do(howItWent)
			if status != http.StatusSeeOther || !strings.HasSuffix(location, "/welcome") || answer.String("currentSignIn.code") != string(row.want) {
				t.Errorf("%s: %d %s %s, want %s", name, status, location, answer.Text, row.want)
			}
			if answer.String("currentSignIn.message") == "" || answer.String("viewer.user.id") != "" {
				t.Errorf("%s: %s", name, answer.Text)
			}
		}
		stopped := r.Browser("tvm")
		stopped.Visit(r.Broker.Refuse(t, stopped.Depart("/welcome")))
		if answer := stopped.Do(howItWent); answer.String("currentSignIn.code") != string(identity.IdentificationCancelled) {
			t.Errorf("stopped at the broker: %s", answer.Text)
		}
		if made := one(r, "SELECT count(*) FROM users WHERE provider <> ''"); made != "0" {
			t.Errorf("%s accounts were made", made)
		}
	})
}

func TestAReturnBelongsToTheBrowserThatSetOutAndCountsOnce(t *testing.T) {
	t.Parallel()
	withCustomer(t, nil, func(t *testing.T, r *rig.Rig, _ *rig.Browser) {
		signInPage := r.Portal("tvm").SPA.SignInLink()
		nothing := func(what string, browser *rig.Browser, address string) {
			t.Helper()
			status, location := browser.Visit(address)
			if answer := browser.Do(howItWent); status != http.StatusSeeOther || location != signInPage ||
				answer.String("currentSignIn.__typename") != "" || answer.String("viewer.user.id") != "" {
				t.Errorf("%s: %d %s %s", what, status, location, answer.Text)
			}
		}
		victim, thief := r.Browser("tvm"), r.Browser("tvm")
		back := r.Broker.Identify(t, victim.Depart("/welcome"), mandate("p-1", nil))
		thief.Depart("/welcome")
		nothing("a browser that set out by itself, with another's return", thief, back)
		nothing("a browser that never set out", r.Browser("tvm"), back)
		nothing("a foreign state", victim, strings.Replace(back, "state=", "state=x", 1))
		nothing("no state", victim, strings.Replace(back, "state=", "stat=", 1))
		nothing("another provider", victim, strings.Replace(back, "/eherkenning/", "/other/", 1))
		if _, location := victim.Visit(back); !strings.HasSuffix(location, "/welcome") || victim.Do(howItWent).String("viewer.user.id") == "" {
			t.Error("the right return doesn't sign in after the wrong ones")
		}
		replay := r.Browser("tvm")
		replay.SetCookie("__Secure-tvm-journey", victim.Cookies()["__Secure-tvm-journey"])
		nothing("a return that was used", replay, back)

		late := r.Browser("tvm")
		address := late.Depart("/welcome")
		r.Clock.Advance(identity.JourneyLifetime)
		nothing("a return after ten minutes", late, r.Broker.Identify(t, address, mandate("p-1", nil)))

		tabs := r.Browser("tvm")
		first, second := tabs.Depart("/first"), tabs.Depart("/second")
		nothing("the tab that set out first", tabs, r.Broker.Identify(t, first, mandate("p-1", nil)))
		if _, location := tabs.Visit(r.Broker.Identify(t, second, mandate("p-1", nil))); !strings.HasSuffix(location, "/second") {
			t.Errorf("the tab that set out last comes back to %s", location)
		}
	})
}

func TestARaceOfReturnsSignsInOnce(t *testing.T) {
	t.Parallel()
	withCustomer(t, nil, func(t *testing.T, r *rig.Rig, _ *rig.Browser) {
		browser := r.Browser("tvm")
		back := r.Broker.Identify(t, browser.Depart("/welcome"), mandate("p-1", nil))
		var in atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				one := browser.Copy()
				if _, location := one.Visit(back); strings.HasSuffix(location, "/welcome") {
					in.Add(1)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 || one(r, "SELECT count(*) FROM sessions WHERE provider = 'eherkenning'") != "1" {
			t.Errorf("%d of fifty came in", in.Load())
		}
	})
}

func TestTheFirstComingOfOnePersonMakesOneUser(t *testing.T) {
	t.Parallel()
	withCustomer(t, nil, func(t *testing.T, r *rig.Rig, _ *rig.Browser) {
		var all sync.WaitGroup
		for range 10 {
			browser := r.Browser("tvm")
			back := r.Broker.Identify(t, browser.Depart("/welcome"), mandate("p-1", nil))
			all.Go(func() { browser.Visit(back) })
		}
		all.Wait()
		if users := one(r, "SELECT count(*) FROM users WHERE provider <> ''"); users != "1" {
			t.Errorf("one person became %s users", users)
		}
	})
}

func TestAPlaceToComeBackToIsAPathOfTheApplication(t *testing.T) {
	t.Parallel()
	withCustomer(t, nil, func(t *testing.T, r *rig.Rig, _ *rig.Browser) {
		for _, returnTo := range []string{
			"", "welcome", "//evil.test", "/\\evil.test", "\\\\evil.test", "https://evil.test/", "/a//b", "/%2f/evil.test", "/a\r\nSet-Cookie: x",
			"/a#b", "/@evil.test", "/:80", " /a", "/a?b=https://evil.test", "/" + strings.Repeat("a", 256), ".evil.test",
		} {
			answer := r.Browser("tvm").Do(`mutation ($to: String!) { beginBusinessSignIn(input: {provider: "eherkenning", returnTo: $to}) {
				redirectUrl userErrors { code path } } }`, map[string]any{"to": returnTo})
			if !strings.Contains(answer.Text, `{"code":"INVALID_INPUT","path":["input","returnTo"]}`) {
				t.Errorf("%q: %s", returnTo, answer.Text)
			}
		}
		answer := r.Browser("tvm").Do(`mutation { beginBusinessSignIn(input: {provider: "other", returnTo: "/"}) { redirectUrl userErrors { code path } } }`)
		if !strings.Contains(answer.Text, `{"code":"NOT_FOUND","path":["input","provider"]}`) {
			t.Errorf("an unknown provider: %s", answer.Text)
		}
	})
}
