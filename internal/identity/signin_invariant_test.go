package identity

import (
	"testing"
	"time"
)

// everyMoment calls do with every combination of what a sign-in's next step depends on: some four hundred thousand of them.
func everyMoment(do func(moment)) {
	instants := []*time.Time{nil, &yesterday, &noon, pointer(noon.Add(tick))}
	m := ordinary()
	each(func(r Registration) { m.user.Registration = r }, Invited, ReRegistering, Registered, Removed)(func() {
		each(func(at *time.Time) { m.user.BlockedAt = at }, nil, &yesterday)(func() {
			each(func(change func(User) User) { m.user = change(m.user) }, stripped, enrolled, onlyMail, everyFactor)(func() {
				each(func(k FactorKind) { m.attempt.FactorProven = k }, "", TOTP, SMS, WebAuthn)(func() {
					each(func(by FirstCredential) { m.attempt.By = by }, WithPassword, WithLink, WithRegistration)(func() {
						each(func(yes bool) { m.attempt.Postponed = yes }, false, true)(func() {
							each(func(s TwoFactorStarter) { m.portal.TwoFactor.StartedBy = s }, StartedByPortal, StartedByOrganisation)(func() {
								each(func(at *time.Time) { m.portal.TwoFactor.RequiredFrom = at }, instants...)(func() {
									each(func(at *time.Time) { m.portal.TwoFactor.PostponableUntil = at }, instants...)(func() {
										everyDebt(&m, do)
									})
								})
							})
						})
					})
				})
			})
		})
	})
}

func everyDebt(m *moment, do func(moment)) {
	each(func(yes bool) { m.portal.TwoFactor.Remind = yes }, false, true)(func() {
		each(func(at *time.Time) { m.organisation.TwoFactorActivatedAt = at }, nil, &yesterday)(func() {
			each(func(why EnrolmentReason) { m.user.EnrolmentOwed = why }, "", ByFactorReset, ByFirstSignIn)(func() {
				each(func(at *time.Time) { m.user.PostponedAt = at }, nil, &yesterday)(func() {
					do(*m)
				})
			})
		})
	})
}

// each sets one of a moment's parts to each of its values in turn.
func each[T any](set func(T), values ...T) func(do func()) {
	return func(do func()) {
		for _, value := range values {
			set(value)
			do()
		}
	}
}

func onlyMail(u User) User {
	u.FactorKinds, u.Factors = []FactorKind{Email}, []Factor{{ID: "fac_2", User: u.ID, Kind: Email, Hint: "j•••@tvm.test"}}
	return u
}

// everyFactor gives a user one of every kind, the strongest disabled.
func everyFactor(u User) User {
	u.FactorKinds, u.Factors = FactorKinds, nil
	for i, kind := range FactorKinds {
		u.Factors = append(u.Factors, Factor{ID: ID("fac_" + string(rune('1'+i))), User: u.ID, Kind: kind})
	}
	u.Factors[0].DisabledAt = &yesterday
	return u
}

func stripped(u User) User {
	u.FactorKinds, u.Factors = nil, nil
	return u
}

// The facts on which the promises below are made; each is said anew, not asked of the code under test.
func (m moment) must() bool { // enrol, by the rules that nobody can put off
	return m.user.EnrolmentOwed != "" || m.organisation.TwoFactorActivatedAt != nil || m.timeHasCome() && !m.mayWait()
}

func (m moment) timeHasCome() bool {
	from := m.portal.TwoFactor.RequiredFrom
	return m.portal.TwoFactor.StartedBy == StartedByPortal || from != nil && !from.After(m.now)
}

func (m moment) mayWait() bool {
	return m.portal.TwoFactor.PostponableUntil != nil && m.portal.TwoFactor.PostponableUntil.After(m.now) && m.attempt.By == WithPassword
}

func (m moment) hasApp() bool { return len(m.user.FactorKinds) > 0 }

func (m moment) isProven() bool { return m.attempt.FactorProven != "" }

