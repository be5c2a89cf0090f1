package identity

import "time"

// RegistrationWay is how somebody becomes the user of an organisation that doesn't know them yet.
type RegistrationWay string

// The ways.
const (
	OnlyInvited    RegistrationWay = "INVITATION"
	ByPolicyNumber RegistrationWay = "POLICY_NUMBER" // whoever has a mailbox and the number makes the account themselves
)

// RegistrationPolicy says whether people make their account themselves, and what becomes of the account that is there.
type RegistrationPolicy struct {
	By RegistrationWay
	// ReplacesForgottenAccount: where the organisation's main user has an account, a new one takes its place.
	ReplacesForgottenAccount bool
	// Notice is how long before that the old account's owner is told, who can stop it until then.
	Notice time.Duration
}

// Check refuses registration where the portal has none: always, and before anything is looked up.
func (p RegistrationPolicy) Check() error {
	if p.By != ByPolicyNumber {
		return Refuse(RegistrationNotOffered)
	}
	return nil
}

// RegistrationPlace is where a new account goes in its organisation.
type RegistrationPlace string

// The places.
const (
	PlaceFree     RegistrationPlace = "FREE"     // nobody has the main user's account: it is theirs at once
	PlaceOccupied RegistrationPlace = "OCCUPIED" // somebody has: it becomes theirs when the notice is over
)

// Place decides where the account of somebody goes who has shown the number and the mailbox: always in the main user's,
// for the number proves no more than that they are the customer. inUse tells whether somebody has that account, or an
// open invitation to it; announced whether somebody else is to replace it already: one at a time.
func (p RegistrationPolicy) Place(limit AccountLimit, inUse, announced bool) (RegistrationPlace, error) {
	switch {
	case !inUse:
		return PlaceFree, limit.Admit()
	case !p.ReplacesForgottenAccount || announced:
		return "", Refuse(AccountLimitReached)
	}
	return PlaceOccupied, nil
}

// Registrant is somebody who registers, from the mail with the link until their account is active. Their user is there
// from the beginning, as one who can't sign in.
type Registrant struct {
	ID           ID
	Portal       string
	Organisation ID
	User         ID
	// Replaces is the user whose account it replaces, who was told; "" for none, or while the link isn't used.
	Replaces  ID
	CreatedAt time.Time
	// DueAt is when the replacement takes effect; before it is announced, when the link in the mail stops working.
	DueAt time.Time
	// ReadyAt is when all was done that the account needs: the password chosen, and the factor confirmed where one is owed.
	ReadyAt *time.Time
	// EndedAt is when it came to its end, and End to which; nil and "" for neither yet.
	EndedAt *time.Time
	End     RegistrationEnd
}

// RegistrationEnd is what a registration came to.
type RegistrationEnd string

// The ends.
const (
	RegistrationCompleted RegistrationEnd = "COMPLETED" // the account is active
	RegistrationStopped   RegistrationEnd = "STOPPED"   // the old account's owner stopped it
	RegistrationLapsed    RegistrationEnd = "LAPSED"    // it wasn't finished in time, or what it rested on changed
)

// AtDue decides what a registration comes to at its instant. It replaces an account only when it was announced, all was
// done, and the one who was told is still the one to be replaced.
func (r Registrant) AtDue(o Organisation, u User) RegistrationEnd {
	if r.Replaces != "" && r.ReadyAt != nil && o.MainUserID == r.Replaces && u.Status() == StatusInvited {
		return RegistrationCompleted
	}
	return RegistrationLapsed
}

// Attempts is how often registration was asked for on a day, from midnight UTC, with one address, one policy number, and
// by one client.
type Attempts struct{ PerAddress, PerPolicyNumber, PerClient int }

// How often is enough in a day. A policy number is all that a stranger needs to guess, so that a client gets few tries;
// behind one address there may be a whole office.
const (
	attemptsPerAddress      = 5
	attemptsPerPolicyNumber = 10
	attemptsPerClient       = 30
)

// AdmitRegistration decides whether one more attempt may be made, with what was counted before it. It knows nothing of
// whether the number or the address exists.
func AdmitRegistration(before Attempts, now time.Time) error {
	if before.PerAddress < attemptsPerAddress && before.PerPolicyNumber < attemptsPerPolicyNumber && before.PerClient < attemptsPerClient {
		return nil
	}
	const day = 24 * time.Hour
	return &Error{Code: TooManyAttempts, RetryAfter: now.Truncate(day).Add(day).Sub(now)}
}
