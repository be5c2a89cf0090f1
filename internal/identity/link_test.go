package identity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	registrations = []Registration{Invited, ReRegistering, Registered, Removed}
	purposes      = []LinkPurpose{ForInvitation, ForReRegistration, ForPasswordReset, "OTHER"}
)

func TestALinkThatStopsOpensForWhoeverIsThereAndChoosesNoPassword(t *testing.T) {
	t.Parallel()
	link := Link{Purpose: ForStopping, ExpiresAt: later}
	for _, registration := range registrations {
		for _, blocked := range []*time.Time{nil, &yesterday} {
			if link.Opens(User{Registration: registration, BlockedAt: blocked}, noon) != (registration != Removed) {
				t.Errorf("for a user who is %s, blocked %t", registration, blocked != nil)
			}
		}
	}
	for _, purpose := range GuardingPurposes {
		if purpose.ChoosesPassword() {
			t.Errorf("%s chooses a password", purpose)
		}
	}
}

func TestALinkOpensForTheStateItWasMadeForAndNoOther(t *testing.T) {
	t.Parallel()
	opens := map[LinkPurpose]Registration{
		ForInvitation: Invited, ForReRegistration: ReRegistering, ForPasswordReset: Registered,
	}
	for _, purpose := range purposes {
		for _, registration := range registrations {
			link, user := Link{Purpose: purpose, ExpiresAt: later}, User{Registration: registration}
			want := opens[purpose] == registration
			if got := link.Opens(user, noon); got != want {
				t.Errorf("%s for a user who is %s: %t", purpose, registration, got)
			}
			for fault, spoilt := range map[string]Link{
				"used":    {Purpose: purpose, ExpiresAt: later, UsedAt: &yesterday},
				"revoked": {Purpose: purpose, ExpiresAt: later, RevokedAt: &yesterday},
				"expired": {Purpose: purpose, ExpiresAt: noon},
			} {
				if spoilt.Opens(user, noon) {
					t.Errorf("%s for a user who is %s opens though %s", purpose, registration, fault)
				}
			}
			if user.BlockedAt = &yesterday; link.Opens(user, noon) {
				t.Errorf("%s opens for a blocked user who is %s", purpose, registration)
			}
		}
	}
}

func TestALinkOpensUntilItsLastMicrosecond(t *testing.T) {
	t.Parallel()
	link := Link{Purpose: ForPasswordReset, ExpiresAt: later}
	for now, want := range map[time.Time]bool{noon: true, later.Add(-tick): true, later: false, later.Add(tick): false} {
		if link.Opens(joost(), now) != want {
			t.Errorf("at %s: %t", now, !want)
		}
	}
}

func TestALinkLivesAsLongAsThePortalSays(t *testing.T) {
	t.Parallel()
	links := tvm().Links
	for purpose, want := range map[LinkPurpose]time.Duration{
		ForInvitation: 7 * 24 * time.Hour, ForReRegistration: 24 * time.Hour, ForPasswordReset: time.Hour,
	} {
		if got := links.Lifetime(purpose); got != want {
			t.Errorf("%s lives %s, want %s", purpose, got, want)
		}
	}
}

func TestWhoAsksForHelpGetsTheLinkOfTheirStateOrSilence(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		user     User
		want     LinkPurpose
	}{
		{"somebody registered resets", User{Registration: Registered}, ForPasswordReset},
		{"somebody who must register again gets that link anew", User{Registration: ReRegistering}, ForReRegistration},
		{"somebody invited has the invitation", User{Registration: Invited}, ""},
		{"somebody removed is nobody", User{Registration: Removed}, ""},
		{"somebody blocked is unblocked by people", User{Registration: Registered, BlockedAt: &yesterday}, ""},
		{"before registering again too", User{Registration: ReRegistering, BlockedAt: &yesterday}, ""},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			got, answered := PurposeFor(row.user)
			if got != row.want || answered != (row.want != "") {
				t.Errorf("%q, %t", got, answered)
			}
			// What is mailed must open.
			if answered && !(Link{Purpose: got, ExpiresAt: later}).Opens(row.user, noon) {
				t.Error("the mailed link doesn't open")
			}
		})
	}
}

