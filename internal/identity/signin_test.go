package identity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// moment is all that a sign-in's next step depends on.
type moment struct {
	portal       Portal
	organisation Organisation
	user         User
	attempt      SignIn
	now          time.Time
}

func (m moment) next() Step { return m.attempt.Next(m.portal, m.organisation, m.user, m.now) }

// ordinary is the moment after a right password at tvm, a month before anything is required.
func ordinary() moment {
	return moment{
		portal: tvm(), organisation: transporter(), user: joost(), now: noon,
		attempt: SignIn{ID: "sig_1", User: "usr_joost", By: WithPassword, CredentialVersion: 3, BeganAt: noon, ExpiresAt: later},
	}
}

var (
	later     = noon.Add(SignInLifetime)
	yesterday = noon.Add(-24 * time.Hour)
	february  = time.Date(2022, time.February, 1, 0, 0, 0, 0, time.FixedZone("CET", 3600))
	january   = time.Date(2022, time.January, 1, 0, 0, 0, 0, time.FixedZone("CET", 3600))
)

// choosing makes the portal one like atosi: it leads into enrolment from January on, which can wait until February.
func choosing(m *moment) {
	m.portal.TwoFactor = TwoFactorPolicy{
		StartedBy: StartedByPortal, RequiredFrom: &january, PostponableUntil: &february, Remind: true,
	}
	m.now = february.Add(-24 * time.Hour)
}

// Ways in which a moment differs from the ordinary one; a row of a table names those of its sentence.
func activated(m *moment)       { m.organisation.TwoFactorActivatedAt = &yesterday }
func reRegistering(m *moment)   { m.user.Registration = ReRegistering }
func hasFactor(m *moment)       { m.user = enrolled(m.user) }
func proven(m *moment)          { m.attempt.FactorProven = TOTP }
func factorReset(m *moment)     { m.user.EnrolmentOwed = ByFactorReset }
func byLink(m *moment)          { m.attempt.By = WithLink }
func postponed(m *moment)       { m.attempt.Postponed = true }
func reminding(m *moment)       { m.portal.TwoFactor.Remind = true }
func byPortal(m *moment)        { m.portal.TwoFactor = TwoFactorPolicy{StartedBy: StartedByPortal} }
func noDate(m *moment)          { m.portal.TwoFactor.RequiredFrom = nil }
func sooner(m *moment)          { m.portal.TwoFactor.PostponableUntil = pointer(m.now) }
func putOffMeanwhile(m *moment) { m.user.PostponedAt = &m.attempt.BeganAt }
func wasInBefore(m *moment)     { m.user.LastSignInAt = &yesterday }
func putOffEarlier(m *moment)   { m.user.PostponedAt = &yesterday }

func at(now time.Time) func(*moment) { return func(m *moment) { m.now = now } }

func (m moment) but(changes ...func(*moment)) moment {
	for _, change := range changes {
		change(&m)
	}
	return m
}