func TestWhateverTheMomentASignInKeepsItsPromises(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	broken := 0
	everyMoment(func(m moment) {
		step := m.next()
		_, complete := step.(Complete)
		enrol, enrolling := step.(EnrolmentRequired)
		prove, proving := step.(FactorRequired)
		_, registering := step.(RegistrationRequired)
		opens := complete && m.attempt.MayOpen() == nil
		for promise, kept := range map[string]bool{
			"a user with a factor never gets in without it":                       !complete || !m.hasApp() || m.isProven(),
			"a user with a factor is never led into enrolment":                    !enrolling || !m.hasApp(),
			"a factor is asked for of those who have one, once":                   !proving || m.hasApp() && !m.isProven(),
			"what is asked for can be given":                                      !proving || len(prove.Factors) > 0,
			"an attempt that began with a link opens nothing without a factor":    !opens || m.attempt.By != WithLink || m.isProven(),
			"registering again comes before everything, and for nobody else":      registering == (m.user.Registration == ReRegistering),
			"once it must be, nobody without a factor gets in":                    !complete || m.hasApp() || !m.must(),
			"nobody without a factor who may not wait is asked for nothing":       m.hasApp() || registering || !m.must() || enrolling,
			"nobody is made to enrol of whom nothing asks it":                     !enrolling || m.must() || m.timeHasCome(),
			"waiting is offered to those who may, until the date that is said":    !enrolling || (enrol.PostponableUntil != nil) == (!m.must() && m.mayWait()),
			"what is offered is granted, and nothing else":                        m.mayPostpone() == (enrolling && enrol.PostponableUntil != nil),
			"whoever put it off gets in where that may be":                        !m.attempt.Postponed && m.user.PostponedAt == nil || !m.mayWait() || m.must() || registering || m.hasApp() || complete,
			"an attempt may enrol a factor before enrolment and at no other step": m.attempt.Enrolling(m.portal, m.organisation, m.user, m.now) == enrolling,
			"enrolment always has a reason":                                       !enrolling || enrol.Reason != "",
			"a reset is always the reason":                                        !enrolling || m.user.EnrolmentOwed == "" || enrol.Reason == m.user.EnrolmentOwed,
			"a blocked or removed user's attempt is over":                         !m.attempt.Valid(m.user, m.now) || m.user.BlockedAt == nil && m.user.Registration != Removed,
			"who isn't active yet can but register, and who is can't":             !m.attempt.Valid(m.user, m.now) || (m.user.Registration == Invited) == (m.attempt.By == WithRegistration),
		} {
			if kept {
				seen[promise]++
			} else if broken++; broken < 10 {
				t.Errorf("%s: %T of %+v", promise, step, m)
			}
		}
	})
	if moments := seen["enrolment always has a reason"]; moments != 589_824 {
		t.Errorf("%d moments were looked at", moments)
	}
}

func (m moment) mayPostpone() bool {
	return m.attempt.Postpone(m.portal, m.organisation, m.user, m.now) == nil
}

func TestASessionIsAsStrongAsWhatWasProved(t *testing.T) {
	t.Parallel()
	for proven, want := range map[FactorKind]SessionStrength{"": SingleFactor, TOTP: TwoFactor, Email: TwoFactor, RecoveryCode: TwoFactor} {
		for _, by := range []FirstCredential{WithPassword, WithLink} {
			if got := (SignIn{By: by, FactorProven: proven}).Strength(); got != want {
				t.Errorf("%s and %q make %s, want %s", by, proven, got, want)
			}
		}
	}
}

func TestAMailboxAloneNeverSignsAnybodyIn(t *testing.T) {
	t.Parallel()
	refused(t, SignIn{By: WithLink}.MayOpen(), SignInExpired)
	refused(t, SignIn{By: WithLink, Postponed: true}.MayOpen(), SignInExpired)
	refused(t, SignIn{By: WithLink, FactorProven: TOTP}.MayOpen(), "")
	refused(t, SignIn{By: WithPassword}.MayOpen(), "")
}

func TestTheDateFromWhichItIsRequiredIsTheEarliest(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence             string
		required, activation *time.Time
		want                 *time.Time
	}{
		{"no date and no activation: none", nil, nil, nil},
		{"the portal's date", &november, nil, &november},
		{"an activation before the portal's date", &november, &yesterday, &yesterday},
		{"an activation after the portal's date", &january, &yesterday, &january},
		{"an activation where there is no date", nil, &yesterday, &yesterday},
		{"both at once", &november, &november, &november},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			portal, organisation := tvm(), transporter()
			portal.TwoFactor.RequiredFrom, organisation.TwoFactorActivatedAt = row.required, row.activation
			got := portal.TwoFactor.RequiredOf(organisation)
			if (got == nil) != (row.want == nil) || got != nil && !got.Equal(*row.want) {
				t.Errorf("%v, want %v", got, row.want)
			}
			shown := enrolled(joost()).WithTwoFactor(portal, organisation).TwoFactor
			if shown.RequiredFrom != got || !shown.IsEnrolled || len(shown.Kinds) != 1 {
				t.Errorf("others are shown %+v", shown)
			}
		})
	}
}
