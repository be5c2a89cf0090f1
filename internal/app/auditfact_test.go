package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/store"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// audited is an organisation with one user, whose audit log is looked at.
type audited struct {
	race
	organisation identity.Organisation
}

func newAudited(t *testing.T, db testrig.Database) audited {
	t.Helper()
	return auditedBy(race{Rig: rig.New(t, db)})
}

func auditedBy(r race) audited {
	id := identity.ID(r.Organisation("tvm", "Joosten", "main@joosten.test"))
	return audited{r, identity.Organisation{ID: id, Portal: "tvm"}}
}

// agents are the user agents that the log tells of, the latest first; "" where it tells of none, "erased" where it did.
func (a audited) agents(t *testing.T) (agents []string) {
	t.Helper()
	filter := identity.AuditFilter{Actions: []identity.Action{identity.SignedIn}}
	of := []identity.Organisation{a.organisation}
	found, err := a.App.AuditEvents(t.Context(), of, filter, identity.Page{First: identity.LargestPage})
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range found[a.organisation.ID].Items {
		switch {
		case event.FactsErased:
			agents = append(agents, "erased")
		case event.Facts == nil:
			agents = append(agents, "")
		default:
			agents = append(agents, *event.Facts.UserAgent)
		}
	}
	return agents
}

func (a audited) signIn(agent string) {
	a.T.Helper()
	browser := a.Browser("tvm")
	browser.Header.Set("User-Agent", agent)
	browser.SignIn("main@joosten.test", rig.Password)
}

func (a audited) wantUnbroken(t *testing.T) {
	t.Helper()
	if err := a.App.VerifyAudit(t.Context(), "tvm", a.organisation.ID, func(identity.ID, int64) {}); err != nil {
		t.Error(err)
	}
}

// forget does what a portal's retention does.
func forget(t *testing.T, db testrig.Database, portal string, before time.Time) (count int) {
	t.Helper()
	err := db.Within(t.Context(), identity.AcrossPortal(portal), func(s *store.Scope) (err error) {
		count, err = s.ForgetAuditFacts(t.Context(), before)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

func TestFactsOfMonthsThatEndedBeforeAnInstantAreForgottenAndNoYoungerOnes(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		a := newAudited(t, db) // in June
		a.signIn("june")
		a.Clock.Set(time.Date(2025, 7, 31, 23, 59, 0, 0, time.UTC))
		a.signIn("july")
		a.Clock.Advance(time.Minute)
		a.signIn("august")
		a.Organisation("default", "Elsewhere", "main@elsewhere.test")
		for _, step := range []struct {
			before time.Time
			keys   int
			want   []string
		}{
			{time.Date(2025, 6, 30, 23, 59, 59, 0, time.UTC), 0, []string{"august", "july", "june"}},
			{time.Date(2025, 7, 31, 0, 0, 0, 0, time.UTC), 1, []string{"august", "july", "erased"}},
			{time.Date(2025, 8, 1, 1, 0, 0, 0, time.FixedZone("CEST", 2*3600)), 0, []string{"august", "july", "erased"}},
			{time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC), 1, []string{"august", "erased", "erased"}},
			{time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC), 0, []string{"august", "erased", "erased"}},
			{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 1, []string{"erased", "erased", "erased"}},
		} {
			if keys := forget(t, db, "tvm", step.before); keys != step.keys {
				t.Errorf("before %s: %d keys were destroyed, want %d", step.before, keys, step.keys)
			}
			if got := a.agents(t); !slices.Equal(got, step.want) {
				t.Errorf("before %s: the log tells of %v, want %v", step.before, got, step.want)
			}
		}
		a.wantUnbroken(t)
		if left := a.count("audit_keys WHERE portal = 'default'"); left == 0 {
			t.Error("another portal's facts are forgotten too")
		}
	})
}

func TestManyEventsAtOnceShareTheKeyOfTheirUserAndMonth(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		a := auditedBy(r)
		a.Clock.Set(time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)) // nobody has a key of September
		const racers = 50
		rig.Crowd(racers, func(i int) rig.Answer {
			browser := r.processes[i%len(r.processes)].Browser("tvm")
			browser.Header.Set("User-Agent", fmt.Sprintf("racer %02d", i))
			return browser.Ask(`mutation { beginSignIn(input: {email: "main@joosten.test", password: "`+rig.Password+`"}) { step { __typename } userErrors { code } } }`, nil)
		})
		if keys := a.count("audit_keys WHERE month = '2025-09'"); keys != 1 {
			t.Errorf("there are %d keys of one user's September", keys)
		}
		agents := a.agents(t)
		slices.Sort(agents)
		agents = slices.Compact(agents)
		if len(agents) < 2 || slices.Contains(agents, "") || slices.Contains(agents, "erased") {
			t.Errorf("of %d signers-in, of whom some were told to wait, the log tells of %v", racers, agents)
		}
		a.wantUnbroken(t)
	})
}