func TestChoosingAPasswordThroughALink(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence     string
		purpose      LinkPurpose
		registration Registration
		hasApp       bool
		recovery     RecoveryWay
		drops        bool
		owed         EnrolmentReason
	}{
		{"an invitation makes a user", ForInvitation, Invited, false, SelfService, false, ""},
		{"registering again without an app drops nothing", ForReRegistration, ReRegistering, false, SelfService, false, ""},
		{"registering again drops the old app and owes a new one", ForReRegistration, ReRegistering, true, SelfService, true, ByOrganisationActivation},
		{"also where only support unlinks: it is what registering again means", ForReRegistration, ReRegistering, true, BySupport, true, ByOrganisationActivation},
		{"a reset without an app drops nothing", ForPasswordReset, Registered, false, SelfService, false, ""},
		{"a reset drops the lost app where people recover by themselves, and owes a new one", ForPasswordReset, Registered, true, SelfService, true, ByFactorReset},
		{"a reset leaves the app alone where only support unlinks", ForPasswordReset, Registered, true, BySupport, false, ""},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			portal, before := tvm(), joost()
			portal.Recovery.Factors, before.Registration = row.recovery, row.registration
			if row.hasApp {
				before = enrolled(before)
			}
			want := before
			want.Registration, want.CredentialVersion, want.EnrolmentOwed = Registered, before.CredentialVersion+1, row.owed
			if row.purpose == ForPasswordReset {
				want.PasswordResetAt = &noon
			}
			if row.drops {
				want.Factors, want.FactorKinds = nil, nil
			}
			after, drops := Link{Purpose: row.purpose}.SetUp(portal, before, noon)
			if diff := cmp.Diff(want, after); diff != "" || drops != row.drops {
				t.Errorf("drops %t\n%s", drops, diff)
			}
		})
	}
}

func TestAResetLeavesWhatWasOwedBefore(t *testing.T) {
	t.Parallel()
	user := joost()
	user.EnrolmentOwed = ByFactorReset
	if after, _ := (Link{Purpose: ForPasswordReset}).SetUp(tvm(), user, noon); after.EnrolmentOwed != ByFactorReset {
		t.Errorf("a second reset takes the debt away: %q", after.EnrolmentOwed)
	}
}

func TestASignInBegunBeforeAPasswordWasChosenIsOver(t *testing.T) {
	t.Parallel()
	after, _ := Link{Purpose: ForPasswordReset}.SetUp(tvm(), joost(), noon)
	if attempt := ordinary().attempt; !attempt.Valid(joost(), noon) || attempt.Valid(after, noon) {
		t.Error("it goes on")
	}
}

func TestTheDeskSendsTheLinkOfTheUsersState(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		private  bool
		user     User
		want     LinkPurpose
	}{
		{"a new password", false, User{Registration: Registered}, ForPasswordReset},
		{"registering again", false, User{Registration: ReRegistering}, ForReRegistration},
		{"the invitation, once more", false, User{Registration: Invited}, ForInvitation},
		{"nothing to somebody who is gone", false, User{Registration: Removed}, ""},
		{"nothing to somebody blocked: unblock first", false, User{Registration: Registered, BlockedAt: &yesterday}, ""},
		{"nor where they were only invited", false, User{Registration: Invited, BlockedAt: &yesterday}, ""},
		{"nothing to a business's employee: the mandate is their way in", false, User{Registration: Registered, Provider: "eherkenning"}, ""},
		{"a first password, to a private customer who never came", true, User{Registration: Invited}, ForInvitation},
		{"and to one who comes through a bank", true, User{Registration: Registered, Provider: "idin"}, ForInvitation},
		{"a new one, to a private customer who has one", true, User{Registration: Registered}, ForPasswordReset},
		{"nothing to a private customer who is blocked", true, User{Registration: Registered, Provider: "idin", BlockedAt: &yesterday}, ""},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			got, sends := AccountLinkFor(Organisation{IsPrivate: row.private}, row.user)
			if got != row.want || sends != (row.want != "") {
				t.Errorf("%q, %t", got, sends)
			}
			if sends && !(Link{Purpose: got, ExpiresAt: later}).Opens(row.user, noon) {
				t.Error("the mailed link doesn't open")
			}
		})
	}
}

func TestAPersonIsNotMailedLinkAfterLink(t *testing.T) {
	t.Parallel()
	links := tvm().Links
	refused(t, links.AdmitResend(nil, noon), "")
	refused(t, links.AdmitResend(pointer(noon.Add(-time.Minute)), noon), "")
	err := links.AdmitResend(pointer(noon.Add(-20*time.Second)), noon)
	refused(t, err, ResendTooSoon)
	if got := waitOf(err); got != 40*time.Second {
		t.Errorf("wait %s", got)
	}
}
