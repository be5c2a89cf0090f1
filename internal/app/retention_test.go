package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

const month = 30 * 24 * time.Hour

// forgetful erases whoever was removed, and whoever never came, after a month, and organisations after two.
func forgetful(p *identity.Portal) {
	p.Retention.RemovedUsers, p.Retention.Invitations, p.Retention.RemovedOrganisations = month, month, 2*month
}

const (
	removeOne   = `mutation ($id: ID!) { removeUser(input: {id: $id}) { user { status } userErrors { code } } }`
	removeWhole = `mutation ($id: ID!) { removeOrganisation(input: {id: $id}) { organisation { removedAt } userErrors { code } } }`
	eraseOne    = `mutation ($id: ID!) { eraseUser(input: {id: $id}) { erasedId userErrors { code } } }`
	eraseWhole  = `mutation ($id: ID!) { eraseOrganisation(input: {id: $id}) { erasedId userErrors { code } } }`
)

// left is an organisation with people who have left.
type left struct {
	race
	partner, main *rig.Browser
	organisation  string
	gone          []string
}

func (r race) left(people int) left {
	r.T.Helper()
	l := left{race: r, organisation: r.Organisation("tvm", "Joosten", "joost@joosten.test"), main: r.SignedIn("tvm", "joost@joosten.test")}
	l.partner = r.Partner("tvm", r.Token("tvm", identity.OrganisationsWrite, identity.OrganisationsRead, identity.UsersWrite, identity.UsersRead))
	for i := range people {
		email := fmt.Sprintf("sub%d@joosten.test", i)
		l.main.Invite(email, "Sub", identity.SubUser)
		id := r.Database.SystemSQL().QueryRow("SELECT id FROM users WHERE email = '" + email + "'")
		var user string
		if err := id.Scan(&user); err != nil {
			r.T.Fatal(err)
		}
		if answer := l.main.Do(removeOne, map[string]any{"id": user}); answer.Code() != "" {
			r.T.Fatal(answer.Text)
		}
		l.gone = append(l.gone, user)
	}
	return l
}

// retain lets go all that is due of one kind, and answers how many went.
func (r race) retain(what identity.Retained) int {
	r.T.Helper()
	total := 0
	for {
		gone, err := r.App.Retain(r.T.Context(), r.Portal("tvm"), what)
		if err != nil {
			r.T.Fatal(err)
		}
		if total += gone.Count; !gone.More {
			return total
		}
	}
}

// TestWhatIsDueWhen: each row moves the clock to so long after everything came to its end, and asks what goes then.
func TestWhatIsDueWhen(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		began := r.Clock.Now()
		l := r.left(2)
		l.main.Do(inviteOne, map[string]any{"email": "never@joosten.test", "key": "k"})
		other := r.Organisation("tvm", "Buren", "bea@buren.test")
		if answer := l.partner.Do(removeWhole, map[string]any{"id": other}); answer.Code() != "" {
			t.Fatal(answer.Text)
		}
		expiry := r.Portal("tvm").Links.Invitation
		for _, row := range []struct {
			after time.Duration
			what  identity.Retained
			gone  int
		}{
			{month, identity.RetainedUsers, 0},
			{month + time.Microsecond, identity.RetainedUsers, 3}, // with Buren's main user
			{month + time.Microsecond, identity.RetainedUsers, 0},
			{expiry + month, identity.RetainedInvitations, 0},
			{expiry + month + time.Microsecond, identity.RetainedInvitations, 1},
			{expiry + month + time.Microsecond, identity.RetainedInvitations, 0},
			{2 * month, identity.RetainedOrganisations, 0},
			{2*month + time.Microsecond, identity.RetainedOrganisations, 1},
			{2*month + time.Microsecond, identity.RetainedOrganisations, 0},
		} {
			r.Clock.Set(began.Add(row.after))
			if gone := r.retain(row.what); gone != row.gone {
				t.Errorf("%d of %s go after %s, want %d", gone, row.what, row.after, row.gone)
			}
		}
		for what, want := range map[string]int{
			"users WHERE display_name <> ''":                                            1, // the main user of Joosten
			"users WHERE email <> ''":                                                   1,
			"invitations WHERE email <> ''":                                             1,
			"organisations WHERE name = 'Joosten'":                                      1,
			"organisations WHERE name = 'Buren'":                                        0,
			"organisations WHERE name = '' AND organisation_id = '" + other + "'":       1,
			"audit_events WHERE action = 'USER_ERASED' AND actor_id = ''":               4,
			"audit_events WHERE action = 'USER_REMOVED' AND actor_id = ''":              1,
			"audit_events WHERE action = 'INVITATION_REVOKED' AND actor_id = ''":        1,
			"audit_events WHERE action = 'ORGANISATION_ERASED' AND actor_id = ''":       1,
			"users WHERE registration = 'REMOVED' AND removed_at IS NULL":               0,
			"organisations AS o JOIN users AS u ON u.id = o.main_user_id AND u.removed": 0,
		} {
			if got := r.count(what); got != want {
				t.Errorf("%d of %s, want %d", got, what, want)
			}
		}
	}, rig.Portal("tvm", forgetful))
}

