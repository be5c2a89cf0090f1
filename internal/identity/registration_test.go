package identity

import (
	"errors"
	"testing"
	"time"
)

func TestWhereARegistrationsAccountGoes(t *testing.T) {
	t.Parallel()
	replaces := RegistrationPolicy{By: ByPolicyNumber, ReplacesForgottenAccount: true}
	strict := RegistrationPolicy{By: ByPolicyNumber}
	one := func(used int) AccountLimit { return AccountLimit{Maximum: pointer(1), Used: used} }
	for _, row := range []struct {
		sentence         string
		policy           RegistrationPolicy
		limit            AccountLimit
		inUse, announced bool
		want             RegistrationPlace
		refusal          Code
	}{
		{"nobody has the account: it is theirs at once", replaces, one(0), false, false, PlaceFree, ""},
		{"also where nothing is replaced", strict, one(0), false, false, PlaceFree, ""},
		{"but not past the limit that others have used up", strict, one(1), false, false, PlaceFree, AccountLimitReached},
		{"somebody has it: it is theirs when the notice is over", replaces, one(1), true, false, PlaceOccupied, ""},
		{"whatever the limit, it never becomes a further account", replaces, AccountLimit{}, true, false, PlaceOccupied, ""},
		{"a second account of a company is refused", strict, one(1), true, false, "", AccountLimitReached},
		{"one replacement at a time", replaces, one(1), true, true, "", AccountLimitReached},
	} {
		place, err := row.policy.Place(row.limit, row.inUse, row.announced)
		refused(t, err, row.refusal)
		if place != row.want {
			t.Errorf("%s: %q", row.sentence, place)
		}
	}
}

func TestAReplacementTakesEffectOnlyOnWhatWasAnnounced(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		change   func(r *Registrant, o *Organisation, u *User)
		want     RegistrationEnd
	}{
		{"announced, ready, due", func(*Registrant, *Organisation, *User) {}, RegistrationCompleted},
		{"the link was never used", func(r *Registrant, _ *Organisation, _ *User) { r.Replaces = "" }, RegistrationLapsed},
		{"the factor was never confirmed", func(r *Registrant, _ *Organisation, _ *User) { r.ReadyAt = nil }, RegistrationLapsed},
		{"another answers for the organisation now", func(_ *Registrant, o *Organisation, _ *User) { o.MainUserID = "usr_3" }, RegistrationLapsed},
		{"it was blocked", func(_ *Registrant, _ *Organisation, u *User) { u.BlockedAt = &noon }, RegistrationLapsed},
		{"it was removed", func(_ *Registrant, _ *Organisation, u *User) { u.Registration = Removed }, RegistrationLapsed},
	} {
		r, o, u := Registrant{Replaces: "usr_1", ReadyAt: &noon}, Organisation{MainUserID: "usr_1"}, User{Registration: Invited}
		row.change(&r, &o, &u)
		if end := r.AtDue(o, u); end != row.want {
			t.Errorf("%s: %s", row.sentence, end)
		}
	}
}

func TestAttemptsToRegisterAreFewAndTheSameForEverybody(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 6, 11, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		before Attempts
		want   Code
	}{
		{Attempts{}, ""},
		{Attempts{4, 9, 29}, ""},
		{Attempts{5, 0, 0}, TooManyAttempts},
		{Attempts{0, 10, 0}, TooManyAttempts},
		{Attempts{0, 0, 30}, TooManyAttempts},
	} {
		err := AdmitRegistration(row.before, at)
		refused(t, err, row.want)
		if refusal, is := errors.AsType[*Error](err); is && refusal.RetryAfter != 12*time.Hour {
			t.Errorf("%v: wait %s", row.before, refusal.RetryAfter)
		}
	}
}

func TestAPortalWithoutRegistrationRefusesIt(t *testing.T) {
	t.Parallel()
	refused(t, RegistrationPolicy{By: OnlyInvited}.Check(), RegistrationNotOffered)
	refused(t, RegistrationPolicy{}.Check(), RegistrationNotOffered)
	refused(t, RegistrationPolicy{By: ByPolicyNumber}.Check(), "")
}

func TestAnAttemptToReplaceAnAccountOpensNoSession(t *testing.T) {
	t.Parallel()
	refused(t, SignIn{By: WithRegistration, FactorProven: TOTP}.MayOpen(), SignInExpired)
	everyMoment(func(m moment) {
		_, completes := m.attempt.Next(m.portal, m.organisation, m.user, m.now).(Complete)
		if m.attempt.By == WithRegistration && m.user.Registration == Invited && completes {
			t.Fatalf("%+v signs in", m)
		}
		if m.attempt.By == WithRegistration && m.user.Registration != Invited && m.attempt.Valid(m.user, m.now) {
			t.Fatalf("%+v goes on as somebody's account", m)
		}
	})
}

func TestPolicyNumbersAreComparedWithoutWhatPeopleWriteBetween(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]PolicyNumber{
		"1234.56.789": "123456789", " zp-0042 ": "ZP0042", "ZP 00/42": "ZP0042", "0042": "0042",
		"": "", "123": "", "polis!": "", "1234\n": "1234", "１２３４": "", "é1234": "", string(make([]byte, 41)): "",
	} {
		number, err := ParsePolicyNumber(text, "input", "policyNumber")
		if number != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, number, err)
		}
	}
	numbers, err := ParsePolicyNumbers([]string{"b 001", "A001", "B001"})
	if err != nil || len(numbers) != 2 || numbers[0] != "A001" {
		t.Errorf("%v, %v", numbers, err)
	}
	_, err = ParsePolicyNumbers(make([]string, MaximumPolicyNumbers+1))
	refused(t, err, InvalidInput)
}
