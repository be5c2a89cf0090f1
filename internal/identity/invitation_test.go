package identity

import (
	"testing"
	"time"
)

func TestWhereAnInvitationStands(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence   string
		invitation Invitation
		now        time.Time
		want       InvitationStatus
	}{
		{"it is open", Invitation{ExpiresAt: later}, noon, InvitationPending},
		{"until its last microsecond", Invitation{ExpiresAt: later}, later.Add(-tick), InvitationPending},
		{"and expires at its end", Invitation{ExpiresAt: later}, later, InvitationExpired},
		{"it was accepted", Invitation{ExpiresAt: later, AcceptedAt: &noon}, noon, InvitationAccepted},
		{"which no end undoes", Invitation{ExpiresAt: later, AcceptedAt: &noon}, later, InvitationAccepted},
		{"it was revoked", Invitation{ExpiresAt: later, RevokedAt: &noon}, noon, InvitationRevoked},
		{"which stays so after its end", Invitation{ExpiresAt: later, RevokedAt: &noon}, later, InvitationRevoked},
		{"whatever it was before", Invitation{ExpiresAt: later, Status: InvitationExpired}, noon, InvitationPending},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			if got := row.invitation.At(row.now).Status; got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

func TestAnInvitationIsSentAgainAfterAPause(t *testing.T) {
	t.Parallel()
	justNow := noon.Add(-20 * time.Second)
	minuteAgo, almost := noon.Add(-time.Minute), noon.Add(-time.Minute+tick)
	for _, row := range []struct {
		sentence string
		status   InvitationStatus
		lastSent *time.Time
		want     Code
		wait     time.Duration
	}{
		{"one that was never sent", InvitationPending, nil, "", 0},
		{"one that was sent a pause ago", InvitationPending, &minuteAgo, "", 0},
		{"one that expired", InvitationExpired, &yesterday, "", 0},
		{"not a moment after the last", InvitationPending, &justNow, ResendTooSoon, 40 * time.Second},
		{"not a microsecond too soon", InvitationPending, &almost, ResendTooSoon, tick},
		{"not one that was accepted", InvitationAccepted, &yesterday, InvitationNotPending, 0},
		{"not one that was revoked", InvitationRevoked, nil, InvitationNotPending, 0},
		{"which is said even when it is too soon too", InvitationRevoked, &justNow, InvitationNotPending, 0},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			err := Invitation{Status: row.status, LastSentAt: row.lastSent}.CheckResend(tvm().Links, noon)
			refused(t, err, row.want)
			if retryAfter(err) != row.wait {
				t.Errorf("wait %s, want %s", retryAfter(err), row.wait)
			}
		})
	}
}

func TestAnInvitationIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		sentence string
		status   InvitationStatus
		user     ID
		want     Code
	}{
		{"while it is open", InvitationPending, "usr_2", ""},
		{"and when it expired, to free its seat", InvitationExpired, "usr_2", ""},
		{"not when it was accepted", InvitationAccepted, "usr_2", InvitationNotPending},
		{"not twice", InvitationRevoked, "usr_2", InvitationNotPending},
		{"not the main user's", InvitationPending, "usr_main", MainUserRequired},
		{"not when nobody looked where it stands", "", "usr_2", InvitationNotPending},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			refused(t, Invitation{Status: row.status, User: row.user}.CheckRevoke(transporter()), row.want)
		})
	}
}
