package app_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

// guarded puts everything under four eyes, with a day's notice.
func guarded(p *identity.Portal) {
	p.Support = identity.SupportPolicy{
		FourEyes: identity.GuardedKinds, Notice: identity.GuardedKinds, NoticePeriod: 24 * time.Hour, ApprovalWithin: 48 * time.Hour,
	}
}

// asked is a portal where staff has asked that an enrolled user's factors be reset.
type asked struct {
	race
	requester, colleague, user *rig.Browser
	action                     string
}

func (r race) asked() asked {
	r.T.Helper()
	a := asked{race: r}
	r.Organisation("tvm", "Joosten", "joost@joosten.test")
	a.user = r.SignedIn("tvm", "joost@joosten.test")
	a.user.Enrol()
	a.requester = r.Staff("tvm", "marja@desk.test", identity.Support)
	a.colleague = r.Staff("tvm", "sietske@desk.test", identity.Support)
	id := a.user.Do(`{ viewer { user { id } } }`).String("viewer.user.id")
	answer := a.requester.Do(`mutation ($id: ID!) { resetUserFactors(input: {id: $id, reason: "r", ticket: "t"}) { action { id } userErrors { code } } }`, map[string]any{"id": id})
	if a.action = answer.String("resetUserFactors.action.id"); a.action == "" {
		r.T.Fatal(answer.Text)
	}
	return a
}

const (
	approve = `mutation ($id: ID!) { approveSupportAction(input: {id: $id}) { action { state } userErrors { code } } }`
	stop    = `mutation ($token: String!) { stopSupportAction(input: {token: $token}) { stopped userErrors { code } } }`
	cancel  = `mutation ($id: ID!) { cancelSupportAction(input: {id: $id}) { action { state } userErrors { code } } }`
)

func (a asked) approved() {
	a.T.Helper()
	if answer := a.colleague.Do(approve, map[string]any{"id": a.action}); answer.String("approveSupportAction.action.state") != "SCHEDULED" {
		a.T.Fatal(answer.Text)
	}
}

func TestAnApprovalIsUsedOnceAndNeverByWhoeverAsked(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		a := r.asked()
		answers := r.of(crowd, func(i int) *rig.Browser { return []*rig.Browser{a.colleague, a.requester}[i/2%2] }, approve, map[string]any{"id": a.action})
		got := tally(answers, "approveSupportAction.action.state")
		if got["SCHEDULED"] != 1 || got["WRONG_STATUS"]+got["SECOND_PERSON_REQUIRED"] != crowd-1 {
			t.Error(got)
		}
		for i, answer := range answers {
			if i/2%2 == 1 && answer.Code() == "" {
				t.Error("whoever asked approved it")
			}
		}
		if told := r.count("messages WHERE kind = 'FACTOR_RESET_ANNOUNCED'"); told != 1 {
			t.Errorf("the user was told %d times", told)
		}
	}, rig.Portal("tvm", guarded))
}

func TestALinkThatStopsIsUsedOnce(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		a := r.asked()
		a.approved()
		mail := r.Mailbox.Expect(t, "joost@joosten.test")
		for mail.Token == "" {
			mail = r.Mailbox.Expect(t, "joost@joosten.test")
		}
		answers := r.of(crowd, func(int) *rig.Browser { return r.Browser("tvm") }, stop, map[string]any{"token": mail.Token})
		wantTally(t, answers, "stopSupportAction.stopped", map[string]int{"true": 1, "TOKEN_INVALID": crowd - 1})
	}, rig.Portal("tvm", guarded))
}

func TestWhatFallsDueIsDoneOnceHoweverManyProcessesTry(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		a := r.asked()
		a.approved()
		due := func() {
			errs := make(chan error, crowd)
			for i := range crowd {
				go func() { errs <- r.processes[i%len(r.processes)].App.PerformDue(t.Context(), r.Portal("tvm")) }()
			}
			for range crowd {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
		}
		r.Clock.Advance(24*time.Hour - time.Microsecond)
		due()
		if r.count("factors AS f JOIN users AS u ON u.id = f.user_id WHERE u.email = 'joost@joosten.test'") != 1 {
			t.Error("it was done before its instant")
		}
		r.Clock.Advance(time.Microsecond)
		due()
		for what, want := range map[string]int{
			"factors AS f JOIN users AS u ON u.id = f.user_id WHERE u.email = 'joost@joosten.test'": 0,
			"messages WHERE kind = 'FACTORS_RESET'":                                                 1,
			"audit_events WHERE action = 'FACTORS_RESET'":                                           1,
			"support_actions WHERE state = 'DONE' AND ended_at IS NOT NULL":                         1,
		} {
			if got := r.count(what); got != want {
				t.Errorf("%d of %s, want %d", got, what, want)
			}
		}
	}, rig.Portal("tvm", guarded))
}

func TestStoppingAndFallingDueAtOnceEndInOneOfBoth(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		a := r.asked()
		a.approved()
		r.Clock.Advance(24 * time.Hour)
		staff := r.Staff("tvm", "third@desk.test", identity.Support).At(r.processes[len(r.processes)-1])
		done := make(chan error, 1)
		go func() { done <- r.processes[0].App.PerformDue(t.Context(), r.Portal("tvm")) }()
		answer := staff.Do(cancel, map[string]any{"id": a.action})
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		reset := r.count("audit_events WHERE action = 'FACTORS_RESET'")
		cancelled := r.count("audit_events WHERE action = 'SUPPORT_ACTION_CANCELLED'")
		if reset+cancelled != 1 || (cancelled == 1) != (answer.String("cancelSupportAction.action.state") == "CANCELLED") {
			t.Errorf("done %d times, cancelled %d times, and told: %s", reset, cancelled, answer.Text)
		}
	}, rig.Portal("tvm", guarded))
}

// owner opens the database as whoever owns its tables.
func (r race) owner() *sql.DB {
	r.T.Helper()
	if !r.Database.IsPostgres() {
		return r.Database.SystemSQL()
	}
	config, err := pgxpool.ParseConfig(r.Database.URL)
	if err != nil {
		r.T.Fatal(err)
	}
	owner := stdlib.OpenDB(*config.ConnConfig)
	r.T.Cleanup(func() { _ = owner.Close() })
	return owner
}

// TestWhatBreaksOffInTheMidstIsDoneTheNextTime: the state, the effect and the mail are one commit.
func TestWhatBreaksOffInTheMidstIsDoneTheNextTime(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		a := r.asked()
		a.approved()
		r.Clock.Advance(24 * time.Hour)
		aside, back := "ALTER TABLE factors RENAME TO aside", "ALTER TABLE aside RENAME TO factors"
		owner := r.owner()
		if _, err := owner.Exec(aside); err != nil {
			t.Fatal(err)
		}
		if err := r.App.PerformDue(t.Context(), r.Portal("tvm")); err == nil {
			t.Error("without its table nothing can be reset, and nobody heard of it")
		}
		if _, err := owner.Exec(back); err != nil {
			t.Fatal(err)
		}
		if r.count("support_actions WHERE state = 'SCHEDULED'") != 1 || r.count("audit_events WHERE action = 'FACTORS_RESET'") != 0 {
			t.Error("half of it was done")
		}
		if err := r.App.PerformDue(t.Context(), r.Portal("tvm")); err != nil {
			t.Error(err)
		}
		if r.count("support_actions WHERE state = 'DONE'") != 1 || r.count("audit_events WHERE action = 'FACTORS_RESET'") != 1 {
			t.Error("it wasn't done the next time")
		}
	}, rig.Portal("tvm", guarded))
}