func TestRowsThatHaveServedGoByThePortalsPeriods(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		began := r.Clock.Now()
		r.Organisation("tvm", "Joosten", "joost@joosten.test")
		main := r.SignedIn("tvm", "joost@joosten.test")
		main.Do(inviteOne, map[string]any{"email": "new@joosten.test", "key": "once"})
		r.Settle()
		for _, row := range []struct {
			what identity.Retained
			rows string
		}{
			{identity.RetainedKeys, "idempotency_keys"},
			{identity.RetainedSessions, "sessions"},
			{identity.RetainedImports, "imports"},
			{identity.RetainedMessages, "messages WHERE settled_at IS NOT NULL"},
			{identity.RetainedLinks, "links"},
			{identity.RetainedDeliveries, "webhook_deliveries"},
		} {
			before := r.count(row.rows)
			until, _ := r.Portal("tvm").Retention.Until(row.what, began)
			period := began.Sub(until)
			r.Clock.Set(began.Add(period))
			if gone := r.retain(row.what); gone != 0 {
				t.Errorf("%s: %d are gone at the last instant that they are kept", row.what, gone)
			}
			r.Clock.Set(began.Add(period + 365*24*time.Hour))
			if gone := r.retain(row.what); gone != before || r.count(row.rows) != 0 {
				t.Errorf("%s: %d of %d are gone in the end", row.what, gone, before)
			}
		}
	}, rig.Portal("tvm", func(p *identity.Portal) { p.Retention = identity.DefaultRetention }))
}

// TestWhoeverWasRemovedWithoutANoteCountsFromWhenSomebodyLooks: a server of the version before removes so.
func TestWhoeverWasRemovedWithoutANoteCountsFromWhenSomebodyLooks(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.left(1)
		if _, err := r.owner().Exec("UPDATE users SET removed_at = NULL"); err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			after time.Duration
			gone  int
		}{{2 * month, 0}, {month, 0}, {time.Microsecond, 1}} {
			r.Clock.Advance(row.after)
			if gone := r.retain(identity.RetainedUsers); gone != row.gone {
				t.Errorf("%d go, want %d", gone, row.gone)
			}
		}
	}, rig.Portal("tvm", forgetful))
}

// TestWhoeverIsDueIsErasedOnceHoweverManyProcessesTry, and by hand at the same time.
func TestWhoeverIsDueIsErasedOnceHoweverManyProcessesTry(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		l := r.left(3)
		r.Clock.Advance(month + time.Microsecond)
		errs := make(chan error, crowd)
		for i := range crowd {
			go func() {
				if i%5 == 0 {
					if answer := l.partner.At(r.processes[i%len(r.processes)]).Ask(eraseOne, map[string]any{"id": l.gone[0]}); answer.Code() != "" {
						errs <- fmt.Errorf("by hand: %s", answer.Text)
						return
					}
					errs <- nil
					return
				}
				_, err := r.processes[i%len(r.processes)].App.Retain(t.Context(), r.Portal("tvm"), identity.RetainedUsers)
				errs <- err
			}()
		}
		for range crowd {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if erased := r.count("audit_events WHERE action = 'USER_ERASED'"); erased != 3 || r.count("users WHERE registration = 'REMOVED' AND display_name <> ''") != 0 {
			t.Errorf("three people were erased %d times", erased)
		}
	}, rig.Portal("tvm", forgetful))
}

