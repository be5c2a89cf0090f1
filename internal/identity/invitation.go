package identity

import "time"

// InvitationStatus is where an invitation stands.
type InvitationStatus string

// The statuses.
const (
	InvitationPending  InvitationStatus = "PENDING"
	InvitationAccepted InvitationStatus = "ACCEPTED"
	InvitationRevoked  InvitationStatus = "REVOKED"
	InvitationExpired  InvitationStatus = "EXPIRED"
)

// Invitation lets a person become a user. The user exists from the invitation on, without a password.
type Invitation struct {
	ID           ID
	Portal       string
	Organisation ID
	User         ID
	Email        EmailAddress
	Role         UserRole
	CreatedAt    time.Time
	ExpiresAt    time.Time
	LastSentAt   *time.Time
	AcceptedAt   *time.Time
	RevokedAt    *time.Time
	// Status is worked out when the invitation is loaded.
	Status InvitationStatus
}

// At works out the status at an instant.
func (i Invitation) At(now time.Time) Invitation {
	switch {
	case i.AcceptedAt != nil:
		i.Status = InvitationAccepted
	case i.RevokedAt != nil:
		i.Status = InvitationRevoked
	case !now.Before(i.ExpiresAt):
		i.Status = InvitationExpired
	default:
		i.Status = InvitationPending
	}
	return i
}

// CheckResend decides whether the invitation's mail can be sent again, which voids the older link.
func (i Invitation) CheckResend(p LinkPolicy, now time.Time) error {
	switch i.Status {
	case InvitationAccepted, InvitationRevoked:
		return Refuse(InvitationNotPending)
	}
	return p.AdmitResend(i.LastSentAt, now)
}

// CheckRevoke decides whether the invitation can be taken back. The main user's can't: the organisation would have
// nobody to answer for it.
func (i Invitation) CheckRevoke(o Organisation) error {
	switch {
	case i.Status != InvitationPending && i.Status != InvitationExpired:
		return Refuse(InvitationNotPending)
	case i.User == o.MainUserID:
		return Refuse(MainUserRequired)
	}
	return nil
}
