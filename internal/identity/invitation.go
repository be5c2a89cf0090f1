package identity

import (
	"slices"
	"time"
)

// InvitationStatus is where an invitation stands.
type InvitationStatus string

// The statuses.
const (
	InvitationPending  InvitationStatus = "PENDING"
	InvitationAccepted InvitationStatus = "ACCEPTED"
	InvitationRevoked  InvitationStatus = "REVOKED"
	InvitationExpired  InvitationStatus = "EXPIRED"
)

// InvitationSignIn is how an invited person is to sign in once they are a user.
type InvitationSignIn string

// How.
const (
	InvitedToPassword InvitationSignIn = "PASSWORD" // they choose one
	InvitedToBusiness InvitationSignIn = "BUSINESS" // through a provider that identifies people of businesses
)

// Invitation lets a person become a user. The user exists from the invitation on, without a password.
type Invitation struct {
	ID           ID
	Portal       string
	Organisation ID
	User         ID
	Email        EmailAddress
	Role         UserRole
	SignIn       InvitationSignIn
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

// Purpose is that of the invitation's link.
func (i Invitation) Purpose() LinkPurpose {
	if i.SignIn == InvitedToBusiness {
		return ForBusinessInvitation
	}
	return ForInvitation
}

// CheckInvite decides whether people can be invited into the organisation to sign in that way. Whoever comes through a provider
// has no user name; staff doesn't come through one.
func (p Portal) CheckInvite(way InvitationSignIn, o Organisation, username *string) error {
	switch {
	case way != InvitedToBusiness:
		return nil
	case o.IsOperator || !slices.ContainsFunc(p.Providers, func(one Provider) bool { return one.Identifies == Businesses }):
		return Refuse(InvalidInput, "input", "signIn")
	case username != nil:
		return Refuse(InvalidInput, "input", "username")
	}
	return nil
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
