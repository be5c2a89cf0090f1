package identity

import "time"

// UserRole is what a user may do in their organisation.
type UserRole string

// The roles.
const (
	MainUser     UserRole = "MAIN_USER"
	SuperSubUser UserRole = "SUPER_SUB_USER"
	SubUser      UserRole = "SUB_USER"
	Support      UserRole = "SUPPORT"
	PortalAdmin  UserRole = "PORTAL_ADMIN"
)

// UserRoles are all roles, in the order in which users are sorted by them.
var UserRoles = []UserRole{MainUser, SuperSubUser, SubUser, Support, PortalAdmin}

// IsStaff tells whether the role belongs to the portal's own operating organisation.
func (r UserRole) IsStaff() bool { return r == Support || r == PortalAdmin }

// Registration is how far a user has come in becoming, or becoming again, somebody who can sign in.
type Registration string

// The states of registration.
const (
	Invited       Registration = "INVITED"        // no password yet: the invitation is the way in
	ReRegistering Registration = "RE_REGISTERING" // the old password no longer signs in: the mailed link is the way in
	Registered    Registration = "REGISTERED"
	Removed       Registration = "REMOVED"
)

// UserStatus is what is shown of a user: the registration, with a block in front of it.
type UserStatus string

// The statuses.
const (
	StatusInvited          UserStatus = "INVITED"
	StatusAwaitingApproval UserStatus = "AWAITING_APPROVAL"
	StatusReRegistering    UserStatus = "RE_REGISTERING"
	StatusActive           UserStatus = "ACTIVE"
	StatusBlocked          UserStatus = "BLOCKED"
	StatusRemoved          UserStatus = "REMOVED"
)

// UserStatuses are all statuses, in the order in which users are sorted by them.
var UserStatuses = []UserStatus{StatusInvited, StatusAwaitingApproval, StatusReRegistering, StatusActive, StatusBlocked, StatusRemoved}

// User is one person's account in one organisation. Its password hash stays in the store.
type User struct {
	ID             ID
	Portal         string
	OrganisationID ID
	DisplayName    string
	Email          EmailAddress
	Username       *string
	// Provider is the identification provider that is the user's only way in; "" for whoever has, or is to have, a password.
	Provider     string
	Role         UserRole
	Registration Registration
	BlockedAt    *time.Time
	CreatedAt    time.Time
	// RemovedAt is when the user was removed; nil for whoever wasn't, or nobody has noted when.
	RemovedAt    *time.Time
	LastSignInAt *time.Time
	// EmailRefusedAt is set when a mail to the address was refused for good; cleared when one is accepted.
	EmailRefusedAt *time.Time
	// PostponedAt is when the user last put off enrolment.
	PostponedAt *time.Time
	// PasswordResetAt is when the password was last reset through a mailed link, where nothing else has shown since who
	// the user is.
	PasswordResetAt *time.Time
	// EnrolmentOwed is why the user must enrol whatever the dates say; "" where the dates decide.
	EnrolmentOwed EnrolmentReason
	// CredentialVersion counts changes of password and factors; a sign-in begun before the last change is void.
	CredentialVersion int
	// Language is what mails are written in.
	Language Language
	// FactorKinds are the kinds of the enrolled factors, in the order of their enrolment.
	FactorKinds []FactorKind
	// TwoFactor is worked out by WithTwoFactor, from the factors and the portal's dates.
	TwoFactor UserTwoFactor
	// Factors are the enrolled factors themselves, where they were loaded too: in a sign-in, and for their owner.
	Factors []Factor
}

// UserTwoFactor is what others may know of a user's second factors.
type UserTwoFactor struct {
	IsEnrolled bool
	Kinds      []FactorKind
	// RequiredFrom is the instant from which this user must have one; nil: no date.
	RequiredFrom *time.Time
}

// Status puts the block in front of the registration: a removed user is removed whether blocked or not.
func (u User) Status() UserStatus {
	switch {
	case u.Registration == Removed:
		return StatusRemoved
	case u.BlockedAt != nil:
		return StatusBlocked
	case u.Registration == Invited && u.Provider != "":
		return StatusAwaitingApproval
	case u.Registration == Invited:
		return StatusInvited
	case u.Registration == ReRegistering:
		return StatusReRegistering
	}
	return StatusActive
}

// IsEnrolled tells whether the user has a factor to be asked for. A factor that was disabled by wrong codes still
// counts: else a few wrong codes would be a way around it.
func (u User) IsEnrolled() bool {
	for _, kind := range u.FactorKinds {
		if kind != RecoveryCode {
			return true
		}
	}
	return false
}

// WithTwoFactor works out what others may know of the user's second factors.
func (u User) WithTwoFactor(p Portal, o Organisation) User {
	u.TwoFactor = UserTwoFactor{IsEnrolled: u.IsEnrolled(), Kinds: u.FactorKinds, RequiredFrom: p.TwoFactor.RequiredOf(o)}
	return u
}

// CheckRemoval refuses to remove the main user: another must take over first.
func (u User) CheckRemoval(o Organisation) error {
	if u.ID == o.MainUserID {
		return Refuse(MainUserRequired)
	}
	return nil
}

// CheckErasure refuses to erase whoever wasn't removed first, or was erased before. Removing can be seen and asked about; erasing
// can't be undone.
func (u User) CheckErasure(o Organisation) error {
	if err := u.CheckRemoval(o); err != nil {
		return err
	}
	if u.Registration != Removed || u.IsErased() {
		return Refuse(WrongStatus, "input", "id")
	}
	return nil
}

// IsErased tells whether nothing is known of the user any more: everybody else has a name.
func (u User) IsErased() bool { return u.Registration == Removed && u.DisplayName == "" }

// CheckTransfer decides whether the user can become main user: only somebody who can sign in answers for an organisation,
// and by what the portal gave out itself: a mandate can end at its register any day.
func (u User) CheckTransfer(o Organisation, path ...string) error {
	switch {
	case u.ID == o.MainUserID, u.Status() != StatusActive, u.Provider != "":
		return Refuse(WrongStatus, path...)
	}
	return nil
}

// CheckBlock refuses to block the main user of a company (it would have nobody to answer for it), and somebody who is
// blocked already. A private customer answers for nobody else.
func (u User) CheckBlock(o Organisation) error {
	switch {
	case u.ID == o.MainUserID && !o.IsPrivate:
		return Refuse(MainUserRequired)
	case u.BlockedAt != nil:
		return Refuse(WrongStatus, "input", "id")
	}
	return nil
}

// CheckUnblock refuses to unblock somebody who isn't blocked.
func (u User) CheckUnblock() error {
	if u.BlockedAt == nil {
		return Refuse(WrongStatus, "input", "id")
	}
	return nil
}
