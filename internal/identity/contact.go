package identity

import "time"

// ContactKind is what somebody is reached by.
type ContactKind string

// The kinds.
const (
	EmailContact ContactKind = "EMAIL"
	PhoneContact ContactKind = "PHONE"
)

// ContactState is how far a change of contact has come.
type ContactState string

// The states.
const (
	ContactAwaitsCode ContactState = "AWAITING_CODE" // a code went to the new address; nothing has changed
	ContactChanged    ContactState = "CHANGED"       // the new address is in force; the old one was mailed a way back
	ContactRestored   ContactState = "RESTORED"      // the old address is in force again
)

// ContactChange replaces an address by another one. Nothing changes before the code that went to the new address is given,
// in the session that asked; and for a while after it whoever holds the old mailbox can undo it. The addresses themselves
// stay in the store, sealed.
type ContactChange struct {
	ID           ID
	Portal       string
	Organisation ID
	User         ID
	// Session is the one that asked, and the only one that can confirm.
	Session ID
	Kind    ContactKind
	State   ContactState
	// DestinationHint is the address in question, masked: the new one, or after an undoing the old one.
	DestinationHint string
	// UndoLink is the link that undoes the change; "" before it is confirmed, and where there is no old mailbox.
	UndoLink ID
	// Failures counts wrong codes in a row, those of earlier changes of the user that were not confirmed included.
	Failures    Failures
	RequestedAt time.Time
	// ExpiresAt is until when the change can be confirmed, and once it is, until when it can be undone.
	ExpiresAt time.Time
}

// ContactUndoLifetime is how long a confirmed change can be undone from the old mailbox.
const ContactUndoLifetime = 7 * 24 * time.Hour

// CheckEmailChange decides whether a user may ask for another address now. Codes by mail are a second proof for some: for
// them the address changes where the factor may, for whoever confirms the new mailbox enrols it.
func (p Portal) CheckEmailChange(u User, email EmailAddress, now time.Time) error {
	if u.Status() != StatusActive {
		return Refuse(WrongStatus)
	}
	if u.Email.Fold() == email.Fold() {
		return Refuse(InvalidInput, "input", "email")
	}
	if !u.Has(Email) {
		return nil
	}
	if err := p.Factors.Enrol(Email, u); err != nil {
		return err
	}
	return p.Recovery.AdmitKind(Email, u, now)
}

// CheckPhoneChange decides whether a user may let their codes go to another number, and answers the factor whose number it is.
func (p Portal) CheckPhoneChange(u User) (Factor, error) {
	if u.Status() != StatusActive {
		return Factor{}, Refuse(WrongStatus)
	}
	for _, factor := range u.Factors {
		if factor.Kind == SMS {
			return factor, p.Factors.Enrol(SMS, u)
		}
	}
	return Factor{}, Refuse(WrongStatus)
}

// Message is what the old mailbox is told of a change of that kind, with a link that undoes it.
func (k ContactKind) Message() MessageKind {
	if k == PhoneContact {
		return PhoneChangedMessage
	}
	return EmailChangedMessage
}

// Has tells whether the user has a factor of that kind.
func (u User) Has(kind FactorKind) bool {
	for _, held := range u.FactorKinds {
		if held == kind {
			return true
		}
	}
	return false
}

// Confirmable tells whether a code can still confirm the change, in that session.
func (c ContactChange) Confirmable(session ID, now time.Time) bool {
	return c.State == ContactAwaitsCode && c.Session == session && now.Before(c.ExpiresAt)
}

// Confirmed is the change once its code was right.
func (c ContactChange) Confirmed(now time.Time) ContactChange {
	c.State, c.ExpiresAt = ContactChanged, now.Add(ContactUndoLifetime)
	return c
}

// WithEmail is the user at another address. What was begun on the ground of the old one is void.
func (u User) WithEmail(email EmailAddress) User {
	u.Email, u.EmailRefusedAt = email, nil
	u.CredentialVersion++
	return u
}

// Undo answers what becomes of a user's confirmed changes when one of them is undone: that one is, and so is every later
// one of its kind, whose ways back lead to an address that somebody else brought in.
func (c ContactChange) Undo(confirmed []ContactChange) []ContactChange {
	var undone []ContactChange
	for _, change := range confirmed {
		if change.Kind == c.Kind && !change.RequestedAt.Before(c.RequestedAt) {
			change.State = ContactRestored
			undone = append(undone, change)
		}
	}
	return undone
}