// TestAnErasureThatBreaksOffLeavesNobodyHalfErased, and whoever comes next goes on.
func TestAnErasureThatBreaksOffLeavesNobodyHalfErased(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.left(2)
		r.Clock.Advance(month + time.Microsecond)
		aside, back := "ALTER TABLE name_words RENAME TO aside", "ALTER TABLE aside RENAME TO name_words"
		if _, err := r.owner().Exec(aside); err != nil {
			t.Fatal(err)
		}
		if gone, err := r.App.Retain(t.Context(), r.Portal("tvm"), identity.RetainedUsers); err == nil || gone.More {
			t.Errorf("without a table nobody can be erased, and nobody heard of it: %+v", gone)
		}
		if _, err := r.owner().Exec(back); err != nil {
			t.Fatal(err)
		}
		if r.count("users WHERE registration = 'REMOVED' AND display_name <> ''") != 2 || r.count("audit_events WHERE action = 'USER_ERASED'") != 0 {
			t.Error("somebody is half erased")
		}
		if gone := r.retain(identity.RetainedUsers); gone != 2 {
			t.Errorf("%d were erased the next time", gone)
		}
	}, rig.Portal("tvm", forgetful))
}

func TestAnOrganisationIsRemovedAndErasedOnceHoweverManyAsk(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		l := r.left(1)
		by := func(int) *rig.Browser { return l.partner }
		removed := r.of(crowd, by, removeWhole, map[string]any{"id": l.organisation})
		wantTally(t, removed, "removeOrganisation.organisation.removedAt", map[string]int{removed[0].String("removeOrganisation.organisation.removedAt"): crowd})
		erased := r.of(crowd, by, eraseWhole, map[string]any{"id": l.organisation})
		wantTally(t, erased, "eraseOrganisation.erasedId", map[string]int{l.organisation: crowd})
		for _, action := range []string{"ORGANISATION_REMOVED", "ORGANISATION_ERASED"} {
			if got := r.count("audit_events WHERE action = '" + action + "'"); got != 1 {
				t.Errorf("%s stands %d times in the audit log", action, got)
			}
		}
		if got := r.count("sessions"); got != 0 {
			t.Errorf("%d sessions are left", got)
		}
	})
}

// TestNobodyComesInWhileTheirOrganisationIsRemoved: whoever signs in at that moment is signed in before, and ended, or not at all.
func TestNobodyComesInWhileTheirOrganisationIsRemoved(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		l := r.left(0)
		browsers := make([]*rig.Browser, crowd)
		for i := range browsers {
			browsers[i] = r.Browser("tvm").At(r.processes[i%len(r.processes)])
		}
		rig.Crowd(crowd, func(i int) rig.Answer {
			if i == crowd/2 {
				return l.partner.Ask(removeWhole, map[string]any{"id": l.organisation})
			}
			return browsers[i].SignIn("joost@joosten.test", rig.Password)
		})
		for _, browser := range browsers {
			if answer := browser.Do(`{ viewer { user { id } } }`); answer.String("viewer.user.id") != "" {
				t.Error("somebody is still signed in")
			}
		}
		if sessions, attempts := r.count("sessions"), r.count("sign_ins"); sessions != 0 || attempts != 0 {
			t.Errorf("%d sessions and %d sign-ins are left", sessions, attempts)
		}
	})
}

// TestWhatTheAuditLogTellsOfPeopleGoesAMonthAtATime: a month's facts are kept for the period from its end on.
func TestWhatTheAuditLogTellsOfPeopleGoesAMonthAtATime(t *testing.T) {
	t.Parallel()
	raceOnBoth(t, func(t *testing.T, r race) {
		r.left(1)
		ended := time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC)
		keys := r.count("audit_keys")
		for _, row := range []struct {
			at   time.Time
			gone int
		}{{ended.Add(month - time.Microsecond), 0}, {ended.Add(month), keys}, {ended.Add(2 * month), 0}} {
			r.Clock.Set(row.at)
			if gone := r.retain(identity.RetainedFacts); gone != row.gone {
				t.Errorf("at %s %d keys go, want %d", row.at, gone, row.gone)
			}
		}
		if keys == 0 || r.count("audit_events WHERE key_id <> ''") == 0 {
			t.Error("nothing was told of anybody: the test proves nothing")
		}
	}, rig.Portal("tvm", func(p *identity.Portal) { p.Retention.AuditFacts = month }))
}
