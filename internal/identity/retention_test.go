package identity

import (
	"testing"
	"time"
)

func TestEveryPeriodHasADefaultAndAPlaceInThePolicy(t *testing.T) {
	t.Parallel()
	seen := map[time.Time][]Retained{}
	for i, kind := range AllRetained {
		if _, known := DefaultRetention.Until(kind, noon); !known {
			t.Errorf("%s has no default", kind)
		}
		if _, known := (RetentionPolicy{}).Until(kind, noon); known {
			t.Errorf("%s goes though no period is known", kind)
		}
		h := func(i int) time.Duration { return time.Duration(i+1) * time.Hour }
		until, _ := RetentionPolicy{h(0), h(1), h(2), h(3), h(4), h(5), h(6), h(7), h(8), h(9)}.Until(kind, noon)
		seen[until] = append(seen[until], kind)
		if want := noon.Add(-h(i)); !until.Equal(want) {
			t.Errorf("%s goes before %s, want %s: another's period", kind, until, want)
		}
	}
	if len(seen) != len(AllRetained) {
		t.Errorf("some share a period: %v", seen)
	}
	if _, known := DefaultRetention.Until("OTHER", noon); known {
		t.Error("what nobody knows has a period")
	}
}

func TestWhoIsErasedWhenTheyWereKeptLongEnough(t *testing.T) {
	t.Parallel()
	earlier, name := noon.Add(-time.Microsecond), "Name"
	for _, row := range []struct {
		sentence string
		user     User
		want     bool
	}{
		{"removed long enough ago", User{DisplayName: name, Registration: Removed, RemovedAt: &earlier}, true},
		{"removed at the last instant that is kept", User{DisplayName: name, Registration: Removed, RemovedAt: &noon}, false},
		{"removed, and nobody has noted when", User{DisplayName: name, Registration: Removed}, false},
		{"erased already", User{Registration: Removed, RemovedAt: &earlier}, false},
		{"not removed", User{DisplayName: name, Registration: Registered, RemovedAt: &earlier}, false},
	} {
		if got := row.user.IsDue(noon); got != row.want {
			t.Errorf("%s: due %t", row.sentence, got)
		}
	}
	for _, row := range []struct {
		sentence     string
		organisation Organisation
		want         bool
	}{
		{"removed long enough ago", Organisation{Name: name, RemovedAt: &earlier}, true},
		{"removed at the last instant that is kept", Organisation{Name: name, RemovedAt: &noon}, false},
		{"erased already", Organisation{RemovedAt: &earlier}, false},
		{"living", Organisation{Name: name}, false},
	} {
		if got := row.organisation.IsDue(noon); got != row.want {
			t.Errorf("an organisation %s: due %t", row.sentence, got)
		}
	}
}

func TestWhichInvitationIsForgotten(t *testing.T) {
	t.Parallel()
	expired := Invitation{Status: InvitationExpired, ExpiresAt: noon.Add(-time.Microsecond)}
	accepted, again, atTheEdge := expired, expired, expired
	accepted.Status, again.Status, atTheEdge.ExpiresAt = InvitationAccepted, InvitationPending, noon
	o, invited := Organisation{MainUserID: "usr_1"}, User{ID: "usr_2", Registration: Invited}
	for _, row := range []struct {
		sentence   string
		invitation Invitation
		user       User
		want       bool
	}{
		{"expired long enough ago", expired, invited, true},
		{"expired at the last instant that is kept", atTheEdge, invited, false},
		{"accepted", accepted, invited, false},
		{"sent again since", again, invited, false},
		{"whoever was invited came another way", expired, User{ID: "usr_2", Registration: Registered}, false},
		{"the main user's: an organisation is never without one", expired, User{ID: "usr_1", Registration: Invited}, false},
	} {
		if got := row.invitation.IsDue(o, row.user, noon); got != row.want {
			t.Errorf("%s: due %t", row.sentence, got)
		}
	}
}
