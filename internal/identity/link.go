package identity

import (
	"slices"
	"time"
)

// LinkPurpose is what a mailed link is for. A link of one purpose opens nothing of another.
type LinkPurpose string

// The purposes.
const (
	ForInvitation LinkPurpose = "INVITATION"
	// ForBusinessInvitation leads to a provider that identifies people of businesses; it chooses no password.
	ForBusinessInvitation LinkPurpose = "BUSINESS_INVITATION"
	ForReRegistration     LinkPurpose = "RE_REGISTRATION"
	ForPasswordReset      LinkPurpose = "PASSWORD_RESET"
	// ForContactUndo leads from the old mailbox back to it; it chooses no password.
	ForContactUndo LinkPurpose = "CONTACT_UNDO"
	// ForStopping is to stop a support action before it takes effect, and for nothing else: it signs nobody in.
	ForStopping LinkPurpose = "STOP_SUPPORT_ACTION"
	// ForRegistration is for somebody who registers with a policy number.
	ForRegistration LinkPurpose = "REGISTRATION"
	// ForKeeping keeps an account that another one is to replace, and does nothing else: it signs nobody in.
	ForKeeping LinkPurpose = "KEEP_ACCOUNT"
)

// GuardingPurposes are those of links that lead nobody in: they are there against whoever has come in, or would.
var GuardingPurposes = []LinkPurpose{ForContactUndo, ForStopping, ForKeeping}

// ChoosesPassword tells whether a link of that purpose leads to password set-up.
func (p LinkPurpose) ChoosesPassword() bool {
	return p != ForBusinessInvitation && !slices.Contains(GuardingPurposes, p)
}

// Link leads from a mail to password set-up, to an identification provider, back to an old address, or to the page that stops a support action. Its token
// is in the mail and nowhere else; the database has only its hash.
type Link struct {
	ID           ID
	Portal       string
	Organisation ID
	User         ID
	Purpose      LinkPurpose
	// Action is what a link ForStopping stops, or the registrant against whom one ForKeeping keeps; "" for every other.
	Action    ID
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
	RevokedAt *time.Time
}

// Opens tells whether the link still works for its user: unused, not revoked, in time, and the user still in the state
// that it was made for.
//
// One that undoes a change of contact, stops a support action or keeps an account also works for somebody who is blocked: it lets nobody in.
func (l Link) Opens(u User, now time.Time) bool {
	if l.UsedAt != nil || l.RevokedAt != nil || !now.Before(l.ExpiresAt) {
		return false
	}
	switch l.Purpose {
	case ForContactUndo:
		return u.Registration == Registered || u.Registration == ReRegistering
	case ForStopping, ForKeeping:
		return u.Registration != Removed
	}
	if u.BlockedAt != nil {
		return false
	}
	switch l.Purpose {
	case ForInvitation:
		return u.Registration == Invited || u.Registration == Registered && u.Provider != "" // a private customer without a password
	case ForBusinessInvitation, ForRegistration:
		return u.Registration == Invited
	case ForReRegistration:
		return u.Registration == ReRegistering
	case ForPasswordReset:
		return u.Registration == Registered
	}
	return false
}

// LinkPolicy says how long links work.
type LinkPolicy struct {
	Invitation, Registration, ReRegistration, PasswordReset time.Duration
	// ResendPause is how long to wait before the same person is mailed another link.
	ResendPause time.Duration
}

// Lifetime of a link.
func (p LinkPolicy) Lifetime(purpose LinkPurpose) time.Duration {
	switch purpose {
	case ForInvitation, ForBusinessInvitation:
		return p.Invitation
	case ForRegistration:
		return p.Registration
	case ForReRegistration:
		return p.ReRegistration
	case ForContactUndo:
		return ContactUndoLifetime
	}
	return p.PasswordReset
}

// AdmitResend decides whether a person may be mailed another link now, the last one having been made at that instant; nil:
// there was none.
func (p LinkPolicy) AdmitResend(last *time.Time, now time.Time) error {
	if last == nil || !now.Before(last.Add(p.ResendPause)) {
		return nil
	}
	return &Error{Code: ResendTooSoon, RetryAfter: last.Add(p.ResendPause).Sub(now)}
}

// PurposeFor is the purpose of the link that lets a user who asks for help in again; false for somebody who must be
// answered with silence.
func PurposeFor(u User) (LinkPurpose, bool) {
	switch {
	case u.Provider != "": // who has no password needs no link to one
		return "", false
	case u.Status() == StatusActive:
		return ForPasswordReset, true
	case u.Status() == StatusReRegistering:
		return ForReRegistration, true
	}
	return "", false
}

// AccountLinkFor is the purpose of the link that the support desk sends a user whom it has identified; false for somebody
// who is blocked or gone; an invitation goes out again as what it was. It is how a private customer who comes through a provider gets a password besides.
func AccountLinkFor(o Organisation, u User) (LinkPurpose, bool) {
	if u.Status() == StatusInvited || o.IsPrivate && u.Status() == StatusActive && u.LacksPassword() {
		return ForInvitation, true
	}
	return PurposeFor(u)
}

// SetUp is what choosing a password through a link does to the user besides the password.
//
// An invitation and a re-registration make the user registered. A re-registration drops the old factors: that is what
// registering again means. A password reset drops them where the portal's users recover by themselves. Either way a new
// one is owed, so that losing a phone never ends in an account with less protection than before.
func (l Link) SetUp(p Portal, u User, now time.Time) (after User, dropsFactors bool) {
	after = u
	after.Registration, after.Provider = Registered, ""
	after.CredentialVersion++
	if l.Purpose == ForPasswordReset {
		after.PasswordResetAt = &now
	}
	dropsFactors = u.IsEnrolled() && (l.Purpose == ForReRegistration || p.Recovery.Factors == SelfService)
	if dropsFactors {
		after.Factors, after.FactorKinds = nil, nil
		after.EnrolmentOwed = ByFactorReset
		if l.Purpose == ForReRegistration {
			after.EnrolmentOwed = ByOrganisationActivation // and still when staff undoes the activation meanwhile
		}
	}
	return after, dropsFactors
}