// Whoever can write in the database can't make one event tell what another one told, nor keep the log from being read.
func TestFactsThatWereTamperedWithAreNotToldAndShowInTheChain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"moved from another event": "sealed_facts = (SELECT sealed_facts FROM audit_events AS o WHERE o.action = 'PASSWORD_SET')",
		"cut off":                  "sealed_facts = substr(sealed_facts, 1, 20)",
		"taken away":               "sealed_facts = NULL",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAudited(t, testrig.NewSQLite(t, testrig.NewClock()))
			a.signIn("Firefox")
			for _, statement := range []string{"DROP TRIGGER audit_events_unchanged", "UPDATE audit_events SET " + change + " WHERE action = 'SIGNED_IN'"} {
				if _, err := a.Database.SystemSQL().Exec(statement); err != nil {
					t.Fatal(err)
				}
			}
			if got := a.agents(t); !slices.Equal(got, []string{""}) {
				t.Errorf("the log tells of %v", got)
			}
			if err := a.App.VerifyAudit(t.Context(), "tvm", a.organisation.ID, func(identity.ID, int64) {}); err == nil {
				t.Error("the chain verifies")
			}
		})
	}
}

// A key that is missing in the settings isn't an erasure.
func TestFactsUnderAKeyThatTheServiceDoesNotHaveAreAFaultAndNotCalledErased(t *testing.T) {
	t.Parallel()
	a := newAudited(t, testrig.NewSQLite(t, testrig.NewClock()))
	without := a.Another(rig.Sealing(newKey))
	_, err := without.App.AuditEvents(t.Context(), []identity.Organisation{a.organisation}, identity.AuditFilter{}, identity.Page{First: 9})
	if _, refused := identity.Refusals(err); err == nil || refused {
		t.Errorf("answered %v, want a fault", err)
	}
}

func TestAnErasedUsersKeyIsNotMadeAnew(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		a := newAudited(t, db)
		main := a.SignedIn("tvm", "main@joosten.test")
		main.Invite("sub@joosten.test", "Sub", identity.SubUser)
		partner := a.Partner("tvm", a.Token("tvm", identity.UsersRead, identity.UsersWrite))
		var id string
		if err := db.SystemSQL().QueryRow("SELECT id FROM users WHERE email = 'sub@joosten.test'").Scan(&id); err != nil {
			t.Fatal(err)
		}
		for _, document := range []string{
			`mutation ($id: ID!) { removeUser(input: {id: $id}) { userErrors { code } } }`,
			`mutation ($id: ID!) { eraseUser(input: {id: $id}) { userErrors { code } } }`,
		} {
			if answer := partner.Do(document, map[string]any{"id": id}); answer.Code() != "" {
				t.Fatal(answer.Text)
			}
		}
		of := "audit_keys WHERE user_id = '" + id + "'"
		if left := a.count(of); left != 0 {
			t.Errorf("%d keys of the erased user are left", left)
		}
		a.Browser("tvm").Do(`mutation { requestPasswordReset(input: {email: "sub@joosten.test"}) { accepted } }`)
		a.Browser("tvm").SignIn("sub@joosten.test", rig.Password)
		partner.Do(`mutation ($id: ID!) { updateUser(input: {id: $id, displayName: "Again"}) { userErrors { code } } }`, map[string]any{"id": id})
		// A password that was being checked while the user was erased.
		actor := identity.Actor{Portal: a.Portal("tvm"), Client: identity.Client{IPAddress: "192.0.2.1"}}
		if err := a.App.TellLocked(t.Context(), actor, a.organisation.Tenant(), identity.ID(id)); err != nil {
			t.Error(err)
		}
		if left := a.count(of); left != 0 {
			t.Errorf("%d keys of the erased user were made", left)
		}
		a.wantUnbroken(t)
	})
}

// What an unknown name is tried with can't be anybody's to erase, and wrong passwords must not fill the log.
func TestAWrongPasswordIsToldOfOnceItLocksAKnownNameAndOfAnUnknownOneNever(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		a := newAudited(t, db)
		before, keys := a.count("audit_events"), a.count("audit_keys")
		const locked = "audit_events WHERE action = 'PASSWORD_LOCKED'"
		for tries := 1; a.count(locked) == 0; tries++ {
			for _, email := range []string{"nobody@joosten.test", "main@joosten.test"} {
				browser := a.Browser("tvm")
				browser.Header.Set("User-Agent", "guesser")
				browser.SignIn(email, "Sleutel-bos 4712 Kade")
			}
			a.Clock.Advance(time.Hour)
			if tries > 200 {
				t.Fatal("no name is ever locked")
			}
		}
		if events := a.count("audit_events"); events != before+1 {
			t.Errorf("%d events tell of wrong passwords, want one", events-before)
		}
		if made := a.count("audit_keys") - keys; made > 1 { // the month may have ended
			t.Errorf("%d keys were made for one user", made)
		}
		filter := identity.AuditFilter{Actions: []identity.Action{identity.PasswordLocked}}
		found, err := a.App.AuditEvents(t.Context(), []identity.Organisation{a.organisation}, filter, identity.Page{First: 1})
		if err != nil || len(found[a.organisation.ID].Items) != 1 {
			t.Fatal(found, err)
		}
		facts := found[a.organisation.ID].Items[0].Facts
		if facts == nil || *facts.UserAgent != "guesser" || *facts.ClientAddress != "127.0.0.1" || facts.EmailAfter != nil {
			t.Errorf("the lock-out tells of %+v", facts)
		}
	})
}
