package identity

import (
	"testing"
	"time"
)

func TestWhoMayBeginToEnrolAFactor(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		offered  []FactorKind
		change   FactorChange
		user     User
		want     Code
	}{
		{"somebody without one", []FactorKind{TOTP}, ChangedBySupport, joost(), ""},
		{"somebody who has recovery codes alone has none", []FactorKind{TOTP}, ChangedBySupport, holding(RecoveryCode), ""},
		{"a choice of codes by mail is as final", []FactorKind{Email, TOTP}, ChangedBySupport, holding(Email), FactorChangeNotAllowed},
		{"where users change it, they change from mail to an app", []FactorKind{TOTP}, ChangedByUser, holding(Email, RecoveryCode), ""},
		{"somebody who has one, where users change it themselves", []FactorKind{TOTP}, ChangedByUser, enrolled(joost()), ""},
		{"not where they must register again for it", []FactorKind{TOTP}, ChangedByReRegistration, enrolled(joost()), FactorChangeNotAllowed},
		{"not where only support changes it", []FactorKind{TOTP}, ChangedBySupport, enrolled(joost()), FactorChangeNotAllowed},
		{"not where nobody decided", []FactorKind{TOTP}, "", enrolled(joost()), FactorChangeNotAllowed},
		{"nobody where apps aren't offered", nil, ChangedByUser, joost(), FactorNotOffered},
		{"not even a new one", []FactorKind{"SMS"}, ChangedByUser, enrolled(joost()), FactorNotOffered},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			refused(t, FactorPolicy{Kinds: row.offered, Change: row.change}.Enrol(TOTP, row.user), row.want)
		})
	}
}

// holding is a user with factors of these kinds.
func holding(kinds ...FactorKind) User {
	u := joost()
	for i, kind := range kinds {
		u.FactorKinds = append(u.FactorKinds, kind)
		u.Factors = append(u.Factors, Factor{ID: ID("fac_" + string(rune('1'+i))), User: u.ID, Kind: kind})
	}
	return u
}

func TestAKindIsEnrolledOnlyWhereItIsOffered(t *testing.T) {
	t.Parallel()
	for _, kind := range FactorKinds {
		for _, offered := range FactorKinds {
			want := FactorNotOffered
			if kind == offered {
				want = ""
			}
			refused(t, FactorPolicy{Kinds: []FactorKind{offered}}.Enrol(kind, joost()), want)
		}
	}
}

func TestWhichFactorsCanBeTakenAway(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		change   FactorChange
		starter  TwoFactorStarter
		required *time.Time
		user     User
		want     Code
	}{
		{"one of two", ChangedByUser, StartedByPortal, nil, holding(TOTP, Email), ""},
		{"not the last where the portal leads everybody into it", ChangedByUser, StartedByPortal, nil, holding(TOTP), LastFactorRequired},
		{"not the last beside recovery codes: they don't count", ChangedByUser, StartedByPortal, nil, holding(Email, RecoveryCode), LastFactorRequired},
		{"recovery codes themselves", ChangedByUser, StartedByPortal, nil, holding(RecoveryCode, TOTP), ""},
		{"the last where nothing asks for it", ChangedByUser, StartedByOrganisation, nil, holding(TOTP), ""},
		{"the last before the date", ChangedByUser, StartedByOrganisation, pointer(noon.Add(tick)), holding(TOTP), ""},
		{"not the last from the date on", ChangedByUser, StartedByOrganisation, &noon, holding(TOTP), LastFactorRequired},
		{"not even one of two where only support changes it", ChangedBySupport, StartedByPortal, nil, holding(TOTP, Email), FactorChangeNotAllowed},
		{"nor where they must register again for it", ChangedByReRegistration, StartedByPortal, nil, holding(TOTP, Email), FactorChangeNotAllowed},
		{"nor where nobody decided", "", StartedByOrganisation, nil, holding(TOTP, Email), FactorChangeNotAllowed},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			portal := tvm()
			portal.Factors.Change, portal.TwoFactor = row.change, TwoFactorPolicy{StartedBy: row.starter, RequiredFrom: row.required}
			refused(t, portal.Factors.Remove(portal, transporter(), row.user, row.user.Factors[0], noon), row.want)
		})
	}
}

