package identity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWhoMayAskForAnotherAddress(t *testing.T) {
	t.Parallel()
	mailed := func(u User) User {
		u.FactorKinds = []FactorKind{TOTP, Email}
		return u
	}
	for _, row := range []struct {
		sentence string
		user     func(User) User
		portal   func(*Portal)
		email    EmailAddress
		want     Code
	}{
		{"whoever is active", nil, nil, "new@tvm.test", ""},
		{"nobody who must register again", func(u User) User { u.Registration = ReRegistering; return u }, nil, "new@tvm.test", WrongStatus},
		{"nobody who is blocked", func(u User) User { u.BlockedAt = &yesterday; return u }, nil, "new@tvm.test", WrongStatus},
		{"not for the one that they have", nil, nil, "joost@tvm.test", InvalidInput},
		{"nor in other letters", nil, nil, "JOOST@tvm.test", InvalidInput},
		{"with an app, whatever the portal says of factors", func(u User) User { u.FactorKinds = []FactorKind{TOTP}; return u }, nil, "new@tvm.test", ""},
		{"with codes by mail, where users change their factors", mailed, func(p *Portal) { p.Factors.Change = ChangedByUser }, "new@tvm.test", ""},
		{"with codes by mail, not where the support desk does", mailed, func(p *Portal) { p.Factors.Change = ChangedBySupport }, "new@tvm.test", FactorChangeNotAllowed},
		{"with codes by mail, not where they are no longer offered", mailed, func(p *Portal) {
			p.Factors.Change, p.Factors.Kinds = ChangedByUser, []FactorKind{TOTP}
		}, "new@tvm.test", FactorNotOffered},
		{"with codes by mail, not in the day after a reset by mail", func(u User) User {
			u.PasswordResetAt = &noon
			return mailed(u)
		}, func(p *Portal) { p.Factors.Change = ChangedByUser }, "new@tvm.test", FactorNotOffered},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			portal, user := tvm(), joost()
			portal.Factors.Kinds = []FactorKind{TOTP, Email}
			if row.user != nil {
				user = row.user(user)
			}
			if row.portal != nil {
				row.portal(&portal)
			}
			refused(t, portal.CheckEmailChange(user, row.email, noon), row.want)
		})
	}
}

func TestAChangeOfContactIsConfirmedInTimeInItsOwnSession(t *testing.T) {
	t.Parallel()
	change := ContactChange{State: ContactAwaitsCode, Session: "ses_1", ExpiresAt: noon.Add(CodeLifetime)}
	for _, row := range []struct {
		sentence string
		state    ContactState
		session  ID
		at       time.Time
		want     bool
	}{
		{"at once", ContactAwaitsCode, "ses_1", noon, true},
		{"at the last moment", ContactAwaitsCode, "ses_1", noon.Add(CodeLifetime - 1), true},
		{"not after ten minutes", ContactAwaitsCode, "ses_1", noon.Add(CodeLifetime), false},
		{"not in another session", ContactAwaitsCode, "ses_2", noon, false},
		{"not twice", ContactChanged, "ses_1", noon, false},
		{"not once it was undone", ContactRestored, "ses_1", noon, false},
	} {
		change.State = row.state
		if got := change.Confirmable(row.session, row.at); got != row.want {
			t.Errorf("%s: %t", row.sentence, got)
		}
	}
	if confirmed := change.Confirmed(noon); confirmed.State != ContactChanged || confirmed.ExpiresAt != noon.Add(7*24*time.Hour) {
		t.Errorf("%+v", confirmed)
	}
}

func TestUndoingAChangeUndoesThoseAfterItAndNoneBefore(t *testing.T) {
	t.Parallel()
	at := func(id ID, kind ContactKind, hour int) ContactChange {
		return ContactChange{ID: id, Kind: kind, State: ContactChanged, RequestedAt: noon.Add(time.Duration(hour) * time.Hour)}
	}
	all := []ContactChange{
		at("first", EmailContact, 1), at("number", PhoneContact, 2), at("second", EmailContact, 3), at("third", EmailContact, 4),
	}
	for undone, want := range map[int][]ID{0: {"first", "second", "third"}, 1: {"number"}, 2: {"second", "third"}, 3: {"third"}} {
		var got []ID
		for _, change := range all[undone].Undo(all) {
			got = append(got, change.ID)
			if change.State != ContactRestored {
				t.Errorf("%s is %s", change.ID, change.State)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("undoing %s: %s", all[undone].ID, diff)
		}
	}
}

func TestALinkThatUndoesOpensToWhoeverHasAnAccountAndChoosesNoPassword(t *testing.T) {
	t.Parallel()
	link := Link{Purpose: ForContactUndo, ExpiresAt: later}
	for _, row := range []struct {
		sentence string
		user     User
		want     bool
	}{
		{"registered", User{Registration: Registered}, true},
		{"must register again", User{Registration: ReRegistering}, true},
		{"blocked: it lets nobody in", User{Registration: Registered, BlockedAt: &yesterday}, true},
		{"removed", User{Registration: Removed}, false},
		{"not registered yet", User{Registration: Invited}, false},
	} {
		if got := link.Opens(row.user, noon); got != row.want {
			t.Errorf("%s: %t", row.sentence, got)
		}
	}
	for purpose, want := range map[LinkPurpose]bool{ForInvitation: true, ForReRegistration: true, ForPasswordReset: true, ForContactUndo: false, ForRegistration: true, ForKeeping: false} {
		if purpose.ChoosesPassword() != want {
			t.Errorf("%s chooses a password: %t", purpose, !want)
		}
	}
}
