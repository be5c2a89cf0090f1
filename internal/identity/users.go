package identity

import (
	"slices"
	"strconv"
	"time"
)

// UserFilter narrows a list of users; what is nil or empty doesn't. A user must fit all that is said.
type UserFilter struct {
	// Search finds a part of the name, the address or the user name, whatever the case.
	Search *string
	Role   *UserRole
	Status *UserStatus
	// Roles, Statuses and FactorKinds each name several, of which one must fit.
	Roles        []UserRole
	Statuses     []UserStatus
	Registration *Registration
	IsEnrolled   *bool
	FactorKinds  []FactorKind
	EmailRefused *bool
	HasSignedIn  *bool
	// LastSignInFrom and LastSignInUntil bound when a user last signed in, so that nobody fits who never did. From belongs to
	// the period, Until doesn't; CreatedFrom and CreatedUntil likewise.
	LastSignInFrom, LastSignInUntil *time.Time
	CreatedFrom, CreatedUntil       *time.Time
}

// Check refuses a text of over 200 characters and lists of over 20 values.
func (f UserFilter) Check() error {
	if len(f.Roles) > mostValues || len(f.Statuses) > mostValues || len(f.FactorKinds) > mostValues {
		return Refuse(BadUserInput, "filter")
	}
	return checkFilterText(f.Search, "filter", "search")
}

// WantsRemoved tells whether users who are gone fit too: nobody sees them who didn't ask for them.
func (f UserFilter) WantsRemoved() bool {
	return f.Status != nil && *f.Status == StatusRemoved || slices.Contains(f.Statuses, StatusRemoved)
}

// UserOrder is how a list of users is sorted.
type UserOrder struct {
	Field     UserOrderField
	Direction OrderDirection
}

// UserOrderField is what users can be sorted by.
type UserOrderField string

// What users can be sorted by; ties are broken by id. Roles and statuses stand in the order of UserRoles and UserStatuses, and
// the users of one by name; whoever never signed in stands before everybody who did.
const (
	ByDisplayName  UserOrderField = "DISPLAY_NAME"
	ByEmailAddress UserOrderField = "EMAIL"
	ByCreation     UserOrderField = "CREATED_AT"
	ByRole         UserOrderField = "ROLE"
	ByStatus       UserOrderField = "STATUS"
	ByLastSignIn   UserOrderField = "LAST_SIGN_IN_AT"
)

// UserOrderFields are what users can be sorted by.
var UserOrderFields = []UserOrderField{ByDisplayName, ByEmailAddress, ByCreation, ByRole, ByStatus, ByLastSignIn}

// Cursor is where a user stands in a list of that order.
func (o UserOrder) Cursor(u User) Cursor {
	name, id := Fold(u.DisplayName), string(u.ID)
	switch o.Field {
	case ByDisplayName:
		return Cursor{name, id}
	case ByEmailAddress:
		return Cursor{u.Email.Fold(), id}
	case ByRole:
		return Cursor{Rank(UserRoles, u.Role), name, id}
	case ByStatus:
		return Cursor{Rank(UserStatuses, u.Status()), name, id}
	case ByLastSignIn:
		var last time.Time // of whoever never did
		if u.LastSignInAt != nil {
			last = *u.LastSignInAt
		}
		return Cursor{SortableInstant(last), id}
	}
	return Cursor{id}
}

// Rank is where a value stands among all of its kind, of which there are nine at most: a digit.
func Rank[T comparable](all []T, value T) string { return strconv.Itoa(1 + slices.Index(all, value)) }

// SortableInstant writes an instant in UTC, to the microsecond, as both databases read it and SQLite keeps it.
func SortableInstant(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.999999-07:00") }
