package identity

import "testing"

func TestWhoMayBeginToEnrolAnApp(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		offered  []FactorKind
		change   FactorChange
		user     User
		want     Code
	}{
		{"somebody without one", []FactorKind{TOTP}, ChangedBySupport, joost(), ""},
		{"somebody who has one, where users change it themselves", []FactorKind{TOTP}, ChangedByUser, enrolled(joost()), ""},
		{"not where they must register again for it", []FactorKind{TOTP}, ChangedByReRegistration, enrolled(joost()), FactorChangeNotAllowed},
		{"not where only support changes it", []FactorKind{TOTP}, ChangedBySupport, enrolled(joost()), FactorChangeNotAllowed},
		{"not where nobody decided", []FactorKind{TOTP}, "", enrolled(joost()), FactorChangeNotAllowed},
		{"nobody where apps aren't offered", nil, ChangedByUser, joost(), FactorNotOffered},
		{"not even a new one", []FactorKind{"SMS"}, ChangedByUser, enrolled(joost()), FactorNotOffered},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			refused(t, FactorPolicy{Kinds: row.offered, Change: row.change}.EnrolTOTP(row.user), row.want)
		})
	}
}
