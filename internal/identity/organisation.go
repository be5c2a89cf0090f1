package identity

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Organisation is one customer company in a portal, or the portal's own operating organisation, whose users are staff.
type Organisation struct {
	ID     ID
	Portal string
	Name   string
	// Code is the short name that people type at sign-in where the portal asks for it; unique in its portal.
	Code *string
	// IsOperator marks the portal's own operating organisation.
	IsOperator bool
	// IsPrivate marks an organisation of one: a private customer, of whom there is a record.
	IsPrivate bool
	// MainUserID is never empty: the database holds that each organisation has exactly one, who isn't removed.
	MainUserID ID
	// AccountMaximum is the account limit; nil: none.
	AccountMaximum *int
	// TwoFactorActivatedAt is when the main user activated two-factor authentication for everybody; nil: not.
	TwoFactorActivatedAt *time.Time
	CreatedAt            time.Time
	// RemovedAt is when it was removed: nobody signs in for it any more, and its main user is nobody. nil: it lives.
	RemovedAt *time.Time
	// Scope is what the session is held to that the organisation was loaded for; nothing of it is saved.
	Scope EstablishmentScope
}

// CheckRemoval refuses to remove the portal's own organisation, for nobody could run the portal, and what was removed before.
func (o Organisation) CheckRemoval() error {
	if o.IsOperator || o.RemovedAt != nil {
		return Refuse(WrongStatus, "input", "id")
	}
	return nil
}

// CheckErasure refuses to erase what wasn't removed first, or was erased before. Removing can be seen and asked about; erasing
// can't be undone.
func (o Organisation) CheckErasure() error {
	if o.RemovedAt == nil || o.IsErased() {
		return Refuse(WrongStatus, "input", "id")
	}
	return nil
}

// IsErased tells whether nothing is known of the organisation any more: every other one has a name.
func (o Organisation) IsErased() bool { return o.RemovedAt != nil && o.Name == "" }

// MaximumNameLength bounds names of people and organisations, in characters.
const MaximumNameLength = 200

// CleanName trims a name and refuses an empty, overlong or unprintable one.
func CleanName(name string, path ...string) (string, error) {
	clean := strings.TrimSpace(name)
	if clean == "" || utf8.RuneCountInString(clean) > MaximumNameLength || !printable(clean) {
		return "", Refuse(InvalidInput, path...)
	}
	return clean, nil
}

func printable(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
