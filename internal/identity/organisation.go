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
	// Scope is what the session is held to that the organisation was loaded for; nothing of it is saved.
	Scope EstablishmentScope
}

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