func TestWhatWasOwedOnceKeepsNoFactorThatNothingAsksFor(t *testing.T) {
	t.Parallel()
	portal, user := tvm(), holding(TOTP)
	portal.Factors.Change, user.EnrolmentOwed = ChangedByUser, ByFactorReset
	refused(t, portal.Factors.Remove(portal, transporter(), user, user.Factors[0], noon), "")
	activated := transporter()
	activated.TwoFactorActivatedAt = &yesterday
	refused(t, portal.Factors.Remove(portal, activated, user, user.Factors[0], noon), LastFactorRequired)
}

func TestRecoveryCodesNeverStandAlone(t *testing.T) {
	t.Parallel()
	if holding(RecoveryCode).IsEnrolled() || !holding(RecoveryCode, Email).IsEnrolled() {
		t.Error("recovery codes count as the factor that is asked for")
	}
	for _, row := range []struct {
		user User
		want bool // its first is the last
	}{
		{holding(TOTP), true},
		{holding(TOTP, RecoveryCode), true},
		{holding(TOTP, Email), false},
		{holding(RecoveryCode, TOTP), false},
		{holding(RecoveryCode), false},
	} {
		if got := row.user.IsLast(row.user.Factors[0]); got != row.want {
			t.Errorf("%v: %t", row.user.FactorKinds, got)
		}
	}
}

func TestAMailboxIsNotPasswordAndSecondProofAtOnce(t *testing.T) {
	t.Parallel()
	since := func(ago time.Duration) *time.Time { return pointer(noon.Add(-ago)) }
	for _, row := range []struct {
		sentence string
		policy   Permission
		kind     FactorKind
		reset    *time.Time
		wait     time.Duration
	}{
		{"a mailbox through which nothing was reset", Refused, Email, nil, 0},
		{"at the moment of a reset", Refused, Email, since(0), 24 * time.Hour},
		{"hours after it", Refused, Email, since(23 * time.Hour), time.Hour},
		{"to the last microsecond of a day", Refused, Email, since(MailboxRest - tick), tick},
		{"a day later", Refused, Email, since(MailboxRest), 0},
		{"an app is a proof of its own", Refused, TOTP, since(0), 0},
		{"so are recovery codes", Refused, RecoveryCode, since(0), 0},
		{"where the portal allows it", Allowed, Email, since(0), 0},
		{"not where nobody decided", "", Email, since(0), 24 * time.Hour},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			user := holding(Email, TOTP)
			user.PasswordResetAt = row.reset
			err := RecoveryPolicy{EmailCodeAfterReset: row.policy}.AdmitKind(row.kind, user, noon)
			if row.wait == 0 {
				refused(t, err, "")
				return
			}
			refused(t, err, FactorNotOffered)
			if got := waitOf(err); got != row.wait {
				t.Errorf("wait %s, want %s", got, row.wait)
			}
		})
	}
}

func TestASignInSaysFromWhenAMailboxWillDoAgain(t *testing.T) {
	t.Parallel()
	m := ordinary()
	m.portal.Factors.Kinds = []FactorKind{TOTP, Email}
	m.user = holding(Email, TOTP)
	m.user.PasswordResetAt = &yesterday
	for _, row := range []struct {
		now  time.Time
		from *time.Time
	}{{noon.Add(-tick), &noon}, {noon, nil}} {
		m.now = row.now
		options := m.next().(FactorRequired).Factors
		if options[0].Kind != TOTP || options[0].AvailableFrom != nil {
			t.Errorf("the app: %+v", options[0])
		}
		if got := options[1].AvailableFrom; (got == nil) != (row.from == nil) || got != nil && !got.Equal(*row.from) {
			t.Errorf("at %s the mailbox will do from %v, want %v", row.now, got, row.from)
		}
	}
	m.user.Factors, m.user.FactorKinds, m.user.EnrolmentOwed = nil, nil, ByFactorReset
	for now, kinds := range map[time.Time]int{noon.Add(-tick): 1, noon: 2} {
		m.now = now
		if got := m.next().(EnrolmentRequired).Kinds; len(got) != kinds || got[0] != TOTP {
			t.Errorf("at %s there is a choice of %v", now, got)
		}
	}
	if len(m.portal.Factors.Kinds) != 2 {
		t.Error("what one user can't choose is gone from the portal")
	}
}