func TestASignInAsksForWhatTheJourneySays(t *testing.T) {
	t.Parallel()
	enrol := func(reason EnrolmentReason, postponableUntil *time.Time) Step {
		return EnrolmentRequired{Reason: reason, Kinds: []FactorKind{TOTP}, PostponableUntil: postponableUntil, ExpiresAt: later}
	}
	prove := FactorRequired{Factors: []FactorOption{{ID: "fac_1", Kind: TOTP}}, AttemptsRemaining: 10, ExpiresAt: later}
	in, link := Complete{}, RegistrationRequired{EmailHint: "j•••@tvm.test"}
	for _, row := range []struct {
		sentence string
		moment   moment
		want     Step
	}{
		{"Before the activation an e-mail address and a password sign in.", ordinary(), in},
		{"Until November it is voluntary: whoever has no app signs in without.", ordinary().but(at(november.Add(-tick))), in},
		{"After the activation the old password no longer signs in: the mail is the way.", ordinary().but(activated, reRegistering), link},
		{"So it is for those who had an app.", ordinary().but(activated, reRegistering, hasFactor), link},
		{"Even for those who had proved it a moment before.", ordinary().but(activated, reRegistering, hasFactor, proven), link},
		{"After choosing a password behind the mail's button comes the QR code.", ordinary().but(activated, byLink), enrol(ByOrganisationActivation, nil)},
		{"Whoever chose a password and closed the page meets the QR code at sign-in.", ordinary().but(activated), enrol(ByOrganisationActivation, nil)},
		{"The six digits finish it.", ordinary().but(activated, byLink, hasFactor, proven), in},
		{"From then on the password asks for the code.", ordinary().but(activated, hasFactor), prove},
		{"Password and code sign in.", ordinary().but(activated, hasFactor, proven), in},
		{"Whoever enrolled without being asked is asked for the code too.", ordinary().but(hasFactor), prove},
		{"After staff undid the activation, the app is still asked for.", ordinary().but(hasFactor), prove},
		{"From the first of November everybody is led into enrolment,", ordinary().but(at(november)), enrol(ByPortalPolicy, nil)},
		{"at the very instant and after it,", ordinary().but(at(november.Add(tick))), enrol(ByPortalPolicy, nil)},
		{"not a microsecond before.", ordinary().but(at(november.Add(-tick))), in},
		{"In an organisation that activated, the activation is the reason on that day too.", ordinary().but(activated, at(november)), enrol(ByOrganisationActivation, nil)},
		{"A lost phone: a reset drops the app, and a new one is owed before anything else,", ordinary().but(factorReset), enrol(ByFactorReset, nil)},
		{"whatever the organisation did", ordinary().but(factorReset, activated), enrol(ByFactorReset, nil)},
		{"or the calendar says.", ordinary().but(factorReset, at(november)), enrol(ByFactorReset, nil)},
		{"Where a reset lets people postpone nothing, not even what could be otherwise.", ordinary().but(choosing, factorReset, postponed), enrol(ByFactorReset, nil)},
		{"Where the portal starts it, the first sign-in leads into enrolment,", ordinary().but(byPortal), enrol(ByFirstSignIn, nil)},
		{"and so does every later one of somebody who got in before that was so.", ordinary().but(byPortal, wasInBefore), enrol(ByPortalPolicy, nil)},
		{"Where the portal has a date, the date is the reason of the first sign-in too.", ordinary().but(choosing, at(february)), enrol(ByPortalPolicy, nil)},
		{"Before February one may choose now, or later,", ordinary().but(choosing), enrol(ByPortalPolicy, &february)},
		{"up to the last microsecond of January.", ordinary().but(choosing, at(february.Add(-tick))), enrol(ByPortalPolicy, &february)},
		{"Whoever chose later signs in, and is reminded of the date.", ordinary().but(choosing, postponed), Complete{EnrolBefore: &february}},
		{"The next sign-in reminds of the date and asks nothing,", ordinary().but(choosing, putOffEarlier), Complete{EnrolBefore: &february}},
		{"but not where it was put off in another browser meanwhile: here the choice still stands,", ordinary().but(choosing, putOffMeanwhile), enrol(ByPortalPolicy, &february)},
		{"until the date has come.", ordinary().but(choosing, putOffEarlier, at(february)), enrol(ByPortalPolicy, nil)},
		{"A date that the portal brings forward has come at once.", ordinary().but(choosing, putOffEarlier, sooner), enrol(ByPortalPolicy, nil)},
		{"Who put it off once and comes by a mailed link must choose.", ordinary().but(choosing, putOffEarlier, byLink), enrol(ByPortalPolicy, nil)},
		{"Having put it off is no excuse from what the organisation activated,", ordinary().but(choosing, putOffEarlier, activated), enrol(ByOrganisationActivation, nil)},
		{"nor from what staff reset.", ordinary().but(choosing, putOffEarlier, factorReset), enrol(ByFactorReset, nil)},
		{"On the first of February postponing has an end,", ordinary().but(choosing, at(february)), enrol(ByPortalPolicy, nil)},
		{"also for whoever postponed in this very attempt,", ordinary().but(choosing, postponed, at(february)), enrol(ByPortalPolicy, nil)},
		{"and nobody signs in without ever after.", ordinary().but(choosing, postponed, at(noon)), enrol(ByPortalPolicy, nil)},
		{"What an organisation activated can't be postponed.", ordinary().but(choosing, activated, postponed), enrol(ByOrganisationActivation, nil)},
		{"Who comes by a mailed link isn't offered what would be refused.", ordinary().but(choosing, byLink), enrol(ByPortalPolicy, nil)},
		{"Whoever has the app is never asked to choose.", ordinary().but(choosing, hasFactor), prove},
		{"A portal that reminds says the date at each sign-in before it,", ordinary().but(reminding), Complete{EnrolBefore: &november}},
		{"not to those who have the app,", ordinary().but(reminding, hasFactor, proven), in},
		{"and not where there is no date.", ordinary().but(reminding, noDate), in},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, row.moment.next()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheAttemptsThatRemainAreThoseOfTheFactorThatForgivesMost(t *testing.T) {
	t.Parallel()
	remaining := func(failures ...int) int {
		m := ordinary().but(hasFactor)
		m.user.Factors = nil
		for _, count := range failures {
			m.user.Factors = append(m.user.Factors, Factor{Kind: TOTP, Failures: Failures{Count: count}})
		}
		return m.next().(FactorRequired).AttemptsRemaining
	}
	for _, row := range []struct {
		failures []int
		want     int
	}{
		{[]int{0}, 10}, {[]int{1}, 9}, {[]int{9}, 1}, {[]int{10}, 0}, {[]int{99}, 0}, {[]int{10, 4, 7}, 6}, {nil, 0},
	} {
		if got := remaining(row.failures...); got != row.want {
			t.Errorf("after %v wrong codes %d remain, want %d", row.failures, got, row.want)
		}
	}
}

func TestAnAttemptIsOfferedEveryFactorInItsOrder(t *testing.T) {
	t.Parallel()
	m := ordinary().but(hasFactor)
	m.user.Factors = []Factor{{ID: "fac_2", Kind: TOTP}, {ID: "fac_1", Kind: TOTP, DisabledAt: &yesterday}}
	want := []FactorOption{{ID: "fac_2", Kind: TOTP}, {ID: "fac_1", Kind: TOTP}}
	if diff := cmp.Diff(want, m.next().(FactorRequired).Factors); diff != "" {
		t.Error(diff)
	}
}

func TestADisabledFactorIsNoWayAroundIt(t *testing.T) {
	t.Parallel()
	m := ordinary().but(hasFactor)
	m.user.Factors[0].DisabledAt, m.user.Factors[0].Failures.Count = &yesterday, 10
	step, asked := m.next().(FactorRequired)
	if !asked || step.AttemptsRemaining != 0 {
		t.Errorf("%+v", m.next())
	}
}

func TestAnAttemptGoesOnInTimeWithTheSameCredentialsByAUserWhoMay(t *testing.T) {
	t.Parallel()
	change := func(change func(*User)) User {
		user := joost()
		change(&user)
		return user
	}
	for _, row := range []struct {
		sentence string
		user     User
		now      time.Time
		want     bool
	}{
		{"begun just now", joost(), noon, true},
		{"until its last microsecond", joost(), later.Add(-tick), true},
		{"not at its end", joost(), later, false},
		{"nor after", joost(), later.Add(time.Hour), false},
		{"not after the password or a factor changed", change(func(u *User) { u.CredentialVersion++ }), noon, false},
		{"nor with a count from before", change(func(u *User) { u.CredentialVersion-- }), noon, false},
		{"not by somebody who was blocked", change(func(u *User) { u.BlockedAt = &noon }), noon, false},
		{"not by somebody who was removed", change(func(u *User) { u.Registration = Removed }), noon, false},
		{"not by somebody who has yet to accept", change(func(u *User) { u.Registration = Invited }), noon, false},
		{"to hear that they must register again", change(func(u *User) { u.Registration = ReRegistering }), noon, true},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			if got := ordinary().attempt.Valid(row.user, row.now); got != row.want {
				t.Errorf("valid: %t", got)
			}
		})
	}
}

func TestPostponingIsForThoseWhoAreOfferedIt(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		moment   moment
		want     Code
	}{
		{"before February", ordinary().but(choosing), ""},
		{"twice in one attempt, for it is nothing more the second time", ordinary().but(choosing, postponed), PostponementNotAllowed},
		{"in February", ordinary().but(choosing, at(february)), PostponementNotAllowed},
		{"where nothing is asked for", ordinary(), PostponementNotAllowed},
		{"where the date has come", ordinary().but(at(november)), PostponementNotAllowed},
		{"in an organisation that activated", ordinary().but(choosing, activated), PostponementNotAllowed},
		{"after a reset", ordinary().but(choosing, factorReset), PostponementNotAllowed},
		{"behind a mailed link", ordinary().but(choosing, byLink), PostponementNotAllowed},
		{"with an app at hand", ordinary().but(choosing, hasFactor), PostponementNotAllowed},
		{"to escape from registering again", ordinary().but(choosing, reRegistering), PostponementNotAllowed},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			m := row.moment
			refused(t, m.attempt.Postpone(m.portal, m.organisation, m.user, m.now), row.want)
		})
	}
}
